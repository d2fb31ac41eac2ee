/* SPDX-License-Identifier: MIT */
/* Segmentation (SDM volume 3, chapter 5; APM volume 2, chapter 4) and accesses to memory. */
#include <common/emulation.h>

#define VECTOR_SS 12
#define VECTOR_AC 17

#define CANONICAL_BITS      48
#define CANONICAL_BITS_LA57 57

#define TYPE_CODE        0x8u
#define TYPE_EXPAND_DOWN 0x4u /* of data */
#define TYPE_ALLOWS      0x2u /* writes to data, reads of code */

/* How often a change that another CPU got ahead of is tried again before the guest tries. */
#define UPDATE_TRIES 16

#define FIELDS_OF(name) [BF_SEG_##name] = {BF_##name##_BASE, BF_##name##_LIMIT, BF_##name##_ACCESS}

static const struct {
	uint8_t base, limit, access;
} fields[BF_SEG_COUNT] = {
	FIELDS_OF(ES), FIELDS_OF(CS), FIELDS_OF(SS), FIELDS_OF(DS), FIELDS_OF(FS), FIELDS_OF(GS),
};

static const struct bf_emu_segment *segment(struct bf_emulation *e, enum bf_seg number)
{
	struct bf_emu_segment *s = &e->segment[number];
	const struct bf_emu *emu = e->emu;

	if (s->known)
		return s;
	s->known = true;
	if (bf_insn_has_base(number, e->mode))
		s->base = emu->cpu->get(emu->cpu_ctx, fields[number].base);
	if (e->mode == BF_INSN_64)
		return s;
	s->limit = (uint32_t)emu->cpu->get(emu->cpu_ctx, fields[number].limit);
	s->access = (uint32_t)emu->cpu->get(emu->cpu_ctx, fields[number].access);
	return s;
}

static bool sign_extends(uint64_t va, uint32_t bits)
{
	int64_t top = (int64_t)va >> (bits - 1);

	return top == 0 || top == -1;
}

bool bf_emu_canonical(const struct bf_emulation *e, uint64_t va)
{
	const struct bf_emu *emu = e->emu;

	if (sign_extends(va, CANONICAL_BITS))
		return true;
	return (emu->cpu->get(emu->cpu_ctx, BF_CR4) & CR4_LA57) &&
	       sign_extends(va, CANONICAL_BITS_LA57);
}

static bool allows(const struct bf_emu_segment *s, bool write)
{
	if ((s->access & BF_AR_UNUSABLE) || !(s->access & BF_AR_P))
		return false;
	if (s->access & TYPE_CODE)
		return !write && (s->access & TYPE_ALLOWS);
	return !write || (s->access & TYPE_ALLOWS);
}

static bool within(const struct bf_emu_segment *s, bool real, uint64_t first, uint64_t last)
{
	if (real || (s->access & TYPE_CODE) || !(s->access & TYPE_EXPAND_DOWN))
		return last <= s->limit;
	return first > s->limit && last <= (s->access & BF_AR_DB ? UINT32_MAX : UINT16_MAX);
}

static bool permitted(struct bf_emulation *e, const struct bf_emu_segment *s, uint64_t offset,
		      uint32_t bytes, bool write)
{
	if (e->mode == BF_INSN_64)
		return bf_emu_canonical(e, s->base + offset) &&
		       bf_emu_canonical(e, s->base + offset + bytes - 1);
	return (e->real || allows(s, write)) && within(s, e->real, offset, offset + bytes - 1);
}

/* Alignment faults have the lowest priority: whoever asks has checked everything else. */
static bool misaligned(const struct bf_emulation *e, const struct bf_emu_access *access)
{
	const struct bf_emu *emu = e->emu;

	return (access->va & (access->size - 1)) && (e->rflags & RFLAGS_AC) &&
	       emu->cpu->get(emu->cpu_ctx, BF_CPL) == 3 &&
	       (emu->cpu->get(emu->cpu_ctx, BF_CR0) & CR0_AM);
}

int bf_emu_place(struct bf_emulation *e, struct bf_insn_operand at, uint32_t bytes, bool write,
		 struct bf_emu_access *access)
{
	const struct bf_emu_segment *s = segment(e, at.segment);
	int status;

	*access = (struct bf_emu_access){
		.va = bf_insn_linear(e->mode, s->base, at.offset),
		.size = (uint8_t)bytes,
		.write = write,
	};
	if (!permitted(e, s, at.offset, bytes, write))
		return bf_emu_raise(e, at.segment == BF_SEG_SS ? VECTOR_SS : BF_VECTOR_GP);
	if (!misaligned(e, access))
		return 0;
	status = bf_emu_check(e, access);
	return status ? status : bf_emu_raise(e, VECTOR_AC);
}

/* What a callback said; it alone knows what fault its memory raises. */
static int said(struct bf_emulation *e, const struct bf_emu_access *access, int status)
{
	if (status == BF_EFAULT)
		e->emu->fault = access->fault;
	return status;
}

int bf_emu_check(struct bf_emulation *e, struct bf_emu_access *access)
{
	const struct bf_emu *emu = e->emu;

	return emu->bus->check ? said(e, access, emu->bus->check(emu->bus_ctx, access)) : 0;
}

int bf_emu_read(struct bf_emulation *e, struct bf_emu_access *access)
{
	const struct bf_emu *emu = e->emu;
	int status = said(e, access, emu->bus->read(emu->bus_ctx, access));

	access->value[0] &= bf_emu_mask(access->size);
	return status;
}

int bf_emu_write(struct bf_emulation *e, struct bf_emu_access *access)
{
	const struct bf_emu *emu = e->emu;

	access->write = true;
	return said(e, access, emu->bus->write(emu->bus_ctx, access));
}

int bf_emu_load(struct bf_emulation *e, uint64_t *value)
{
	struct bf_emu_access access;
	int status = bf_emu_place(e, e->memory, e->memory_size, false, &access);

	if (!status)
		status = bf_emu_read(e, &access);
	*value = status ? 0 : access.value[0];
	return status;
}

int bf_emu_store(struct bf_emulation *e, uint64_t value)
{
	struct bf_emu_access access;
	int status = bf_emu_place(e, e->memory, e->memory_size, true, &access);

	if (status)
		return status;
	access.value[0] = value & bf_emu_mask(access.size);
	return bf_emu_write(e, &access);
}

/* One try of a change. */
static int change_once(struct bf_emulation *e, struct bf_emu_access *access,
		       bf_emu_change_fn change, uint64_t *old)
{
	int status = bf_emu_read(e, access);

	if (status)
		return status;
	*old = access->expected[0] = access->value[0];
	access->value[0] = change(e, *old) & bf_emu_mask(access->size);
	return bf_emu_write(e, access);
}

int bf_emu_update(struct bf_emulation *e, bool locked, bf_emu_change_fn change, uint64_t *old)
{
	struct bf_emu_access access;
	uint64_t rflags = e->rflags;
	int status = bf_emu_place(e, e->memory, e->memory_size, true, &access);

	if (status)
		return status;
	access.locked = locked;
	for (uint32_t i = 0; i < UPDATE_TRIES; i++) {
		e->rflags = rflags;
		status = change_once(e, &access, change, old);
		if (status != BF_EMU_AGAIN)
			break;
	}
	return status;
}
