/* SPDX-License-Identifier: MIT */
/* Instructions that compute. */
#include <common/emulation.h>

enum {
	RAX = 0,
	RCX = 1,
	RDX = 2
};

uint64_t bf_emu_source(const struct bf_emulation *e)
{
	switch (e->form) {
	case BF_EMU_RM_ONE:
		return 1;
	case BF_EMU_RM_CL:
		return bf_emu_reg(e, RCX, 1);
	case BF_EMU_RM_IMM:
	case BF_EMU_RM_IMM8:
		return e->insn.immediate & bf_emu_mask(e->size);
	default:
		return bf_emu_reg(e, BF_INSN_REG(&e->insn), e->size);
	}
}

static uint64_t change_alu(struct bf_emulation *e, uint64_t old)
{
	return bf_emu_alu(e->op, e->size, old, bf_emu_source(e), &e->rflags);
}

int bf_emu_run_alu(struct bf_emulation *e)
{
	uint64_t value;
	int status;

	if (e->form != BF_EMU_REG_RM)
		return bf_emu_update(e, e->insn.lock, change_alu, &value);
	status = bf_emu_load(e, &value);
	if (status)
		return status;
	value = bf_emu_alu(e->op, e->size, bf_emu_source(e), value, &e->rflags);
	bf_emu_set_reg(e, BF_INSN_REG(&e->insn), e->size, value);
	return 0;
}

int bf_emu_run_compare(struct bf_emulation *e)
{
	uint64_t value, source = bf_emu_source(e);
	int status = bf_emu_load(e, &value);

	if (status)
		return status;
	if (e->form == BF_EMU_REG_RM)
		(void)bf_emu_alu(e->op, e->size, source, value, &e->rflags);
	else
		(void)bf_emu_alu(e->op, e->size, value, source, &e->rflags);
	return 0;
}

static uint64_t change_unary(struct bf_emulation *e, uint64_t old)
{
	return bf_emu_unary(e->op, e->size, old, &e->rflags);
}

int bf_emu_run_unary(struct bf_emulation *e)
{
	uint64_t old;

	return bf_emu_update(e, e->insn.lock, change_unary, &old);
}

static uint64_t change_shift(struct bf_emulation *e, uint64_t old)
{
	return bf_emu_shift(e->op, e->size, old, (uint8_t)bf_emu_source(e), &e->rflags);
}

int bf_emu_run_shift(struct bf_emulation *e)
{
	uint64_t old;

	return bf_emu_update(e, false, change_shift, &old);
}

static uint64_t bit_mask(const struct bf_emulation *e)
{
	return 1ull << (bf_emu_source(e) & (8 * e->size - 1));
}

static void bit_to_carry(struct bf_emulation *e, uint64_t value)
{
	e->rflags &= ~RFLAGS_CF;
	if (value & bit_mask(e))
		e->rflags |= RFLAGS_CF;
}

/* A bit number in a register is signed and reaches beyond the operand. */
static void reach_bit(struct bf_emulation *e)
{
	uint32_t bits = 8 * e->size, unused = 64 - bits;
	int64_t number = (int64_t)(bf_emu_source(e) << unused) >> unused;

	if (e->form != BF_EMU_RM_REG)
		return;
	e->memory.offset += (uint64_t)((number - (number & (bits - 1))) / 8);
	e->memory.offset &= bf_emu_mask(e->address_size);
}

int bf_emu_run_bit_test(struct bf_emulation *e)
{
	uint64_t value;
	int status;

	reach_bit(e);
	status = bf_emu_load(e, &value);
	if (!status)
		bit_to_carry(e, value);
	return status;
}

static uint64_t change_bit(struct bf_emulation *e, uint64_t old)
{
	bit_to_carry(e, old);
	if (e->op == BF_EMU_BTS)
		return old | bit_mask(e);
	return e->op == BF_EMU_BTR ? old & ~bit_mask(e) : old ^ bit_mask(e);
}

int bf_emu_run_bit_change(struct bf_emulation *e)
{
	uint64_t old;

	reach_bit(e);
	return bf_emu_update(e, e->insn.lock, change_bit, &old);
}

static unsigned __int128 extended(const struct bf_emulation *e, uint64_t value)
{
	uint32_t unused = 64 - 8 * e->size;

	if (e->op == BF_EMU_MUL)
		return value;
	return (unsigned __int128)(__int128)((int64_t)(value << unused) >> unused);
}

/* CF and OF say that the product does not fit into one operand; the others are undefined. */
static unsigned __int128 product(struct bf_emulation *e, uint64_t a, uint64_t b)
{
	unsigned __int128 result = extended(e, a) * extended(e, b);
	uint64_t low = (uint64_t)result & bf_emu_mask(e->size);

	e->rflags &= ~(RFLAGS_CF | RFLAGS_OF);
	if (result != extended(e, low))
		e->rflags |= RFLAGS_CF | RFLAGS_OF;
	return result;
}

int bf_emu_run_multiply(struct bf_emulation *e)
{
	uint64_t value;
	int status = bf_emu_load(e, &value);
	unsigned __int128 result;

	if (status)
		return status;
	result = product(e, value, bf_emu_reg(e, RAX, e->size));
	if (e->size == 1) {
		bf_emu_set_reg(e, RAX, 2, (uint64_t)result);
		return 0;
	}
	bf_emu_set_reg(e, RAX, e->size, (uint64_t)result);
	bf_emu_set_reg(e, RDX, e->size, (uint64_t)(result >> 8 * e->size));
	return 0;
}

int bf_emu_run_multiply_to(struct bf_emulation *e)
{
	uint64_t value, other = e->insn.immediate & bf_emu_mask(e->size);
	int status = bf_emu_load(e, &value);

	if (status)
		return status;
	if (e->form == BF_EMU_REG_RM)
		other = bf_emu_source(e);
	bf_emu_set_reg(e, BF_INSN_REG(&e->insn), e->size, (uint64_t)product(e, value, other));
	return 0;
}

int bf_emu_run_none(struct bf_emulation *e)
{
	(void)e;
	return BF_ENOTSUP;
}
