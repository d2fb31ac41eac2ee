/* SPDX-License-Identifier: MIT */
/* Registers, flags and exceptions of the CPU that the emulator stands in for. */
#include <common/emulation.h>

void bf_emu_begin(struct bf_emulation *e, struct bf_emu *emu)
{
	uint64_t efer = emu->cpu->get(emu->cpu_ctx, BF_EFER);
	uint32_t cs = (uint32_t)emu->cpu->get(emu->cpu_ctx, BF_CS_ACCESS);
	bool protected_mode = true;

	*e = (struct bf_emulation){.emu = emu};
	e->rip = emu->cpu->get(emu->cpu_ctx, BF_RIP);
	e->rflags = emu->cpu->get(emu->cpu_ctx, BF_RFLAGS);
	e->mode = bf_insn_mode(efer, cs, e->rflags);
	if (!(efer & EFER_LMA))
		protected_mode = emu->cpu->get(emu->cpu_ctx, BF_CR0) & CR0_PE;
	e->real = !protected_mode || (e->rflags & RFLAGS_VM);
	e->error_codes = protected_mode;
	emu->next_rip = e->rip;
	emu->finished = false;
	emu->iterations = 0;
	emu->length = 0;
	emu->fault = (struct bf_emu_fault){0};
}

/* Without REX, byte registers 4 … 7 are the second bytes of registers 0 … 3. */
static bool is_second_byte(const struct bf_emulation *e, uint32_t number, uint32_t bytes)
{
	return bytes == 1 && number >= 4 && !e->insn.rex;
}

uint64_t bf_emu_reg(const struct bf_emulation *e, uint32_t number, uint32_t bytes)
{
	const struct bf_emu *emu = e->emu;

	if (is_second_byte(e, number, bytes))
		return emu->cpu->gpr(emu->cpu_ctx, number - 4) >> 8 & 0xff;
	return emu->cpu->gpr(emu->cpu_ctx, number) & bf_emu_mask(bytes);
}

/* Writes of 32 bits clear the upper half of a register, narrower ones leave the rest alone. */
void bf_emu_set_address(const struct bf_emulation *e, uint32_t number, uint32_t bytes,
			uint64_t value)
{
	const struct bf_emu *emu = e->emu;
	uint64_t mask = bf_emu_mask(bytes);

	value &= mask;
	if (bytes < 4)
		value |= emu->cpu->gpr(emu->cpu_ctx, number) & ~mask;
	emu->cpu->set_gpr(emu->cpu_ctx, number, value);
}

void bf_emu_set_reg(const struct bf_emulation *e, uint32_t number, uint32_t bytes, uint64_t value)
{
	const struct bf_emu *emu = e->emu;
	uint64_t old;

	if (!is_second_byte(e, number, bytes)) {
		bf_emu_set_address(e, number, bytes, value);
		return;
	}
	old = emu->cpu->gpr(emu->cpu_ctx, number - 4);
	emu->cpu->set_gpr(emu->cpu_ctx, number - 4, (old & ~0xff00ull) | (value & 0xff) << 8);
}

bool bf_emu_condition(uint32_t code, uint64_t f)
{
	bool less = !(f & RFLAGS_SF) != !(f & RFLAGS_OF);
	const bool holds[8] = {
		f & RFLAGS_OF, f & RFLAGS_CF, f & RFLAGS_ZF, f & (RFLAGS_CF | RFLAGS_ZF),
		f & RFLAGS_SF, f & RFLAGS_PF, less,          less || (f & RFLAGS_ZF),
	};

	return holds[code >> 1 & 7] != (code & 1);
}

int bf_emu_raise(struct bf_emulation *e, uint8_t vector)
{
	e->emu->fault = (struct bf_emu_fault){
		.vector = vector,
		.has_error = e->error_codes && vector != BF_VECTOR_UD,
	};
	return BF_EFAULT;
}
