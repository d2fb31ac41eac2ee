/* SPDX-License-Identifier: MIT */
#include <bfmock/machine.h>
#include <bfvmm/msr.h>
#include <bfvmm/mtrr.h>
#include "test.h"

#define MIB        (1UL << 20)
#define GIB        (1UL << 30)
#define VALID      0x800u
#define DEF_ENABLE 0x800u
#define DEF_FIXED  0x400u

static struct bf_mtrr mtrr;

static int setup(void **state)
{
	(void)state;
	mock_reset(&mock_intel, 1);
	return 0;
}

static void variable(uint32_t i, uint64_t base, uint64_t bytes, enum bf_memtype type)
{
	uint64_t mask = ~(bytes - 1) & ((1UL << 40) - 1);

	mock_msr_set(MSR_IA32_MTRR_PHYSBASE0 + 2 * i, base | type);
	mock_msr_set(MSR_IA32_MTRR_PHYSBASE0 + 2 * i + 1, mask | VALID);
}

static void default_type(enum bf_memtype type, uint32_t bits)
{
	mock_msr_set(MSR_IA32_MTRR_DEF_TYPE, bits | type);
	bf_mtrr_read(&mtrr);
}

static void fixed_ranges(void **state)
{
	static const struct {
		uint32_t msr, first, bytes;
	} rows[] = {
		{0x250, 0x00000, 0x10000}, {0x258, 0x80000, 0x4000}, {0x259, 0xa0000, 0x4000},
		{0x268, 0xc0000, 0x1000},  {0x269, 0xc8000, 0x1000}, {0x26a, 0xd0000, 0x1000},
		{0x26b, 0xd8000, 0x1000},  {0x26c, 0xe0000, 0x1000}, {0x26d, 0xe8000, 0x1000},
		{0x26e, 0xf0000, 0x1000},  {0x26f, 0xf8000, 0x1000},
	};
	static const uint8_t types[] = {BF_MT_UC, BF_MT_WC, BF_MT_WT, BF_MT_WP,
					BF_MT_WB, BF_MT_WC, BF_MT_UC, BF_MT_WB};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		mock_msr_set(rows[i].msr, 0x0600010605040100);
	default_type(BF_MT_UC, DEF_ENABLE | DEF_FIXED);
	for (size_t i = 0; i < COUNT(rows); i++)
		for (uint32_t part = 0; part < 8; part++) {
			uint64_t pa = rows[i].first + part * rows[i].bytes;
			uint64_t last = pa + rows[i].bytes - 1;

			assert_int_equal(bf_mtrr_type(&mtrr, pa), types[part]);
			assert_int_equal(bf_mtrr_type(&mtrr, last), types[part]);
		}
	assert_int_equal(bf_mtrr_type(&mtrr, MIB), BF_MT_UC);
}

static void fixed_disabled(void **state)
{
	(void)state;
	mock_msr_set(0x250, 0);
	default_type(BF_MT_WB, DEF_ENABLE);
	assert_int_equal(bf_mtrr_type(&mtrr, 0), BF_MT_WB);
	/* Enabled, but not there at all. */
	mock_msr_set(MSR_IA32_MTRRCAP, 0x408);
	default_type(BF_MT_WT, DEF_ENABLE | DEF_FIXED);
	assert_int_equal(bf_mtrr_type(&mtrr, 0), BF_MT_WT);
}

static void variable_ranges(void **state)
{
	static const struct {
		uint64_t pa;
		enum bf_memtype type;
	} rows[] = {
		{2 * GIB - 1, BF_MT_WB},
		{2 * GIB, BF_MT_WT},
		{2 * GIB + 256 * MIB - 1, BF_MT_WT},
		{2 * GIB + 256 * MIB, BF_MT_WB},
		{3 * GIB, BF_MT_UC},
		{4 * GIB - 1, BF_MT_UC},
		{4 * GIB, BF_MT_WB},
		{64 * GIB, BF_MT_WC},
	};

	(void)state;
	variable(0, 3 * GIB, GIB, BF_MT_UC);
	variable(3, 2 * GIB, 256 * MIB, BF_MT_WT);
	variable(7, 64 * GIB, 4096, BF_MT_WC);
	variable(5, 0, GIB, BF_MT_UC);
	mock_msr_set(MSR_IA32_MTRR_PHYSBASE0 + 11, 0x3ffc0000000); /* not valid */
	default_type(BF_MT_WB, DEF_ENABLE);
	assert_int_equal(mtrr.variable_count, 3);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(bf_mtrr_type(&mtrr, rows[i].pa), rows[i].type);
}

