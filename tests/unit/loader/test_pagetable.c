/* SPDX-License-Identifier: MIT */
/* Page tables by themselves: sizes of pages, refusals, conflicts. */
#include <bfload/pagetable.h>
#include "fake_os.h"
#include "../test.h"

#define MIB (1UL << 20)
#define GIB (1UL << 30)
#define VA  0xffff800000000000UL

static struct bf_arena arena;
static struct bf_pagetable tables;
static struct bf_report report;

static void init(uint32_t la57, uint32_t pages_1g)
{
	memset(&report, 0, sizeof(report));
	bf_arena_init(&arena, &fake_ops, NULL);
	assert_int_equal(bf_pagetable_init(&tables, &arena, la57, pages_1g, &report), 0);
}

static int setup(void **state)
{
	(void)state;
	fake_reset(1);
	init(0, 1);
	return 0;
}

static int map(uint64_t va, uint64_t pa, uint64_t bytes, uint32_t flags)
{
	memset(&report, 0, sizeof(report));
	return bf_pagetable_map(&tables, va, pa, bytes, flags, &report);
}

static void page_sizes(void **state)
{
	static const struct {
		uint64_t va, pa, bytes, at, page;
	} rows[] = {
		{VA, 0, 4096, 0, 4096},
		{VA, 0, 2 * MIB, 0, 2 * MIB},
		{VA, 0, GIB, 0, GIB},
		{VA, 0, 3 * GIB, 2 * GIB, GIB},
		{VA, 4096, 4 * MIB, 0, 4096},
		{VA + 4096, 4096, 4 * MIB, 2 * MIB, 2 * MIB},
		{VA + 4096, 4096, 4 * MIB, 4 * MIB - 4096, 4096},
		{VA + 2 * MIB, 2 * MIB, 2 * GIB, 0, 2 * MIB},
		{VA + 2 * MIB, 2 * MIB, 2 * GIB, GIB, GIB},
		{VA + 4096, 0, 4 * MIB, 2 * MIB, 4096},
		{VA, 0, GIB - 4096, GIB - 2 * MIB, 4096},
	};
	struct bf_translation out;

	for (size_t i = 0; i < COUNT(rows); i++) {
		setup(state);
		assert_int_equal(map(rows[i].va, rows[i].pa, rows[i].bytes, BF_MAP_W), 0);
		assert_int_equal(bf_pagetable_walk(&tables, rows[i].va + rows[i].at, &out), 0);
		assert_int_equal(out.page_bytes, rows[i].page);
		for (uint64_t at = 0; at < rows[i].bytes; at += 64 * 4096) {
			assert_int_equal(bf_pagetable_walk(&tables, rows[i].va + at + 5, &out), 0);
			assert_int_equal(out.pa, rows[i].pa + at + 5);
			assert_int_equal(out.flags, BF_MAP_W);
		}
		assert_int_equal(bf_pagetable_walk(&tables, rows[i].va + rows[i].bytes, &out),
				 BF_ENOENT);
		assert_int_equal(bf_pagetable_walk(&tables, rows[i].va - 1, &out), BF_ENOENT);
	}
}

static void no_huge_pages(void **state)
{
	struct bf_translation out;

	(void)state;
	init(0, 0);
	assert_int_equal(map(VA, 0, GIB, 0), 0);
	assert_int_equal(bf_pagetable_walk(&tables, VA, &out), 0);
	assert_int_equal(out.page_bytes, 2 * MIB);
	assert_int_equal(out.flags, 0);
}

