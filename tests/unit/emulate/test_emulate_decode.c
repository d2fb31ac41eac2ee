/* SPDX-License-Identifier: MIT */
/* What is refused, and why; and no byte read behind the last one. */
#include "../test.h"
#include "host_cpu.h"
#include "instructions.h"
#include "machine.h"
#include "random.h"

#define M16 BF_INSN_16
#define M32 BF_INSN_32
#define M64 BF_INSN_64

static const struct row {
	const char *name;
	enum bf_insn_mode mode;
	uint8_t bytes[16];
	int status;
	uint8_t length; /* as reported */
	uint8_t vector;
} rows[] = {
	/* Not emulated; the length is known of most, for whoever reports it. */
	{"movdqa [rax], xmm0", M64, {0x66, 0x0f, 0x7f, 0x00}, BF_ENOTSUP, 4, 0},
	{"movups xmm0, [rax+8]", M64, {0x0f, 0x10, 0x40, 0x08}, BF_ENOTSUP, 4, 0},
	{"pshufd xmm0, [rax], 1", M64, {0x66, 0x0f, 0x70, 0x00, 1}, BF_ENOTSUP, 5, 0},
	{"pshufb mm0, [rax]", M64, {0x0f, 0x38, 0x00, 0x00}, BF_ENOTSUP, 4, 0},
	{"fld dword [rax]", M64, {0xd9, 0x00}, BF_ENOTSUP, 2, 0},
	{"fxsave [rax]", M64, {0x0f, 0xae, 0x00}, BF_ENOTSUP, 3, 0},
	{"lgdt [rax]", M64, {0x0f, 0x01, 0x10}, BF_ENOTSUP, 3, 0},
	{"vmovups ymm0, [rax]", M64, {0xc5, 0xfc, 0x10, 0x00}, BF_ENOTSUP, 0, 0},
	{"lds eax, [eax]", M32, {0xc5, 0x00}, BF_ENOTSUP, 0, 0},
	{"div dword [rax]", M64, {0xf7, 0x30}, BF_ENOTSUP, 2, 0},
	{"shld [rax], ebx, 3", M64, {0x0f, 0xa4, 0x18, 3}, BF_ENOTSUP, 4, 0},
	{"crc32 eax, byte [rax]", M64, {0xf2, 0x0f, 0x38, 0xf0, 0x00}, BF_ENOTSUP, 5, 0},
	{"arpl [eax], ax", M32, {0x63, 0x00}, BF_ENOTSUP, 2, 0},
	{"call far [rax]", M64, {0xff, 0x18}, BF_ENOTSUP, 2, 0},
	{"group 4, no row", M64, {0xfe, 0x10}, BF_ENOTSUP, 0, 0},
	{"66 movnti", M64, {0x66, 0x0f, 0xc3, 0x00}, BF_ENOTSUP, 4, 0},
	{"cpuid", M64, {0x0f, 0xa2}, BF_ENOTSUP, 0, 0},
	{"nop", M64, {0x90}, BF_ENOTSUP, 0, 0},
	/* Registers only. */
	{"mov eax, ebx", M64, {0x89, 0xd8}, BF_EINVAL, 2, 0},
	{"lock add eax, ebx", M64, {0xf0, 0x01, 0xd8}, BF_EINVAL, 3, 0},
	{"movaps xmm0, xmm1", M64, {0x0f, 0x28, 0xc1}, BF_EINVAL, 3, 0},
	/* LOCK */
	{"lock mov [rax], eax", M64, {0xf0, 0x89, 0x00}, BF_EFAULT, 3, BF_VECTOR_UD},
	{"lock add eax, [rax]", M64, {0xf0, 0x03, 0x00}, BF_EFAULT, 3, BF_VECTOR_UD},
	{"lock cmp [rax], eax", M64, {0xf0, 0x39, 0x00}, BF_EFAULT, 3, BF_VECTOR_UD},
	{"lock test [rax], eax", M64, {0xf0, 0x85, 0x00}, BF_EFAULT, 3, BF_VECTOR_UD},
	{"lock bt [rax], eax", M32, {0xf0, 0x0f, 0xa3, 0x00}, BF_EFAULT, 4, BF_VECTOR_UD},
	{"lock shl [bx], 1", M16, {0xf0, 0xd1, 0x27}, BF_EFAULT, 3, BF_VECTOR_UD},
	{"lock push [rax]", M64, {0xf0, 0xff, 0x30}, BF_EFAULT, 3, BF_VECTOR_UD},
	{"lock movsb", M64, {0xf0, 0xa4}, BF_EFAULT, 2, BF_VECTOR_UD},
	{"lock mov al, moffs", M32, {0xf0, 0xa0, 0, 0, 0, 0}, BF_EFAULT, 6, BF_VECTOR_UD},
	/* There is no such segment register. */
	{"mov [rax], segment 6", M64, {0x8c, 0x30}, BF_EFAULT, 2, BF_VECTOR_UD},
};

static void refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct machine m;
		struct bf_emu emu = machine_emu(&m);

		machine_init(&m, rows[i].mode);
		assert_row(bf_emulate(&emu, rows[i].bytes, 15) == rows[i].status, rows[i].name);
		assert_row(emu.length == rows[i].length, rows[i].name);
		assert_row(m.events == 0, rows[i].name);
		if (rows[i].vector)
			assert_row(emu.fault.vector == rows[i].vector && !emu.fault.has_error,
				   rows[i].name);
	}
}

/* 16 bytes: #GP, if they are all there. */
static void too_long(void **state)
{
	static const uint8_t bytes[16] = {0x3e, 0x3e, 0x3e, 0x3e, 0x3e, 0x3e, 0x3e, 0x3e,
					  0x3e, 0x3e, 0xc7, 0x00, 1,    2,    3,    4};
	struct machine m;
	struct bf_emu emu = machine_emu(&m);

	(void)state;
	machine_init(&m, M32);
	assert_int_equal(bf_emulate(&emu, bytes, 14), BF_ERANGE);
	assert_int_equal(bf_emulate(&emu, bytes, 16), BF_EFAULT);
	assert_int_equal(emu.fault.vector, BF_VECTOR_GP);
	assert_true(emu.fault.has_error);
	assert_int_equal(bf_emulate(&emu, bytes + 1, 15), BF_ENOENT); /* it is well-formed */
}

/* Each instruction, cut short at each byte: BF_ERANGE, and nothing is read behind the cut. */
static void cut(void **state)
{
	struct arena arena = {host_low_memory(4096), 0, 4096};
	uint64_t seed = 5;

	(void)state;
	arena.base = (uint64_t)arena.memory;
	for (uint32_t i = 0; i < instruction_count; i++) {
		struct sample sample;

		sample_make(&sample, &instructions[i], &arena, &seed);
		for (uint32_t n = 0; n < sample.length; n++) {
			struct machine m;
			struct bf_emu emu = machine_emu(&m);
			uint8_t *bytes = test_malloc(n + 1);

			memcpy(bytes, sample.bytes, n);
			machine_init(&m, M64);
			assert_row(bf_emulate(&emu, bytes, n) == BF_ERANGE, instructions[i].name);
			assert_row(m.events == 0 && !emu.length, instructions[i].name);
			test_free(bytes);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused),
		cmocka_unit_test(too_long),
		cmocka_unit_test(cut),
	};

	return cmocka_run_group_tests_name("emulate_decode", tests, NULL, NULL);
}
