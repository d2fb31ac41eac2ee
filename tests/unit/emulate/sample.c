/* SPDX-License-Identifier: MIT */
/* Encodings and states, made up. */
#include <string.h>
#include <bfvmm/msr.h>
#include <common/insn.h>
#include "host_cpu.h"
#include "instructions.h"
#include "random.h"

#define STATUS_FLAGS (RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF)
#define REX          0x40
#define REX_W        8
#define REX_R        4
#define REX_X        2
#define REX_B        1
#define RSP          4
#define RBP          5
#define NO_SIB       4 /* as an index */

/* What is made up before the bytes are. */
struct shape {
	const struct instruction *insn;
	struct sample *sample;
	struct arena *arena;
	uint64_t *seed;
	uint8_t rex;
	bool narrow, gs, operand_16, relative;
	uint32_t rex_at, displacement_at; /* in the bytes */
};

static bool one_in(const struct shape *s, uint32_t n)
{
	return random_below(s->seed, n) == 0;
}

static void put(struct sample *sample, uint8_t byte)
{
	sample->bytes[sample->length++] = byte;
}

static void put_number(struct sample *sample, uint64_t value, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		put(sample, (uint8_t)(value >> 8 * i));
}

static void put_prefixes(struct shape *s)
{
	bool jump = s->insn->kind == JUMP, nti = s->insn->opcode[1] == 0xc3;

	s->narrow = one_in(s, 5);
	s->gs = one_in(s, 5);
	s->operand_16 = !jump && !nti && one_in(s, 3);
	if (s->insn->lockable && one_in(s, 2))
		put(s->sample, 0xf0);
	if (s->narrow)
		put(s->sample, 0x67);
	if (s->gs)
		put(s->sample, 0x65);
	/* No override in 64-bit code; behind one of GS, some CPUs take it for "none". */
	if (!s->gs && one_in(s, 8))
		put(s->sample, 0x2e);
	if (s->operand_16)
		put(s->sample, 0x66);
	if (!one_in(s, 4))
		s->rex = REX | random_below(s->seed, 16);
	s->rex_at = s->sample->length;
	if (s->rex)
		put(s->sample, s->rex);
}

/* A displacement of the size that @p mod asks for. @return its value */
static uint64_t put_displacement(struct shape *s, uint32_t mod)
{
	int32_t value = (int32_t)random_next(s->seed);

	if (mod == 1) {
		put(s->sample, (uint8_t)value);
		return (uint64_t)(int8_t)value;
	}
	if (mod != 2)
		return 0;
	put_number(s->sample, (uint32_t)value, 4);
	return (uint64_t)value;
}

/* Sets the base register so that the sum is the target. */
static void aim(struct shape *s, uint32_t base, uint64_t others)
{
	uint64_t value = s->sample->target - s->sample->gs_base - others;

	/* Only 32 bits of it count then. */
	if (s->narrow)
		value = (uint32_t)value | random_next(s->seed) << 32;
	s->sample->gpr[base] = value;
}

/* The stack of an instruction that uses it has to stay where it is; so do bit numbers. */
static bool reserved(const struct shape *s, uint32_t number, uint32_t reg)
{
	if (s->insn->kind == STACK || s->insn->kind == JUMP)
		return number == RSP;
	return s->insn->kind == BIT_STRING && number == reg;
}

static uint32_t random_base(struct shape *s, uint32_t reg)
{
	uint32_t base;

	do
		base = random_below(s->seed, 8) | (s->rex & REX_B) << 3;
	while (reserved(s, base, reg));
	return base;
}

/* A SIB byte with a base other than its index. @return what the index contributes */
static uint64_t put_sib(struct shape *s, uint32_t base)
{
	uint32_t scale = random_below(s->seed, 4), index;

	do
		index = random_below(s->seed, 8) | (s->rex & REX_X) << 2;
	while (index == base);
	put(s->sample, (uint8_t)(scale << 6 | (index & 7) << 3 | (base & 7)));
	return index == NO_SIB ? 0 : s->sample->gpr[index] << scale;
}

/* ModRM with a base and perhaps an index. */
static void put_based(struct shape *s, uint32_t reg)
{
	uint32_t mod = random_below(s->seed, 3), base = random_base(s, reg);
	uint64_t others = 0;

	if ((base & 7) == RBP && mod == 0)
		mod = 1;
	if ((base & 7) == RSP || one_in(s, 2)) {
		put(s->sample, (uint8_t)(mod << 6 | (reg & 7) << 3 | RSP));
		others = put_sib(s, base);
	} else {
		put(s->sample, (uint8_t)(mod << 6 | (reg & 7) << 3 | (base & 7)));
	}
	aim(s, base, others + put_displacement(s, mod));
}

/* An address without a base: absolute, or relative to what follows the immediate. */
static void put_baseless(struct shape *s, uint32_t reg)
{
	s->relative = one_in(s, 2);
	put(s->sample, (uint8_t)((reg & 7) << 3 | (s->relative ? RBP : RSP)));
	if (!s->relative)
		put(s->sample, NO_SIB << 3 | RBP);
	s->rex &= (uint8_t)~REX_X;
	if (s->rex)
		s->sample->bytes[s->rex_at] = s->rex;
	s->displacement_at = s->sample->length;
	put_number(s->sample, s->sample->target, 4);
}

