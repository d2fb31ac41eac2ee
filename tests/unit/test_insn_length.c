/* SPDX-License-Identifier: MIT */
/* The length decoder: encodings of each mode, cut short at each byte. */
#include <bfabi/error.h>
#include <common/insn_length.h>
#include "test.h"

#define M16 (1 << BF_INSN_16)
#define M32 (1 << BF_INSN_32)
#define M64 (1 << BF_INSN_64)
#define ALL (M16 | M32 | M64)

struct row {
	const char *name;
	uint8_t bytes[16];
	uint8_t length;
	uint8_t modes;
};

static const struct row rows[] = {
	{"cpuid", {0x0f, 0xa2}, 2, ALL},
	{"rdmsr", {0x0f, 0x32}, 2, ALL},
	{"wrmsr", {0x0f, 0x30}, 2, ALL},
	{"rdtsc", {0x0f, 0x31}, 2, ALL},
	{"rdpmc", {0x0f, 0x33}, 2, ALL},
	{"rsm", {0x0f, 0xaa}, 2, ALL},
	{"getsec", {0x0f, 0x37}, 2, ALL},
	{"invd", {0x0f, 0x08}, 2, ALL},
	{"wbinvd", {0x0f, 0x09}, 2, ALL},
	{"wbnoinvd", {0xf3, 0x0f, 0x09}, 3, ALL},
	{"clts", {0x0f, 0x06}, 2, ALL},
	{"hlt", {0xf4}, 1, ALL},
	{"pause", {0xf3, 0x90}, 2, ALL},
	{"int3", {0xcc}, 1, ALL},
	{"int 0x80", {0xcd, 0x80}, 2, ALL},
	{"int1", {0xf1}, 1, ALL},
	{"iret", {0xcf}, 1, ALL},
	{"iretq", {0x48, 0xcf}, 2, M64},
	{"pushf", {0x9c}, 1, ALL},
	{"popf with operand size", {0x66, 0x9d}, 2, ALL},
	{"xgetbv", {0x0f, 0x01, 0xd0}, 3, ALL},
	{"xsetbv", {0x0f, 0x01, 0xd1}, 3, ALL},
	{"vmcall", {0x0f, 0x01, 0xc1}, 3, ALL},
	{"vmrun", {0x0f, 0x01, 0xd8}, 3, ALL},
	{"vmmcall", {0x0f, 0x01, 0xd9}, 3, ALL},
	{"rdtscp", {0x0f, 0x01, 0xf9}, 3, ALL},
	{"monitor", {0x0f, 0x01, 0xc8}, 3, ALL},
	{"mwait", {0x0f, 0x01, 0xc9}, 3, ALL},
	{"invlpga", {0x0f, 0x01, 0xdf}, 3, ALL},
	{"swapgs", {0x0f, 0x01, 0xf8}, 3, M64},
	{"tpause", {0x66, 0x0f, 0xae, 0xf1}, 4, ALL},
	{"umwait", {0xf2, 0x0f, 0xae, 0xf1}, 4, ALL},
	{"in al, imm8", {0xe4, 0x60}, 2, ALL},
	{"out imm8, eax", {0xe7, 0x80}, 2, ALL},
	{"in eax, dx", {0xed}, 1, ALL},
	{"in ax or eax, dx", {0x66, 0xed}, 2, ALL},
	{"rep outsb", {0xf3, 0x6e}, 2, ALL},
	{"rep insd, 67", {0xf3, 0x67, 0x6d}, 3, ALL},
	{"fs rep outsd", {0x64, 0xf3, 0x6f}, 3, ALL},
	{"mov eax, cr0", {0x0f, 0x20, 0xc0}, 3, ALL},
	{"mov cr3, rax", {0x0f, 0x22, 0xd8}, 3, ALL},
	{"mov cr8, rax", {0x44, 0x0f, 0x22, 0xc0}, 4, M64},
	{"mov cr8 by lock", {0xf0, 0x0f, 0x22, 0xc0}, 4, ALL},
	{"mov cr, mod ignored", {0x0f, 0x20, 0x04}, 3, ALL},
	{"mov dr7, rax", {0x0f, 0x23, 0xf8}, 3, ALL},
	{"lmsw ax", {0x0f, 0x01, 0xf0}, 3, ALL},
	{"sldt eax", {0x0f, 0x00, 0xc0}, 3, ALL},
	{"ltr ax", {0x0f, 0x00, 0xd8}, 3, ALL},
	{"rdrand eax", {0x0f, 0xc7, 0xf0}, 3, ALL},
	{"rdseed rax", {0x48, 0x0f, 0xc7, 0xf8}, 4, M64},
	/* Memory operands of 32-bit and 64-bit addressing. */
	{"invlpg [eax]", {0x0f, 0x01, 0x38}, 3, M32 | M64},
	{"invlpg [eax+8]", {0x0f, 0x01, 0x78, 8}, 4, M32 | M64},
	{"invlpg [eax+32]", {0x0f, 0x01, 0xb8, 1, 2, 3, 4}, 7, M32 | M64},
	{"invlpg [disp32]", {0x0f, 0x01, 0x3d, 1, 2, 3, 4}, 7, M32 | M64},
	{"invlpg [esp]", {0x0f, 0x01, 0x3c, 0x24}, 4, M32 | M64},
	{"invlpg [sib, no base]", {0x0f, 0x01, 0x3c, 0x25, 1, 2, 3, 4}, 8, M32 | M64},
	{"invlpg [ebp+sib+8]", {0x0f, 0x01, 0x7c, 0x25, 8}, 5, M32 | M64},
	{"invlpg [sib+32]", {0x0f, 0x01, 0xbc, 0x24, 1, 2, 3, 4}, 8, M32 | M64},
	{"lgdt [r12]", {0x41, 0x0f, 0x01, 0x14, 0x24}, 5, M64},
	{"lgdt [r13+0]", {0x41, 0x0f, 0x01, 0x55, 0x00}, 5, M64},
	{"sidt [rip+32]", {0x0f, 0x01, 0x0d, 1, 2, 3, 4}, 7, M64},
	{"invept", {0x66, 0x0f, 0x38, 0x80, 0x00}, 5, M32 | M64},
	{"invpcid", {0x66, 0x0f, 0x38, 0x82, 0x44, 0x24, 8}, 7, M32 | M64},
	{"vmptrld [eax]", {0x0f, 0xc7, 0x30}, 3, M32 | M64},
	{"vmxon [eax]", {0xf3, 0x0f, 0xc7, 0x30}, 4, M32 | M64},
	/* 16-bit addressing: by mode, or by prefix in 32-bit code. */
	{"invlpg [bx+si]", {0x0f, 0x01, 0x38}, 3, M16},
	{"invlpg [disp16]", {0x0f, 0x01, 0x3e, 1, 2}, 5, M16},
	{"invlpg [bp+8]", {0x0f, 0x01, 0x7e, 8}, 4, M16},
	{"invlpg [bx+16]", {0x0f, 0x01, 0xbf, 1, 2}, 5, M16},
	{"invlpg [si], no sib", {0x0f, 0x01, 0x3c}, 3, M16},
	{"invlpg 67 [disp16]", {0x67, 0x0f, 0x01, 0x3e, 1, 2}, 6, M32},
	{"invlpg 67 [disp32]", {0x67, 0x0f, 0x01, 0x3d, 1, 2, 3, 4}, 8, M16 | M64},
	/* Prefixes. */
	{"all prefixes", {0x26, 0x66, 0x67, 0xf2, 0x0f, 0xa2}, 6, ALL},
	{"rex.w cpuid", {0x48, 0x0f, 0xa2}, 3, M64},
	{"dead rex", {0x48, 0x66, 0x0f, 0xa2}, 4, M64},
	{"15 bytes",
	 {0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x0f, 0xa2},
	 15,
	 ALL},
};

