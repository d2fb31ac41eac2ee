/* SPDX-License-Identifier: MIT */
/* What all string instructions share: their registers and the REP prefixes. */
#include <common/emulation.h>

enum {
	RCX = 1,
	RSI = 6,
	RDI = 7
};

#define REPE        0xf3
#define PAGE_SHIFT  12
#define LIMIT_BYTES 4096u

static uint64_t address_register(const struct bf_emulation *e, uint32_t number)
{
	return bf_emu_reg(e, number, 8) & bf_emu_mask(e->address_size);
}

/* A single step is a trap behind each iteration (SDM volume 3, 18.3.1.4). */
static uint32_t limit_of(const struct bf_emulation *e)
{
	if (e->rflags & RFLAGS_TF)
		return 1;
	return e->emu->limit ? e->emu->limit : LIMIT_BYTES / e->size;
}

/* CMPS and SCAS also end when their prefix does not fit the comparison. */
static bool ended(const struct bf_emulation *e, const struct bf_emu_string *s)
{
	bool compares = e->op == BF_EMU_CMPS || e->op == BF_EMU_SCAS;

	if (!s->count)
		return true;
	return compares && !(e->rflags & RFLAGS_ZF) != (e->insn.repeat != REPE);
}

static int iterate(struct bf_emulation *e, struct bf_emu_string *s, bf_emu_element_fn element)
{
	uint64_t step = e->rflags & RFLAGS_DF ? -(uint64_t)e->size : e->size;
	uint32_t limit = limit_of(e);
	struct bf_emu *emu = e->emu;

	emu->finished = !s->count;
	while (!emu->finished && emu->iterations < limit) {
		int status = element(e, s);

		if (status)
			return status;
		s->from += step;
		s->to += step;
		s->count--;
		emu->iterations++;
		emu->finished = ended(e, s);
	}
	return 0;
}

int bf_emu_repeat(struct bf_emulation *e, struct bf_emu_string *s, bf_emu_element_fn element)
{
	struct bf_emu *emu = e->emu;
	int status;

	s->from = address_register(e, RSI);
	s->to = address_register(e, RDI);
	s->count = s->repeated ? address_register(e, RCX) : 1;
	status = iterate(e, s, element);
	if (!emu->iterations)
		return status;
	if (s->repeated)
		bf_emu_set_address(e, RCX, e->address_size, s->count);
	if (s->has_from)
		bf_emu_set_address(e, RSI, e->address_size, s->from);
	if (s->has_to)
		bf_emu_set_address(e, RDI, e->address_size, s->to);
	/* Something was done: the guest goes on from there. */
	return status == BF_EMU_AGAIN ? 0 : status;
}

/* @p page remembers what was asked for, so that a long string asks once for each page. */
static int ask(struct bf_emulation *e, struct bf_insn_operand at, bool write, uint64_t *page,
	       struct bf_emu_access *access)
{
	int status = bf_emu_place(e, at, e->size, write, access);
	uint64_t first = access->va >> PAGE_SHIFT << 1 | 1;
	uint64_t last = (access->va + e->size - 1) >> PAGE_SHIFT << 1 | 1;

	if (status || (first == *page && last == *page))
		return status;
	*page = first;
	return bf_emu_check(e, access);
}

int bf_emu_from(struct bf_emulation *e, struct bf_emu_string *s, struct bf_emu_access *access)
{
	struct bf_insn_operand at = {s->segment, s->from & bf_emu_mask(e->address_size)};

	return ask(e, at, false, &s->pages[0], access);
}

int bf_emu_to(struct bf_emulation *e, struct bf_emu_string *s, bool write,
	      struct bf_emu_access *access)
{
	struct bf_insn_operand at = {BF_SEG_ES, s->to & bf_emu_mask(e->address_size)};

	return ask(e, at, write, &s->pages[1], access);
}
