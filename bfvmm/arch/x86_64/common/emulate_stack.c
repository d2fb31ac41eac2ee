/* SPDX-License-Identifier: MIT */
/* PUSH, POP, CALL and JMP with an operand in memory. */
#include <common/emulation.h>

#define RSP 4u

static uint32_t stack_bytes(const struct bf_emulation *e)
{
	const struct bf_emu *emu = e->emu;

	if (e->mode == BF_INSN_64)
		return 8;
	return emu->cpu->get(emu->cpu_ctx, BF_SS_ACCESS) & BF_AR_DB ? 4 : 2;
}

static struct bf_insn_operand stack_at(const struct bf_emulation *e, uint64_t change)
{
	return (struct bf_insn_operand){
		.segment = BF_SEG_SS,
		.offset = (bf_emu_reg(e, RSP, 8) + change) & bf_emu_mask(stack_bytes(e)),
	};
}

/* Describes an access and asks for the right to it. */
static int prepare(struct bf_emulation *e, struct bf_insn_operand at, bool write,
		   struct bf_emu_access *access)
{
	int status = bf_emu_place(e, at, e->size, write, access);

	return status ? status : bf_emu_check(e, access);
}

/* Writes what was read, once both are known to be possible. */
static int copy(struct bf_emulation *e, struct bf_emu_access *from, struct bf_emu_access *to)
{
	int status = bf_emu_read(e, from);

	if (status)
		return status;
	to->value[0] = from->value[0];
	return bf_emu_write(e, to);
}

int bf_emu_run_push(struct bf_emulation *e)
{
	struct bf_insn_operand top = stack_at(e, -(uint64_t)e->size);
	struct bf_emu_access from, to;
	int status = prepare(e, e->memory, false, &from);

	if (!status)
		status = prepare(e, top, true, &to);
	if (!status)
		status = copy(e, &from, &to);
	if (!status)
		bf_emu_set_address(e, RSP, stack_bytes(e), top.offset);
	return status;
}

/* e->memory was computed with RSP as it is behind the pop. */
int bf_emu_run_pop(struct bf_emulation *e)
{
	struct bf_emu_access from, to;
	int status = prepare(e, stack_at(e, 0), false, &from);

	if (!status)
		status = prepare(e, e->memory, true, &to);
	if (!status)
		status = copy(e, &from, &to);
	if (!status)
		bf_emu_set_address(e, RSP, stack_bytes(e), stack_at(e, e->size).offset);
	return status;
}

/* CS can be read as data to no other end than this check of a jump's target. */
static bool reachable(struct bf_emulation *e, uint64_t target)
{
	const struct bf_emu *emu = e->emu;

	if (e->mode == BF_INSN_64)
		return bf_emu_canonical(e, target);
	return target <= emu->cpu->get(emu->cpu_ctx, BF_CS_LIMIT);
}

/*
 * Processors differ in what prefix 66 does to branches of 64-bit code; and with CET a branch has
 * more effects.
 */
static bool is_other(const struct bf_emulation *e)
{
	const struct bf_emu *emu = e->emu;

	if (e->mode == BF_INSN_64 && e->insn.operand_size)
		return true;
	return emu->cpu->get(emu->cpu_ctx, BF_CR4) & CR4_CET;
}

int bf_emu_run_jump(struct bf_emulation *e)
{
	uint64_t target;
	int status = is_other(e) ? BF_ENOTSUP : bf_emu_load(e, &target);

	if (status)
		return status;
	if (!reachable(e, target))
		return bf_emu_raise(e, BF_VECTOR_GP);
	e->next = target;
	return 0;
}

int bf_emu_run_call(struct bf_emulation *e)
{
	struct bf_insn_operand top = stack_at(e, -(uint64_t)e->size);
	uint64_t back = e->next & bf_emu_mask(e->size);
	struct bf_emu_access from, to;
	int status = is_other(e) ? BF_ENOTSUP : prepare(e, e->memory, false, &from);

	if (!status)
		status = prepare(e, top, true, &to);
	if (!status)
		status = bf_emu_run_jump(e);
	if (status)
		return status;
	to.value[0] = back;
	status = bf_emu_write(e, &to);
	if (!status)
		bf_emu_set_address(e, RSP, stack_bytes(e), top.offset);
	return status;
}