static void put_memory(struct shape *s, uint32_t reg)
{
	if (!s->gs && one_in(s, 6))
		put_baseless(s, reg);
	else
		put_based(s, reg);
}

/* Now that the length is known. */
static void relate(struct shape *s)
{
	struct sample *sample = s->sample;
	uint32_t length = sample->length;

	if (!s->relative)
		return;
	sample->length = s->displacement_at;
	put_number(sample, sample->target - host_code() - length, 4);
	sample->length = length;
}

static uint32_t operand_bytes(const struct shape *s)
{
	if (s->insn->one_byte)
		return 1;
	return s->rex & REX_W ? 8 : s->operand_16 ? 2 : 4;
}

/* What undefined flags a shift leaves depends on its count. */
static uint64_t shift_undefined(const struct shape *s, uint32_t count)
{
	uint32_t bits = 8 * operand_bytes(s);
	bool rotates = s->insn->digit < 4;
	uint64_t undefined = 0;

	count &= bits == 64 ? 63 : 31;
	if (!count)
		return 0;
	if (count != 1)
		undefined |= RFLAGS_OF;
	if (!rotates)
		undefined |= RFLAGS_AF;
	if (!rotates && s->insn->digit != 7 && count >= bits)
		undefined |= RFLAGS_CF;
	return undefined;
}

static void random_state(struct shape *s)
{
	struct sample *sample = s->sample;

	for (uint32_t i = 0; i < s->arena->bytes; i++)
		s->arena->memory[i] = (uint8_t)random_next(s->seed);
	for (int i = 0; i < 16; i++)
		sample->gpr[i] = random_next(s->seed) >> random_below(s->seed, 64);
	sample->rflags = RFLAGS_FIXED | (random_next(s->seed) & STATUS_FLAGS);
	sample->target = s->arena->base + s->arena->bytes / 2 + random_below(s->seed, 64);
	sample->gpr[RSP] = s->arena->base + s->arena->bytes / 4;
}

static uint8_t *operand(const struct shape *s)
{
	return s->arena->memory + (s->sample->target - s->arena->base);
}

/* Half of all comparisons are to succeed, and jumps to come back. */
static void prepare_operand(struct shape *s)
{
	uint64_t back = host_jump_target();

	if (s->insn->kind == JUMP)
		memcpy(operand(s), &back, sizeof(back));
	if (s->insn->kind == COMPARE && one_in(s, 2))
		memcpy(operand(s), &s->sample->gpr[0], operand_bytes(s));
	if (s->insn->kind != COMPARE_WIDE || one_in(s, 2))
		return;
	memcpy(operand(s), &s->sample->gpr[0], operand_bytes(s));
	memcpy(operand(s) + operand_bytes(s), &s->sample->gpr[2], operand_bytes(s));
}

static void put_moffs(struct shape *s)
{
	uint64_t address = s->sample->target - s->sample->gs_base;

	put_number(s->sample, address, s->narrow ? 4 : 8);
}

static void put_operands(struct shape *s)
{
	uint32_t reg = random_below(s->seed, 8);

	if (s->insn->digit >= 0)
		reg = (uint32_t)s->insn->digit;
	else
		reg |= (s->rex & REX_R) << 1;
	if (s->insn->kind == BIT_STRING)
		s->sample->gpr[reg] =
			(uint64_t)(int64_t)((int32_t)random_below(s->seed, 4096) - 2048);
	if (s->insn->kind == MOFFS)
		put_moffs(s);
	else
		put_memory(s, reg);
}

static uint32_t put_immediate(struct shape *s)
{
	uint32_t bytes = operand_bytes(s), value = (uint32_t)random_next(s->seed);

	if (s->insn->immediate == 4)
		put_number(s->sample, value, bytes < 4 ? bytes : 4);
	else if (s->insn->immediate == 1)
		put(s->sample, (uint8_t)value);
	return (uint8_t)value;
}

static void make(struct sample *sample, const struct instruction *insn, struct arena *arena,
		 uint64_t *seed)
{
	struct shape s = {.insn = insn, .sample = sample, .arena = arena, .seed = seed};
	uint32_t immediate;

	memset(sample, 0, sizeof(*sample));
	random_state(&s);
	put_prefixes(&s);
	if (s.gs)
		sample->gs_base = random_next(seed) >> (s.narrow ? 40 : 20);
	if (insn->kind == COMPARE_WIDE)
		sample->target &= ~15ull;
	for (uint32_t i = 0; i < insn->opcode_bytes; i++)
		put(sample, insn->opcode[i]);
	put_operands(&s);
	immediate = put_immediate(&s);
	relate(&s);
	prepare_operand(&s);
	sample->undefined = insn->undefined;
	if (insn->kind != SHIFT)
		return;
	if (insn->opcode[0] >= 0xd2)
		immediate = (uint8_t)sample->gpr[1];
	else if (insn->opcode[0] >= 0xd0)
		immediate = 1;
	sample->undefined = shift_undefined(&s, immediate);
}

void sample_make(struct sample *sample, const struct instruction *insn, struct arena *arena,
		 uint64_t *seed)
{
	do
		make(sample, insn, arena, seed);
	while (sample->length > BF_INSN_MAX);
}
