/* SPDX-License-Identifier: MIT */
#include <common/emulation.h>

#define RSP 4u

static const struct {
	bf_emu_handler_fn run;
	bool lockable;
} ops[BF_EMU_OP_COUNT] = {
#define X(name, handler, lockable) [BF_EMU_##name] = {bf_emu_run_##handler, lockable},
	BF_EMU_OPS(X)
#undef X
};

/* LOCK goes with some operations, and only if memory is their destination. */
static bool lock_allowed(const struct bf_emulation *e)
{
	return ops[e->op].lockable && e->form != BF_EMU_REG_RM;
}

static uint64_t address_gpr(void *ctx, uint32_t number)
{
	const struct bf_emulation *e = ctx;

	return bf_emu_reg(e, number, 8) + (number == RSP && e->op == BF_EMU_POP ? e->size : 0);
}

static void find_memory(struct bf_emulation *e)
{
	if (e->insn.has_modrm) {
		e->memory = bf_insn_operand(&e->insn, e->mode, e->next, address_gpr, e);
		return;
	}
	e->memory = (struct bf_insn_operand){
		.segment = bf_insn_segment(&e->insn, e->mode, BF_SEG_DS),
		.offset = e->insn.immediate & bf_emu_mask(e->address_size),
	};
}

static int decoded(struct bf_emulation *e, const uint8_t *bytes, uint32_t count)
{
	int status = bf_emu_decode(e, bytes, count);

	e->emu->length = e->insn.length;
	/* No instruction is as long as that. */
	if (status == BF_ERANGE && count >= BF_INSN_MAX)
		return bf_emu_raise(e, BF_VECTOR_GP);
	if (status)
		return status;
	return e->insn.lock && !lock_allowed(e) ? bf_emu_raise(e, BF_VECTOR_UD) : 0;
}

int bf_emulate(struct bf_emu *emu, const uint8_t *bytes, uint32_t count)
{
	struct bf_emulation e;
	uint64_t rflags;
	int status;

	bf_emu_begin(&e, emu);
	status = decoded(&e, bytes, count);
	if (status)
		return status;
	rflags = e.rflags;
	e.next = e.rip + e.insn.length;
	find_memory(&e);
	emu->finished = true;
	status = ops[e.op].run(&e);
	if (status)
		return status;
	if (e.rflags != rflags)
		emu->cpu->set_rflags(emu->cpu_ctx, e.rflags);
	if (emu->finished)
		emu->next_rip = e.next;
	return 0;
}
