/* SPDX-License-Identifier: MIT */
/* The memory map, the VMM's own memory, and what the control VM may name. */
#include <bfhw/phys.h>
#include <bfmock/machine.h>
#include <bfvmm/ram.h>
#include "test.h"

#define MIB (1UL << 20)

static struct bf_boot boot;

static const struct bf_region map[] = {
	{0, 0x9f000, BF_REGION_RAM, 0},        {0x9f000, 0x61000, BF_REGION_RESERVED, 0},
	{MIB, 15 * MIB, BF_REGION_RAM, 0},     {16 * MIB, 16 * MIB, BF_REGION_RAM, 0},
	{40 * MIB, 8 * MIB, BF_REGION_RAM, 0},
};

static int setup(void **state)
{
	(void)state;
	mock_reset(&mock_intel, 1);
	mock_boot_fill(&boot, MIB);
	memcpy(boot.regions, map, sizeof(map));
	boot.region_count = COUNT(map);
	boot.owned[0] = (struct bf_extent){8 * MIB, MIB};
	boot.owned[1] = (struct bf_extent){10 * MIB, 4096};
	boot.owned_count = 2;
	bf_ram_init(&boot);
	return 0;
}

static void is_ram(void **state)
{
	static const struct {
		uint64_t pa, bytes;
		bool ram;
	} rows[] = {
		{0, 1, true},
		{0, 0x9f000, true},
		{0, 0x9f001, false},
		{0x9efff, 1, true},
		{0x9f000, 1, false},
		{MIB, 15 * MIB, true},
		{15 * MIB, 2 * MIB, true},
		{MIB, 31 * MIB, true},
		{MIB, 31 * MIB + 1, false},
		{32 * MIB, 1, false},
		{40 * MIB - 1, 2, false},
		{40 * MIB, 8 * MIB, true},
		{48 * MIB - 1, 2, false},
		{UINT64_MAX, 2, false},
		{UINT64_MAX - 10, 20, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (bf_phys_is_ram(rows[i].pa, rows[i].bytes) != rows[i].ram)
			fail_msg("row %zu", i);
	assert_int_equal(bf_ram_end(), 48 * MIB);
	assert_int_equal(bf_ram_low_end, 32 * MIB);
}

static void owned(void **state)
{
	static const struct {
		uint64_t pa, bytes;
		enum bf_owned owned;
	} rows[] = {
		{7 * MIB, MIB, BF_OWNED_NONE},     {8 * MIB, 4096, BF_OWNED_ALL},
		{8 * MIB, MIB, BF_OWNED_ALL},      {9 * MIB - 4096, 4096, BF_OWNED_ALL},
		{9 * MIB, 4096, BF_OWNED_NONE},    {8 * MIB, 2 * MIB, BF_OWNED_SOME},
		{6 * MIB, 8 * MIB, BF_OWNED_SOME}, {8 * MIB - 1, 2, BF_OWNED_SOME},
		{10 * MIB, 4096, BF_OWNED_ALL},    {10 * MIB, 8192, BF_OWNED_SOME},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (bf_phys_owned(rows[i].pa, rows[i].bytes) != rows[i].owned)
			fail_msg("row %zu", i);
}

/* What a hypercall's argument may point at: RAM that is not the VMM's. */
static void control_memory(void **state)
{
	(void)state;
	assert_ptr_equal(bf_control_memory(2 * MIB, 4096), bf_phys_to_virt(2 * MIB));
	assert_null(bf_control_memory(8 * MIB, 4096));
	assert_null(bf_control_memory(8 * MIB - 1, 2));
	assert_null(bf_control_memory(0xa0000, 4096));
	assert_null(bf_control_memory(100UL << 40, 4096));
	assert_null(bf_control_memory(UINT64_MAX & BF_PAGE_MASK, 4096));
	assert_null(bf_control_memory(UINT64_MAX, 2));
}

/* The loader's page can change later; the VMM's view does not. */
static void copied_once(void **state)
{
	(void)state;
	boot.owned_count = 0;
	boot.owned[0].bytes = 0;
	boot.regions[0].bytes = 0;
	assert_null(bf_control_memory(8 * MIB, 4096));
	assert_true(bf_phys_is_ram(0, 4096));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(is_ram, setup),
		cmocka_unit_test_setup(owned, setup),
		cmocka_unit_test_setup(control_memory, setup),
		cmocka_unit_test_setup(copied_once, setup),
	};

	return cmocka_run_group_tests_name("ram", tests, NULL, NULL);
}
