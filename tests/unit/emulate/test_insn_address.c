/* SPDX-License-Identifier: MIT */
/* Effective addresses: those of 64-bit code as LEA of this CPU computes them. */
#include <common/insn_address.h>
#include "../test.h"
#include "host_cpu.h"
#include "random.h"

#define ROUNDS   20000
#define BP       (1u << 16 | 5) /* what gpr_of() gives for RBP, and so on */
#define LEA      0x8d
#define MAX_INSN 16

struct cpu {
	uint64_t gpr[16];
};

static uint64_t gpr_of(void *ctx, uint32_t number)
{
	return ((struct cpu *)ctx)->gpr[number];
}

/* Decodes prefixes, an opcode of one byte, and ModRM. */
static struct bf_insn decode(const uint8_t *bytes, enum bf_insn_mode mode)
{
	struct bf_insn_reader r = bf_insn_reader(bytes, BF_INSN_MAX);
	struct bf_insn insn = {0};

	assert_true(bf_insn_read_opcode(&r, mode, &insn));
	assert_true(bf_insn_read_modrm(&r, mode, false, &insn));
	insn.length = (uint8_t)r.at;
	return insn;
}

/* LEA RBX with random registers, ModRM, SIB, displacement and with or without prefix 67. */
static uint32_t random_lea(uint8_t *bytes, uint64_t *seed)
{
	uint32_t n = 0;

	if (random_below(seed, 4) == 0)
		bytes[n++] = 0x67;
	bytes[n++] = 0x48 | random_below(seed, 4);
	bytes[n++] = LEA;
	bytes[n++] = (uint8_t)(random_below(seed, 3) << 6 | 3 << 3 | random_below(seed, 8));
	while (n < MAX_INSN)
		bytes[n++] = (uint8_t)random_next(seed);
	return n;
}

static void as_lea(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct host_state host = {.rflags = 2};
		struct bf_insn_operand operand;
		uint64_t stack[16] = {0};
		uint8_t bytes[MAX_INSN];
		struct bf_insn insn;
		struct cpu cpu;

		for (int r = 0; r < 16; r++)
			cpu.gpr[r] = random_next(&seed);
		cpu.gpr[4] = (uint64_t)&stack[8];
		memcpy(host.gpr, cpu.gpr, sizeof(cpu.gpr));
		(void)random_lea(bytes, &seed);
		insn = decode(bytes, BF_INSN_64);
		host_execute(&host, bytes, insn.length);
		operand =
			bf_insn_operand(&insn, BF_INSN_64, host_code() + insn.length, gpr_of, &cpu);
		assert_int_equal(operand.offset, host.gpr[3]);
	}
}

/* Registers of 16-bit and 32-bit code: a number that tells which, with something above. */
static const struct cpu numbered = {
	.gpr = {0x10000, 0x10001, 0x10002, 0x10003, 0x10004, BP, 0x10006, 0x10007},
};