static void lengths(void **state)
{
	struct bf_insn insn;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int mode = BF_INSN_16; mode <= BF_INSN_64; mode++) {
			if (!(rows[i].modes >> mode & 1))
				continue;
			int status = bf_insn_decode(rows[i].bytes, 16, mode, &insn);

			assert_row(!status, rows[i].name);
			assert_row(insn.length == rows[i].length, rows[i].name);
		}
}

/* With fewer bytes than the instruction has, never a length, never a byte read behind them. */
static void cut(void **state)
{
	struct bf_insn insn;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int mode = BF_INSN_16; mode <= BF_INSN_64; mode++)
			for (uint32_t n = 0; n < rows[i].length; n++) {
				if (!(rows[i].modes >> mode & 1))
					continue;
				uint8_t *bytes = test_malloc(n + 1);

				memcpy(bytes, rows[i].bytes, n);
				assert_row(bf_insn_decode(bytes, n, mode, &insn) == BF_ERANGE,
					   rows[i].name);
				test_free(bytes);
			}
}

static void others(void **state)
{
	static const struct row bad[] = {
		{"add", {0x00, 0xc0}, 0, ALL},
		{"ud2", {0x0f, 0x0b}, 0, ALL},
		{"pshufb", {0x0f, 0x38, 0x00}, 0, ALL},
		{"vex in 64-bit", {0xc5, 0xf8, 0x77}, 0, M64},
		{"syscall", {0x0f, 0x05}, 0, ALL},
		{"rex is inc in 32-bit", {0x48, 0x0f}, 0, M32},
	};
	struct bf_insn insn;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		for (int mode = BF_INSN_16; mode <= BF_INSN_64; mode++)
			if (bad[i].modes >> mode & 1)
				assert_row(bf_insn_decode(bad[i].bytes, 15, mode, &insn) ==
						   BF_EINVAL,
					   bad[i].name);
}

/* 16 bytes are no instruction. */
static void too_long(void **state)
{
	uint8_t bytes[17];
	struct bf_insn insn;

	(void)state;
	memset(bytes, 0x66, sizeof(bytes));
	bytes[14] = 0x0f;
	bytes[15] = 0xa2;
	assert_int_equal(bf_insn_decode(bytes, sizeof(bytes), BF_INSN_64, &insn), BF_ERANGE);
}

static void details(void **state)
{
	static const uint8_t bytes[] = {0x2e, 0xf3, 0x66, 0x67, 0xf0, 0x4d, 0x0f, 0x22, 0xd9};
	struct bf_insn insn;

	(void)state;
	assert_int_equal(bf_insn_decode(bytes, sizeof(bytes), BF_INSN_64, &insn), 0);
	assert_int_equal(insn.prefix_bytes, 6);
	assert_int_equal(insn.rex, 0x4d);
	assert_int_equal(insn.repeat, 0xf3);
	assert_int_equal(insn.segment, 0x2e);
	assert_true(insn.operand_size && insn.address_size && insn.lock && insn.has_modrm);
	assert_int_equal(insn.map, 2);
	assert_int_equal(insn.opcode, 0x22);
	assert_int_equal(BF_INSN_MOD(&insn), 3);
	assert_int_equal(BF_INSN_REG(&insn), 11);
	assert_int_equal(BF_INSN_RM(&insn), 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths),  cmocka_unit_test(cut),     cmocka_unit_test(others),
		cmocka_unit_test(too_long), cmocka_unit_test(details),
	};

	return cmocka_run_group_tests_name("insn_length", tests, NULL, NULL);
}
