/* SPDX-License-Identifier: MIT */
#include <common/emulate_opcodes.h>

#define OPCODE_MOVSXD 0x63
#define OPCODE_MOVNTI 0xc3

static uint32_t operand_size(const struct bf_emulation *e, uint8_t flags)
{
	uint32_t size = bf_insn_operand_bytes(&e->insn, e->mode);

	if (flags & BF_EMU_BYTE)
		return 1;
	return (flags & BF_EMU_STACK) && e->mode == BF_INSN_64 && size == 4 ? 8 : size;
}

static uint32_t memory_size(const struct bf_emulation *e, uint8_t flags)
{
	if (flags & BF_EMU_FROM8)
		return 1;
	if (flags & BF_EMU_FROM16)
		return 2;
	return flags & BF_EMU_FROM32 ? 4 : e->size;
}

static uint32_t immediate_bytes(const struct bf_emulation *e)
{
	switch (e->form) {
	case BF_EMU_RM_IMM:
	case BF_EMU_REG_RM_IMM:
		return e->size < 4 ? e->size : 4;
	case BF_EMU_RM_IMM8:
	case BF_EMU_REG_RM_IMM8:
		return 1;
	case BF_EMU_MOFFS_ACC:
	case BF_EMU_ACC_MOFFS:
		return e->address_size;
	default:
		return 0;
	}
}

static bool has_modrm(uint8_t form)
{
	return form != BF_EMU_IMPLIED && form != BF_EMU_MOFFS_ACC && form != BF_EMU_ACC_MOFFS;
}

/* Encodings that mean something else in some mode or with some prefix. */
static bool is_other(const struct bf_emulation *e)
{
	const struct bf_insn *insn = &e->insn;

	if (insn->map == 1 && insn->opcode == OPCODE_MOVSXD)
		return e->mode != BF_INSN_64; /* ARPL */
	return insn->map == 2 && insn->opcode == OPCODE_MOVNTI &&
	       (insn->operand_size || insn->repeat);
}

/* Reads what follows the opcode. */
static int read_operands(struct bf_emulation *e, struct bf_insn_reader *r)
{
	const struct bf_emu_opcode *row = bf_emu_opcode(&e->insn);

	if (row->form == BF_EMU_UNKNOWN)
		return BF_ENOTSUP;
	if (has_modrm(row->form) && !bf_insn_read_modrm(r, e->mode, false, &e->insn))
		return BF_ERANGE;
	if (row->form == BF_EMU_GROUP)
		row = bf_emu_group(row->op, &e->insn);
	if (row->form == BF_EMU_UNKNOWN)
		return BF_ENOTSUP;
	e->op = row->op;
	e->form = row->form;
	e->size = operand_size(e, row->flags);
	e->memory_size = memory_size(e, row->flags);
	return bf_insn_read_immediate(r, immediate_bytes(e), &e->insn) ? 0 : BF_ERANGE;
}

int bf_emu_decode(struct bf_emulation *e, const uint8_t *bytes, uint32_t count)
{
	struct bf_insn_reader r = bf_insn_reader(bytes, count);
	int status;

	if (!bf_insn_read_opcode(&r, e->mode, &e->insn))
		return BF_ERANGE;
	e->address_size = bf_insn_address_bytes(&e->insn, e->mode);
	status = read_operands(e, &r);
	if (status)
		return status;
	e->insn.length = (uint8_t)r.at;
	if (e->insn.has_modrm && BF_INSN_MOD(&e->insn) == 3)
		return BF_EINVAL;
	return e->op == BF_EMU_NONE || is_other(e) ? BF_ENOTSUP : 0;
}
