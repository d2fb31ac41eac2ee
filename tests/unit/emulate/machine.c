/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "machine.h"

#define PF_WRITE   2u
#define FLAT_LIMIT 0xffffffffu

static uint64_t gpr(void *ctx, uint32_t number)
{
	return ((struct machine *)ctx)->gpr[number];
}

static void set_gpr(void *ctx, uint32_t number, uint64_t value)
{
	((struct machine *)ctx)->gpr[number] = value;
}

static uint64_t get(void *ctx, enum bf_field field)
{
	return ((struct machine *)ctx)->field[field];
}

static void set_rflags(void *ctx, uint64_t value)
{
	struct machine *m = ctx;

	m->field[BF_RFLAGS] = value;
	m->rflags_written++;
}

const struct bf_emu_cpu machine_cpu = {gpr, set_gpr, get, set_rflags};

static void note(struct machine *m, const struct machine_event *event)
{
	if (m->events < MACHINE_LOG)
		m->log[m->events] = *event;
	m->events++;
}

/* @return what the callback has to return if it is not to do its work */
static int begin(struct machine *m, enum machine_event_kind kind, struct bf_emu_access *access)
{
	struct machine_event event = {.kind = kind, .access = *access};
	uint64_t last = access->va + access->size - 1;

	note(m, &event);
	access->fault = (struct bf_emu_fault){
		.vector = BF_VECTOR_PF,
		.has_error = true,
		.error_code = access->write ? PF_WRITE : 0,
		.address = access->va,
	};
	if (m->fail_at && m->events == m->fail_at)
		return m->fail;
	if (m->no_read && last >= m->no_read)
		return BF_EFAULT;
	return access->write && m->no_write && last >= m->no_write ? BF_EFAULT : 0;
}

/* @return the memory of an access; NULL where there is none */
static uint8_t *at(const struct machine *m, const struct bf_emu_access *access)
{
	uint64_t offset = access->va - m->base;

	return offset <= m->bytes && access->size <= m->bytes - offset ? m->memory + offset : NULL;
}

static int check(void *ctx, struct bf_emu_access *access)
{
	return begin(ctx, MACHINE_CHECK, access);
}

static int read(void *ctx, struct bf_emu_access *access)
{
	struct machine *m = ctx;
	int status = begin(m, MACHINE_READ, access);
	const uint8_t *from = at(m, access);

	memset(access->value, 0, sizeof(access->value));
	if (!status && !from)
		return BF_ENOENT;
	if (!status)
		memcpy(access->value, from, access->size);
	return status;
}

static int write(void *ctx, struct bf_emu_access *access)
{
	struct machine *m = ctx;
	int status = begin(m, MACHINE_WRITE, access);
	uint8_t *to = at(m, access);

	if (!status && !to)
		return BF_ENOENT;
	if (!status && access->locked && m->races) {
		m->races--;
		*to ^= (uint8_t)m->race_xor;
	}
	if (!status && access->locked && memcmp(to, access->expected, access->size) != 0)
		return BF_EMU_AGAIN;
	if (!status)
		memcpy(to, access->value, access->size);
	return status;
}

static int port(struct machine *m, enum machine_event_kind kind, uint16_t number, uint32_t size,
		uint32_t value)
{
	struct machine_event event = {.kind = kind, .port = number, .size = size, .value = value};

	note(m, &event);
	return m->fail_at && m->events == m->fail_at ? m->fail : 0;
}

static int in(void *ctx, uint16_t number, uint32_t size, uint32_t *value)
{
	struct machine *m = ctx;

	*value = m->in_value++;
	return port(m, MACHINE_IN, number, size, *value);
}

static int out(void *ctx, uint16_t number, uint32_t size, uint32_t value)
{
	return port(ctx, MACHINE_OUT, number, size, value);
}

const struct bf_emu_bus machine_bus = {check, read, write, in, out};

void machine_init(struct machine *m, enum bf_insn_mode mode)
{
	static const uint32_t code[] = {
		[BF_INSN_16] = MACHINE_CODE_16,
		[BF_INSN_32] = MACHINE_CODE_32,
		[BF_INSN_64] = MACHINE_CODE_64,
	};

	memset(m, 0, sizeof(*m));
	m->fail = BF_EFAULT;
	m->field[BF_RIP] = 0x1000;
	m->field[BF_RFLAGS] = RFLAGS_FIXED;
	m->field[BF_CR0] = CR0_PE | CR0_PG;
	m->field[BF_EFER] = mode == BF_INSN_64 ? EFER_LME | EFER_LMA : 0;
	for (int i = 0; i < BF_SEG_COUNT; i++) {
		m->field[BF_ES_ACCESS + i] = i == BF_SEG_CS ? code[mode] : MACHINE_DATA;
		m->field[BF_ES_LIMIT + i] = FLAT_LIMIT;
	}
}

struct bf_emu machine_emu(struct machine *m)
{
	return (struct bf_emu){
		.cpu = &machine_cpu, .cpu_ctx = m, .bus = &machine_bus, .bus_ctx = m};
}

uint32_t machine_count(const struct machine *m, enum machine_event_kind kind)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < m->events && i < MACHINE_LOG; i++)
		count += m->log[i].kind == kind;
	return count;
}
