/* SPDX-License-Identifier: MIT */
/* Integer arithmetic and its flags (SDM volume 1, 3.4.3.1 and appendix A). */
#include <common/emulation.h>

#define STATUS_FLAGS (RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF)

static bool top(uint32_t bytes, uint64_t value)
{
	return value >> (8 * bytes - 1) & 1;
}

static bool even_parity(uint64_t value)
{
	return !__builtin_parity((uint8_t)value);
}

/* The flags that tell of the result alone. */
static uint64_t result_flags(uint32_t bytes, uint64_t result)
{
	return (result ? 0 : RFLAGS_ZF) | (top(bytes, result) ? RFLAGS_SF : 0) |
	       (even_parity(result) ? RFLAGS_PF : 0);
}

/* @p carries: into the next bit, out of each bit. */
static uint64_t sum_flags(uint32_t bytes, uint64_t result, uint64_t carries, bool overflow)
{
	return result_flags(bytes, result) | (top(bytes, carries) ? RFLAGS_CF : 0) |
	       (carries & 8 ? RFLAGS_AF : 0) | (overflow ? RFLAGS_OF : 0);
}

static uint64_t add(uint32_t bytes, uint64_t a, uint64_t b, bool carry, uint64_t *flags)
{
	uint64_t sum = (a + b + carry) & bf_emu_mask(bytes);

	*flags = sum_flags(bytes, sum, (a & b) | ((a | b) & ~sum),
			   top(bytes, (a ^ sum) & (b ^ sum)));
	return sum;
}

static uint64_t subtract(uint32_t bytes, uint64_t a, uint64_t b, bool borrow, uint64_t *flags)
{
	uint64_t difference = (a - b - borrow) & bf_emu_mask(bytes);

	*flags = sum_flags(bytes, difference, (~a & b) | ((~a | b) & difference),
			   top(bytes, (a ^ b) & (a ^ difference)));
	return difference;
}

/* AF is undefined; CPUs clear it. */
static uint64_t logic(uint32_t bytes, uint64_t result, uint64_t *flags)
{
	*flags = result_flags(bytes, result);
	return result;
}

static uint64_t compute(enum bf_emu_op op, uint32_t bytes, uint64_t a, uint64_t b, bool carry,
			uint64_t *flags)
{
	switch (op) {
	case BF_EMU_ADD:
		return add(bytes, a, b, false, flags);
	case BF_EMU_ADC:
		return add(bytes, a, b, carry, flags);
	case BF_EMU_SBB:
		return subtract(bytes, a, b, carry, flags);
	case BF_EMU_OR:
		return logic(bytes, a | b, flags);
	case BF_EMU_XOR:
		return logic(bytes, a ^ b, flags);
	case BF_EMU_AND:
	case BF_EMU_TEST:
		return logic(bytes, a & b, flags);
	default: /* SUB, CMP */
		return subtract(bytes, a, b, false, flags);
	}
}

uint64_t bf_emu_alu(enum bf_emu_op op, uint32_t bytes, uint64_t a, uint64_t b, uint64_t *rflags)
{
	uint64_t flags = 0, result = compute(op, bytes, a, b, *rflags & RFLAGS_CF, &flags);

	*rflags = (*rflags & ~STATUS_FLAGS) | flags;
	return result;
}

uint64_t bf_emu_unary(enum bf_emu_op op, uint32_t bytes, uint64_t a, uint64_t *rflags)
{
	uint64_t carry = *rflags & RFLAGS_CF, result;

	switch (op) {
	case BF_EMU_NOT:
		return ~a & bf_emu_mask(bytes);
	case BF_EMU_NEG:
		return bf_emu_alu(BF_EMU_SUB, bytes, 0, a, rflags);
	default: /* INC, DEC: CF stays */
		result =
			bf_emu_alu(op == BF_EMU_INC ? BF_EMU_ADD : BF_EMU_SUB, bytes, a, 1, rflags);
		*rflags = (*rflags & ~RFLAGS_CF) | carry;
		return result;
	}
}