static void refused(void **state)
{
	static const struct {
		const char *name;
		uint64_t va, pa, bytes;
		uint32_t flags, la57;
		int code;
	} rows[] = {
		{"va not aligned", VA + 1, 0, 4096, 0, 0, BF_EINVAL},
		{"pa not aligned", VA, 0x800, 4096, 0, 0, BF_EINVAL},
		{"size not aligned", VA, 0, 4097, 0, 0, BF_EINVAL},
		{"W and X", VA, 0, 4096, BF_MAP_W | BF_MAP_X, 0, BF_EINVAL},
		{"W and X", VA, 0, 4096, BF_MAP_W | BF_MAP_X | BF_MAP_UC, 0, BF_EINVAL},
		{"not canonical", 0x0000800000000000, 0, 4096, 0, 0, BF_EINVAL},
		{"not canonical, high", 0xffff700000000000, 0, 4096, 0, 0, BF_EINVAL},
		{"into the hole", 0x00007ffffffff000, 0, 8192, 0, 0, BF_EINVAL},
		{"wraps", 0xfffffffffffff000, 0, 8192, 0, 0, BF_EINVAL},
		{"pa too high", VA, 1UL << 52, 4096, 0, 0, BF_EINVAL},
		{"pa grows too high", VA, (1UL << 52) - 4096, 8192, 0, 0, BF_EINVAL},
		{"nothing", VA, 0, 0, 0, 0, 0},
		{"last page", 0xfffffffffffff000, 0, 4096, 0, 0, 0},
		{"canonical in 5 levels", 0x0000800000000000, 0, 4096, 0, 1, 0},
		{"not canonical in 5 levels", 0x0100000000000000, 0, 4096, 0, 1, BF_EINVAL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		setup(state);
		init(rows[i].la57, 1);
		assert_row(map(rows[i].va, rows[i].pa, rows[i].bytes, rows[i].flags) ==
				   rows[i].code,
			   rows[i].name);
		assert_row(report.code == rows[i].code, rows[i].name);
	}
}

static void conflicts(void **state)
{
	(void)state;
	assert_int_equal(map(VA, 0, 4096, 0), 0);
	assert_int_equal(map(VA, 0, 4096, 0), BF_EEXIST);
	assert_int_equal(map(VA, 0, 2 * MIB, 0), BF_EEXIST);
	assert_int_equal(map(VA, 0, GIB, 0), BF_EEXIST);
	assert_int_equal(map(VA + 2 * MIB, 2 * MIB, 2 * MIB, 0), 0);
	assert_int_equal(map(VA + 3 * MIB, 3 * MIB, 4096, 0), BF_EEXIST);
	assert_int_equal(map(VA + GIB, GIB, GIB, 0), 0);
	assert_int_equal(map(VA + GIB + 4096, GIB, 4096, 0), BF_EEXIST);
	assert_int_equal(report.code, BF_EEXIST);
}

static void five_levels(void **state)
{
	struct bf_translation out;

	(void)state;
	init(1, 1);
	assert_int_equal(map(0xff00000000000000, 4096, 4096, BF_MAP_X), 0);
	assert_int_equal(bf_pagetable_walk(&tables, 0xff00000000000123, &out), 0);
	assert_int_equal(out.pa, 4096 + 0x123);
	assert_int_equal(out.flags, BF_MAP_X);
	assert_int_equal(bf_pagetable_walk(&tables, 0xffff800000000000, &out), BF_ENOENT);
	assert_int_equal(bf_pagetable_walk(&tables, 1UL << 60, &out), BF_ENOENT);
}

static void exhaustion(void **state)
{
	uint64_t pa;

	(void)state;
	fake.max_pages = 1;
	for (uint32_t n = 1; n <= 3; n++) {
		fake_reset(1);
		fake.max_pages = 1;
		init(0, 1);
		fake.fail_alloc = n;
		assert_int_equal(map(VA, 0, 4096, 0), BF_ENOMEM);
		assert_int_equal(map(VA, 0, 4096, 0), 0);
		bf_arena_free(&arena);
		assert_int_equal(fake.held, 0);
	}
	assert_int_equal(bf_arena_take(&arena, 2, &pa, &report), BF_ENOMEM);
}

static void merged_extents(void **state)
{
	struct bf_extent list[] = {
		{0x5000, 0x1000}, {0x1000, 0x2000}, {0x3000, 0x1000},
		{0x9000, 0x1000}, {0x4000, 0x1000},
	};

	(void)state;
	assert_int_equal(bf_extents_merge(list, 5), 2);
	assert_int_equal(list[0].pa, 0x1000);
	assert_int_equal(list[0].bytes, 0x5000);
	assert_int_equal(list[1].pa, 0x9000);
	assert_int_equal(list[1].bytes, 0x1000);
	assert_int_equal(bf_extents_merge(list, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(page_sizes, setup),
		cmocka_unit_test_setup(no_huge_pages, setup),
		cmocka_unit_test_setup(refused, setup),
		cmocka_unit_test_setup(conflicts, setup),
		cmocka_unit_test_setup(five_levels, setup),
		cmocka_unit_test_setup(exhaustion, setup),
		cmocka_unit_test_setup(merged_extents, setup),
	};

	return cmocka_run_group_tests_name("pagetable", tests, NULL, NULL);
}
