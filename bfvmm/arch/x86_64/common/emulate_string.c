/* SPDX-License-Identifier: MIT */
/* MOVS, STOS, LODS, CMPS and SCAS. */
#include <common/emulation.h>

#define RAX 0

static int moves(struct bf_emulation *e, struct bf_emu_string *s)
{
	struct bf_emu_access from, to;
	int status = bf_emu_from(e, s, &from);

	if (!status)
		status = bf_emu_to(e, s, true, &to);
	if (!status)
		status = bf_emu_read(e, &from);
	if (status)
		return status;
	to.value[0] = from.value[0];
	return bf_emu_write(e, &to);
}

static int stores(struct bf_emulation *e, struct bf_emu_string *s)
{
	struct bf_emu_access to;
	int status = bf_emu_to(e, s, true, &to);

	if (status)
		return status;
	to.value[0] = bf_emu_reg(e, RAX, e->size);
	return bf_emu_write(e, &to);
}

static int loads(struct bf_emulation *e, struct bf_emu_string *s)
{
	struct bf_emu_access from;
	int status = bf_emu_from(e, s, &from);

	if (!status)
		status = bf_emu_read(e, &from);
	if (!status)
		bf_emu_set_reg(e, RAX, e->size, from.value[0]);
	return status;
}

static void compare(struct bf_emulation *e, uint64_t a, uint64_t b)
{
	(void)bf_emu_alu(BF_EMU_CMP, e->size, a, b, &e->rflags);
}

static int compares(struct bf_emulation *e, struct bf_emu_string *s)
{
	struct bf_emu_access from, to;
	int status = bf_emu_from(e, s, &from);

	if (!status)
		status = bf_emu_to(e, s, false, &to);
	if (!status)
		status = bf_emu_read(e, &from);
	if (!status)
		status = bf_emu_read(e, &to);
	if (!status)
		compare(e, from.value[0], to.value[0]);
	return status;
}

static int scans(struct bf_emulation *e, struct bf_emu_string *s)
{
	struct bf_emu_access to;
	int status = bf_emu_to(e, s, false, &to);

	if (!status)
		status = bf_emu_read(e, &to);
	if (!status)
		compare(e, bf_emu_reg(e, RAX, e->size), to.value[0]);
	return status;
}

static const struct {
	bf_emu_element_fn element;
	bool has_from, has_to;
} strings[BF_EMU_OP_COUNT] = {
	[BF_EMU_MOVS] = {moves, true, true},   [BF_EMU_CMPS] = {compares, true, true},
	[BF_EMU_STOS] = {stores, false, true}, [BF_EMU_LODS] = {loads, true, false},
	[BF_EMU_SCAS] = {scans, false, true},
};

int bf_emu_run_string(struct bf_emulation *e)
{
	struct bf_emu_string s = {
		.repeated = e->insn.repeat,
		.has_from = strings[e->op].has_from,
		.has_to = strings[e->op].has_to,
		.segment = bf_insn_segment(&e->insn, e->mode, BF_SEG_DS),
	};

	return bf_emu_repeat(e, &s, strings[e->op].element);
}
