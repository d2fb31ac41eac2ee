/* SPDX-License-Identifier: MIT */
/* Instructions that move between memory and a register. */
#include <common/emulation.h>

#define RAX 0

/* Segment registers by number (SDM volume 2, table B-8). */
#define SEGMENT_REGISTERS 6u

static bool accumulator(const struct bf_emulation *e)
{
	return e->form == BF_EMU_MOFFS_ACC || e->form == BF_EMU_ACC_MOFFS;
}

static void set_destination(struct bf_emulation *e, uint64_t value)
{
	bf_emu_set_reg(e, accumulator(e) ? RAX : BF_INSN_REG(&e->insn), e->size, value);
}

int bf_emu_run_move(struct bf_emulation *e)
{
	uint64_t value;
	int status;

	if (e->form == BF_EMU_MOFFS_ACC)
		return bf_emu_store(e, bf_emu_reg(e, RAX, e->size));
	if (e->form != BF_EMU_REG_RM && e->form != BF_EMU_ACC_MOFFS)
		return bf_emu_store(e, bf_emu_source(e));
	status = bf_emu_load(e, &value);
	if (!status)
		set_destination(e, value);
	return status;
}

int bf_emu_run_move_extended(struct bf_emulation *e)
{
	uint32_t unused = 64 - 8 * e->memory_size;
	uint64_t value;
	int status = bf_emu_load(e, &value);

	if (status)
		return status;
	if (e->op == BF_EMU_MOVSX)
		value = (uint64_t)((int64_t)(value << unused) >> unused);
	set_destination(e, value & bf_emu_mask(e->size));
	return 0;
}

int bf_emu_run_move_swapped(struct bf_emulation *e)
{
	uint32_t unused = 64 - 8 * e->size;
	uint64_t value;
	int status;

	if (e->form == BF_EMU_RM_REG)
		return bf_emu_store(e, __builtin_bswap64(bf_emu_source(e)) >> unused);
	status = bf_emu_load(e, &value);
	if (!status)
		set_destination(e, __builtin_bswap64(value) >> unused);
	return status;
}

int bf_emu_run_move_segment(struct bf_emulation *e)
{
	const struct bf_emu *emu = e->emu;
	uint32_t number = e->insn.modrm >> 3 & 7;

	if (number >= SEGMENT_REGISTERS)
		return bf_emu_raise(e, BF_VECTOR_UD);
	return bf_emu_store(e, emu->cpu->get(emu->cpu_ctx, BF_ES_SELECTOR + number));
}

/* The load happens, and the upper half of a 32-bit register is cleared, in either case. */
int bf_emu_run_move_if(struct bf_emulation *e)
{
	uint64_t value;
	int status = bf_emu_load(e, &value);

	if (status)
		return status;
	if (!bf_emu_condition(e->insn.opcode, e->rflags))
		value = bf_emu_source(e);
	set_destination(e, value);
	return 0;
}

int bf_emu_run_set_if(struct bf_emulation *e)
{
	return bf_emu_store(e, bf_emu_condition(e->insn.opcode, e->rflags));
}