static const struct row {
	const char *name;
	enum bf_insn_mode mode;
	uint8_t bytes[MAX_INSN];
	enum bf_seg segment;
	uint64_t offset;
	uint8_t length;
} rows[] = {
	{"[bx+si]", BF_INSN_16, {LEA, 0x00}, BF_SEG_DS, 3 + 6, 2},
	{"[bx+di]", BF_INSN_16, {LEA, 0x01}, BF_SEG_DS, 3 + 7, 2},
	{"[bp+si]", BF_INSN_16, {LEA, 0x02}, BF_SEG_SS, 5 + 6, 2},
	{"[bp+di]", BF_INSN_16, {LEA, 0x03}, BF_SEG_SS, 5 + 7, 2},
	{"[si]", BF_INSN_16, {LEA, 0x04}, BF_SEG_DS, 6, 2},
	{"[di]", BF_INSN_16, {LEA, 0x05}, BF_SEG_DS, 7, 2},
	{"[disp16]", BF_INSN_16, {LEA, 0x06, 0x34, 0xf2}, BF_SEG_DS, 0xf234, 4},
	{"[bx]", BF_INSN_16, {LEA, 0x07}, BF_SEG_DS, 3, 2},
	{"[bp-1]", BF_INSN_16, {LEA, 0x46, 0xff}, BF_SEG_SS, 4, 3},
	{"[bx-4]: wraps", BF_INSN_16, {LEA, 0x47, 0xfc}, BF_SEG_DS, 0xffff, 3},
	{"[bp+di+0x8000]", BF_INSN_16, {LEA, 0x83, 0x00, 0x80}, BF_SEG_SS, 0x800c, 4},
	{"cs [si]", BF_INSN_16, {0x2e, LEA, 0x04}, BF_SEG_CS, 6, 3},
	{"gs [bp]", BF_INSN_16, {0x65, LEA, 0x46, 0}, BF_SEG_GS, 5, 4},
	{"67 [eax] in 16-bit code", BF_INSN_16, {0x67, LEA, 0x00}, BF_SEG_DS, 0x10000, 3},
	{"67 [bp] in 32-bit code", BF_INSN_32, {0x67, LEA, 0x46, 0}, BF_SEG_SS, 5, 4},
	{"[ebp]", BF_INSN_32, {LEA, 0x45, 0}, BF_SEG_SS, BP, 3},
	{"[esp]", BF_INSN_32, {LEA, 0x04, 0x24}, BF_SEG_SS, 0x10004, 3},
	{"[eax*2+ebp]", BF_INSN_32, {LEA, 0x44, 0x45, 0}, BF_SEG_SS, 0x20000 + BP, 4},
	{"[ebp*8+eax]", BF_INSN_32, {LEA, 0x04, 0xe8}, BF_SEG_DS, 0x10000 + 8 * BP, 3},
	{"[ebp*4+disp32]", BF_INSN_32, {LEA, 0x04, 0xad, 1, 0, 0, 0}, BF_SEG_DS, 4 * BP + 1, 7},
	{"[disp32]", BF_INSN_32, {LEA, 0x05, 0, 0, 0, 0xfe}, BF_SEG_DS, 0xfe000000, 6},
	{"[eax-0x10001]: wraps",
	 BF_INSN_32,
	 {LEA, 0x80, 0xff, 0xff, 0xfe, 0xff},
	 BF_SEG_DS,
	 0xffffffff,
	 6},
	{"es [esp]", BF_INSN_32, {0x26, LEA, 0x04, 0x24}, BF_SEG_ES, 0x10004, 4},
	{"ss [eax]", BF_INSN_32, {0x36, LEA, 0x00}, BF_SEG_SS, 0x10000, 3},
	{"the last of two", BF_INSN_32, {0x64, 0x3e, LEA, 0x00}, BF_SEG_DS, 0x10000, 4},
	{"cs [rax]", BF_INSN_64, {0x2e, LEA, 0x00}, BF_SEG_DS, 0x10000, 3},
	{"fs, then ds that is ignored", BF_INSN_64, {0x64, 0x3e, LEA, 0}, BF_SEG_FS, 0x10000, 4},
	{"es [rbp]", BF_INSN_64, {0x26, LEA, 0x45, 0}, BF_SEG_SS, BP, 4},
	{"[rip-1]", BF_INSN_64, {LEA, 0x05, 0xff, 0xff, 0xff, 0xff}, BF_SEG_DS, 0xfff, 6},
};

static void by_hand(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cpu cpu = numbered;
		struct bf_insn insn = decode(rows[i].bytes, rows[i].mode);
		struct bf_insn_operand operand =
			bf_insn_operand(&insn, rows[i].mode, 0x1000, gpr_of, &cpu);

		assert_row(insn.length == rows[i].length, rows[i].name);
		assert_row(operand.offset == rows[i].offset, rows[i].name);
		assert_row(operand.segment == rows[i].segment, rows[i].name);
	}
}

static void linear(void **state)
{
	(void)state;
	assert_true(bf_insn_linear(BF_INSN_64, 1, UINT64_MAX) == 0);
	assert_true(bf_insn_linear(BF_INSN_64, 0x100000000, 1) == 0x100000001);
	assert_true(bf_insn_linear(BF_INSN_32, 0xfffff000, 0x2000) == 0x1000);
	assert_true(bf_insn_linear(BF_INSN_16, 0xffff0, 0xffff) == 0x10ffef);
	assert_false(bf_insn_has_base(BF_SEG_DS, BF_INSN_64));
	assert_true(bf_insn_has_base(BF_SEG_GS, BF_INSN_64));
	assert_true(bf_insn_has_base(BF_SEG_DS, BF_INSN_32));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_lea),
		cmocka_unit_test(by_hand),
		cmocka_unit_test(linear),
	};

	return cmocka_run_group_tests_name("insn_address", tests, NULL, NULL);
}
