/* SPDX-License-Identifier: MIT */
/* Instructions that write memory and a register. */
#include <common/emulation.h>

enum {
	RAX = 0,
	RCX = 1,
	RDX = 2,
	RBX = 3
};

static uint64_t change_exchange(struct bf_emulation *e, uint64_t old)
{
	if (e->op == BF_EMU_XCHG)
		return bf_emu_source(e);
	if (e->op == BF_EMU_XADD)
		return bf_emu_alu(BF_EMU_ADD, e->size, old, bf_emu_source(e), &e->rflags);
	(void)bf_emu_alu(BF_EMU_CMP, e->size, bf_emu_reg(e, RAX, e->size), old, &e->rflags);
	/* Memory is written in any case (SDM volume 2, "CMPXCHG"). */
	return e->rflags & RFLAGS_ZF ? bf_emu_source(e) : old;
}

int bf_emu_run_exchange(struct bf_emulation *e)
{
	/* XCHG with memory is locked, whatever its prefixes say. */
	bool locked = e->insn.lock || e->op == BF_EMU_XCHG;
	uint64_t old;
	int status = bf_emu_update(e, locked, change_exchange, &old);

	if (status)
		return status;
	if (e->op != BF_EMU_CMPXCHG)
		bf_emu_set_reg(e, BF_INSN_REG(&e->insn), e->size, old);
	else if (!(e->rflags & RFLAGS_ZF))
		bf_emu_set_reg(e, RAX, e->size, old);
	return 0;
}

/* The two halves of a CMPXCHG8B or CMPXCHG16B operand in memory, and in a value. */
static void split(const struct bf_emulation *e, const uint64_t *value, uint64_t *half)
{
	half[0] = value[0] & bf_emu_mask(e->size);
	half[1] = e->size == 8 ? value[1] : value[0] >> 32;
}

static void join(const struct bf_emulation *e, uint64_t low, uint64_t high, uint64_t *value)
{
	value[0] = e->size == 8 ? low : low | high << 32;
	value[1] = e->size == 8 ? high : 0;
}

int bf_emu_run_exchange_wide(struct bf_emulation *e)
{
	struct bf_emu_access access;
	uint64_t half[2];
	int status;

	e->size = e->insn.rex & 8 ? 8 : 4;
	status = bf_emu_place(e, e->memory, 2 * e->size, true, &access);
	if (!status && e->size == 8 && (access.va & 15))
		status = bf_emu_raise(e, BF_VECTOR_GP);
	if (!status)
		status = bf_emu_read(e, &access);
	if (status)
		return status;
	split(e, access.value, half);
	join(e, half[0], half[1], access.expected);
	access.locked = e->insn.lock;
	e->rflags &= ~RFLAGS_ZF;
	if (half[0] == bf_emu_reg(e, RAX, e->size) && half[1] == bf_emu_reg(e, RDX, e->size)) {
		e->rflags |= RFLAGS_ZF;
		join(e, bf_emu_reg(e, RBX, e->size), bf_emu_reg(e, RCX, e->size), access.value);
	}
	status = bf_emu_write(e, &access);
	if (status || (e->rflags & RFLAGS_ZF))
		return status;
	bf_emu_set_reg(e, RAX, e->size, half[0]);
	bf_emu_set_reg(e, RDX, e->size, half[1]);
	return 0;
}
