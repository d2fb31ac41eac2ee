/* SPDX-License-Identifier: MIT */
/* Shifts and rotations (SDM volume 2, "RCL/RCR/ROL/ROR", "SAL/SAR/SHL/SHR"). */
#include <common/emulation.h>

static uint64_t bit(uint64_t value, uint32_t number)
{
	return value >> number & 1;
}

static int64_t signed_of(uint64_t value, uint32_t bits)
{
	return (int64_t)(value << (64 - bits)) >> (64 - bits);
}

static uint64_t rotated_left(uint64_t a, uint32_t bits, uint32_t count)
{
	return count ? a << count | a >> (bits - count) : a;
}

static uint64_t rotate(enum bf_emu_op op, uint32_t bits, uint64_t a, uint32_t count, bool *carry)
{
	uint64_t r;

	count %= bits;
	if (op == BF_EMU_ROL) {
		r = rotated_left(a, bits, count);
		*carry = bit(r, 0);
	} else {
		r = rotated_left(a, bits, count ? bits - count : 0);
		*carry = bit(r, bits - 1);
	}
	return r;
}

/* Through the carry, bit by bit: at most 63 times. */
static uint64_t rotate_carry(enum bf_emu_op op, uint32_t bits, uint64_t a, uint32_t count,
			     bool *carry)
{
	for (count %= bits + 1; count; count--) {
		uint64_t in = *carry;

		if (op == BF_EMU_RCL) {
			*carry = bit(a, bits - 1);
			a = a << 1 | in;
		} else {
			*carry = bit(a, 0);
			a = (a & bf_emu_mask(bits / 8)) >> 1 | in << (bits - 1);
		}
	}
	return a;
}

/* @p count is below 64 but may be beyond the operand. */
static uint64_t shift(enum bf_emu_op op, uint32_t bits, uint64_t a, uint32_t count, bool *carry)
{
	int64_t s = signed_of(a, bits);

	switch (op) {
	case BF_EMU_SHR:
		*carry = bit(a, count - 1);
		return a >> count;
	case BF_EMU_SAR:
		*carry = bit((uint64_t)s, count - 1);
		return (uint64_t)(s >> count);
	default:
		*carry = count <= bits && bit(a, bits - count);
		return a << count;
	}
}

/* OF is defined for a count of 1: whether the sign changed, but for ROR and RCR. */
static bool overflow(enum bf_emu_op op, uint32_t bits, uint64_t a, uint64_t r, bool carry)
{
	switch (op) {
	case BF_EMU_ROL:
	case BF_EMU_RCL:
	case BF_EMU_SHL:
	case BF_EMU_SAL:
		return bit(r, bits - 1) != carry;
	case BF_EMU_ROR:
	case BF_EMU_RCR:
		return bit(r, bits - 1) != bit(r, bits - 2);
	case BF_EMU_SHR:
		return bit(a, bits - 1);
	default:
		return false;
	}
}

static uint64_t flag(bool set, uint64_t bit_of_it)
{
	return set ? bit_of_it : 0;
}

uint64_t bf_emu_shift(enum bf_emu_op op, uint32_t bytes, uint64_t a, uint32_t count,
		      uint64_t *rflags)
{
	uint32_t bits = 8 * bytes;
	bool carry = *rflags & RFLAGS_CF, shifts = op >= BF_EMU_SHL;
	uint64_t r, status;

	count &= bytes == 8 ? 63 : 31;
	if (!count)
		return a;
	if (op == BF_EMU_ROL || op == BF_EMU_ROR)
		r = rotate(op, bits, a, count, &carry);
	else if (op == BF_EMU_RCL || op == BF_EMU_RCR)
		r = rotate_carry(op, bits, a, count, &carry);
	else
		r = shift(op, bits, a, count, &carry);
	r &= bf_emu_mask(bytes);
	if (shifts) {
		/* The flags that tell of the result, as a logical operation sets them. */
		status = *rflags;
		(void)bf_emu_alu(BF_EMU_OR, bytes, r, 0, &status);
		*rflags = status;
	}
	*rflags &= ~(RFLAGS_CF | RFLAGS_OF);
	*rflags |= flag(carry, RFLAGS_CF) | flag(overflow(op, bits, a, r, carry), RFLAGS_OF);
	return r;
}