/* SDM volume 3, "MTRR Precedences". */
static void overlaps(void **state)
{
	static const struct {
		enum bf_memtype a, b, result;
	} rows[] = {
		{BF_MT_UC, BF_MT_WB, BF_MT_UC}, {BF_MT_WB, BF_MT_UC, BF_MT_UC},
		{BF_MT_WT, BF_MT_WB, BF_MT_WT}, {BF_MT_WB, BF_MT_WT, BF_MT_WT},
		{BF_MT_WB, BF_MT_WB, BF_MT_WB}, {BF_MT_WC, BF_MT_WC, BF_MT_WC},
		{BF_MT_UC, BF_MT_WC, BF_MT_UC}, {BF_MT_WP, BF_MT_UC, BF_MT_UC},
		{BF_MT_WC, BF_MT_WB, BF_MT_UC}, {BF_MT_WP, BF_MT_WT, BF_MT_UC},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		variable(0, GIB, GIB, rows[i].a);
		variable(1, GIB, 512 * MIB, rows[i].b);
		default_type(BF_MT_WP, DEF_ENABLE);
		assert_int_equal(bf_mtrr_type(&mtrr, GIB), rows[i].result);
		assert_int_equal(bf_mtrr_type(&mtrr, GIB + 512 * MIB), rows[i].a);
		assert_int_equal(bf_mtrr_type(&mtrr, 2 * GIB), BF_MT_WP);
	}
}

static void three_overlap(void **state)
{
	(void)state;
	variable(0, 0, 4 * GIB, BF_MT_WB);
	variable(1, 0, GIB, BF_MT_WT);
	variable(2, 0, 2 * MIB, BF_MT_UC);
	default_type(BF_MT_UC, DEF_ENABLE);
	assert_int_equal(bf_mtrr_type(&mtrr, 0), BF_MT_UC);
	assert_int_equal(bf_mtrr_type(&mtrr, 2 * MIB), BF_MT_WT);
	assert_int_equal(bf_mtrr_type(&mtrr, GIB), BF_MT_WB);
}

static void disabled(void **state)
{
	enum bf_memtype type;

	(void)state;
	variable(0, 0, 4 * GIB, BF_MT_WB);
	default_type(BF_MT_WB, DEF_FIXED);
	assert_int_equal(bf_mtrr_type(&mtrr, 0), BF_MT_UC);
	assert_int_equal(bf_mtrr_type(&mtrr, GIB), BF_MT_UC);
	assert_true(bf_mtrr_uniform(&mtrr, 0, GIB, &type));
	assert_int_equal(type, BF_MT_UC);
}

/* A CPU without MTRRs has no MSRs to read: an RDMSR would end this test. */
static void absent(void **state)
{
	(void)state;
	mock_reset_with(&mock_intel, 1, MOCK_MTRR, 0);
	bf_mtrr_read(&mtrr);
	assert_int_equal(bf_mtrr_type(&mtrr, 0), BF_MT_WB);
	assert_int_equal(bf_mtrr_type(&mtrr, 5 * GIB), BF_MT_WB);
}

static void uniform(void **state)
{
	static const struct {
		uint64_t pa, bytes;
		bool uniform;
	} rows[] = {
		{0, 4096, true},          {0, 2 * MIB, false},
		{2 * MIB, 2 * MIB, true}, {GIB, GIB, false},
		{GIB, 2 * MIB, false},    {GIB, 64 * 1024, true},
		{2 * GIB, 2 * GIB, true}, {0, 4 * GIB, false},
		{4 * GIB, GIB, true},     {GIB + 2 * MIB, 2 * MIB, true},
	};
	enum bf_memtype type;

	(void)state;
	variable(0, GIB + MIB, MIB, BF_MT_WC);
	default_type(BF_MT_WB, DEF_ENABLE | DEF_FIXED);
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool got = bf_mtrr_uniform(&mtrr, rows[i].pa, rows[i].bytes, &type);

		if (got != rows[i].uniform)
			fail_msg("row %zu", i);
	}
}

/* Whatever is called uniform is so, page by page, for sets of ranges made at random. */
static void uniform_is_true(void **state)
{
	static const enum bf_memtype types[] = {BF_MT_UC, BF_MT_WC, BF_MT_WT, BF_MT_WP, BF_MT_WB};
	uint32_t seed = 1, found = 0;

	(void)state;
	for (int round = 0; round < 200; round++) {
		for (uint32_t i = 0; i < 4; i++) {
			seed = seed * 1664525 + 1013904223;
			uint64_t bytes = 4096UL << (seed >> 8 & 15);
			variable(i, (seed >> 12 & 0xfff) * 4096 & ~(bytes - 1), bytes,
				 types[(seed >> 24) % COUNT(types)]);
		}
		default_type(types[(seed >> 4) % COUNT(types)], DEF_ENABLE | DEF_FIXED);
		for (uint64_t pa = 0; pa < 16 * MIB; pa += 2 * MIB) {
			enum bf_memtype type;

			if (!bf_mtrr_uniform(&mtrr, pa, 2 * MIB, &type))
				continue;
			found++;
			for (uint64_t at = pa; at < pa + 2 * MIB; at += 4096)
				assert_int_equal(bf_mtrr_type(&mtrr, at), type);
		}
	}
	assert_true(found > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(fixed_ranges, setup),
		cmocka_unit_test_setup(fixed_disabled, setup),
		cmocka_unit_test_setup(variable_ranges, setup),
		cmocka_unit_test_setup(overlaps, setup),
		cmocka_unit_test_setup(three_overlap, setup),
		cmocka_unit_test_setup(disabled, setup),
		cmocka_unit_test_setup(absent, setup),
		cmocka_unit_test_setup(uniform, setup),
		cmocka_unit_test_setup(uniform_is_true, setup),
	};

	return cmocka_run_group_tests_name("mtrr", tests, NULL, NULL);
}
