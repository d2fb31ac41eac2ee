/* SPDX-License-Identifier: MIT */
/* The second-level tables, with a format of the test's own: bits 2:0 access, 6:3 type, 7 leaf. */
#include <bfhw/phys.h>
#include <bfmock/hv.h>
#include <bfmock/machine.h>
#include <bfvmm/defaults.h>
#include <bfvmm/mem.h>
#include <bfvmm/msr.h>
#include <bfvmm/ram.h>
#include <bfvmm/s2.h>
#include "test.h"

#define KIB     1024UL
#define MIB     (1UL << 20)
#define GIB     (1UL << 30)
#define LEAF    0x80u
#define ADDRESS 0x000ffffffffff000UL

static struct bf_boot boot;
static struct bf_vm vm;

static uint64_t leaf(uint64_t pa, uint32_t level, uint32_t access, enum bf_memtype type)
{
	(void)level;
	return pa | LEAF | access | (uint64_t)type << 3;
}

static uint32_t granted(uint32_t access)
{
	return access;
}

static uint64_t table(uint64_t pa)
{
	return pa | BF_S2_RWX;
}

static bool present(uint64_t entry)
{
	return entry & BF_S2_RWX;
}

static bool is_leaf(uint64_t entry, uint32_t level)
{
	return level == 1 || (entry & LEAF);
}

static uint64_t address(uint64_t entry, uint32_t level)
{
	(void)level;
	return entry & ADDRESS;
}

static struct bf_s2_format format = {.granted = granted,
				     .leaf = leaf,
				     .table = table,
				     .present = present,
				     .is_leaf = is_leaf,
				     .address = address};

static int setup(void **state)
{
	(void)state;
	mock_reset(&mock_intel, 1);
	mock_boot_fill(&boot, 4 * MIB);
	bf_ram_init(&boot);
	bf_pool_init(boot.pool, boot.pool_count);
	bf_s2_rules_reset();
	memset(&vm, 0, sizeof(vm));
	format.levels = 4;
	format.leaf_levels = 3;
	format.typed = true;
	return 0;
}

static uint32_t level_of(uint64_t gpa)
{
	uint32_t level;

	return bf_s2_lookup(&vm, gpa, &level) ? level : 0;
}

static void expect_identity(uint64_t gpa, uint32_t level, enum bf_memtype type)
{
	uint32_t got;
	uint64_t entry = bf_s2_lookup(&vm, gpa, &got);

	assert_int_equal(got, level);
	assert_int_equal(entry & ADDRESS, gpa & ~((1UL << (12 + 9 * (level - 1))) - 1));
	assert_int_equal(entry & BF_S2_RWX, BF_S2_RWX);
	assert_int_equal(entry >> 3 & 7, type);
}

static void large_pages(void **state)
{
	(void)state;
	assert_int_equal(bf_s2_create(&vm, &format), 0);
	expect_identity(GIB, 3, BF_MT_WB);
	expect_identity(4 * GIB - 1, 3, BF_MT_WB);
	expect_identity(2 * MIB, 2, BF_MT_WB);
	expect_identity(0, 1, BF_MT_WB);
	expect_identity(0xa0000, 1, BF_MT_UC);
	expect_identity(0xc0000, 1, BF_MT_WP);
	expect_identity(MIB, 1, BF_MT_WB);
	assert_int_equal(level_of(4 * GIB), 0);
}

static void small_leaves(void **state)
{
	(void)state;
	format.leaf_levels = 2;
	assert_int_equal(bf_s2_create(&vm, &format), 0);
	expect_identity(GIB, 2, BF_MT_WB);
	format.leaf_levels = 1;
	boot.pool[0].bytes = boot.owned[0].bytes = 16 * MIB;
	bf_ram_init(&boot);
	bf_pool_init(boot.pool, 1);
	assert_int_equal(bf_s2_create(&vm, &format), 0);
	expect_identity(GIB, 1, BF_MT_WB);
}

static void five_levels(void **state)
{
	(void)state;
	format.levels = 5;
	assert_int_equal(bf_s2_create(&vm, &format), 0);
	expect_identity(GIB, 3, BF_MT_WB);
	expect_identity(0xa0000, 1, BF_MT_UC);
	assert_int_equal(bf_s2_fault(&vm, 1UL << 50), 0);
	expect_identity(1UL << 50, 3, BF_MT_WB);
}

/* Not one page of the VMM's is reachable, and every other page of RAM is. */
static void own_memory_hidden(void **state)
{
	(void)state;
	boot.owned[1] = (struct bf_extent){5 * MIB + 4 * KIB, 8 * KIB};
	boot.owned[2] = (struct bf_extent){48 * MIB, 4 * MIB};
	boot.owned_count = 3;
	bf_ram_init(&boot);
	assert_int_equal(bf_s2_create(&vm, &format), 0);
	for (uint64_t gpa = 0; gpa < MOCK_MEMORY; gpa += BF_PAGE_SIZE) {
		bool own = bf_phys_owned(gpa, BF_PAGE_SIZE) == BF_OWNED_ALL;

		assert_int_equal(!level_of(gpa), own);
	}
	assert_int_equal(level_of(5 * MIB), 1);
	assert_int_equal(level_of(7 * MIB), 2);
}

static void memory_types(void **state)
{
	(void)state;
	mock_msr_set(MSR_IA32_MTRR_PHYSBASE0, 3 * GIB | BF_MT_UC);
	mock_msr_set(MSR_IA32_MTRR_PHYSBASE0 + 1, 0xffc0000800);
	mock_msr_set(MSR_IA32_MTRR_PHYSBASE0 + 2, (2 * GIB + 64 * KIB) | BF_MT_WC);
	mock_msr_set(MSR_IA32_MTRR_PHYSBASE0 + 3, 0xffffff0800);
	assert_int_equal(bf_s2_create(&vm, &format), 0);
	expect_identity(3 * GIB, 3, BF_MT_UC);
	expect_identity(2 * GIB + 64 * KIB, 1, BF_MT_WC);
	expect_identity(2 * GIB + 128 * KIB, 1, BF_MT_WB);
	expect_identity(2 * GIB + 2 * MIB, 2, BF_MT_WB);
}

/* Where the tables carry no type (NPT), MTRRs split nothing. */
static void untyped(void **state)
{
	(void)state;
	format.typed = false;
	assert_int_equal(bf_s2_create(&vm, &format), 0);
	expect_identity(0, 2, BF_MT_WB);
	expect_identity(0xa0000, 2, BF_MT_WB);
}

static void device_on_demand(void **state)
{
	const uint64_t gpa = 0x380000123456;

	(void)state;
	assert_int_equal(bf_s2_create(&vm, &format), 0);
	assert_int_equal(level_of(gpa), 0);
	assert_int_equal(bf_s2_fault(&vm, gpa), 0);
	expect_identity(gpa, 3, BF_MT_WB);
	assert_int_equal(bf_s2_fault(&vm, gpa), BF_EFAULT);
}

static void scrap_page(void **state)
{
	uint32_t level;

	(void)state;
	assert_int_equal(bf_s2_create(&vm, &format), 0);
	assert_int_equal(bf_s2_fault(&vm, MOCK_POOL_PA + 0x5123), 0);
	uint64_t entry = bf_s2_lookup(&vm, MOCK_POOL_PA + 0x5000, &level);
	assert_int_equal(level, 1);
	assert_int_not_equal(entry & ADDRESS, MOCK_POOL_PA + 0x5000);
	assert_int_equal(level_of(MOCK_POOL_PA + 0x4000), 0);
	assert_int_equal(level_of(MOCK_POOL_PA + 0x6000), 0);
	/* Every stray access sees the same page, that holds nothing of the VMM's. */
	assert_int_equal(bf_s2_fault(&vm, MOCK_POOL_PA + 0x9000), 0);
	assert_int_equal(bf_s2_lookup(&vm, MOCK_POOL_PA + 0x9000, &level), entry);
	const uint8_t *scrap = bf_phys_to_virt(entry & ADDRESS);
	for (uint32_t i = 0; i < BF_PAGE_SIZE; i++)
		assert_int_equal(scrap[i], 0);
	assert_int_equal(bf_s2_fault(&vm, MOCK_POOL_PA + 0x9000), BF_EFAULT);
}

static void fault(void *ctx)
{
	struct bf_exit exit = {.reason = BF_EXIT_S2_FAULT};

	mock_hv.field[BF_EXIT_GPA] = *(uint64_t *)ctx;
	bf_default_s2_fault(&mock_vcpus[0], &exit, NULL);
}

/* Pages that another CPU has mapped meanwhile are no reason to give up, however many; one is. */
static void mapped_meanwhile(void **state)
{
	uint64_t gpa = 0;

	(void)state;
	mock_hv_init(1);
	assert_int_equal(bf_s2_create(&mock_vm, &format), 0);
	for (; gpa < 1000 * BF_PAGE_SIZE; gpa += BF_PAGE_SIZE)
		assert_int_equal(mock_catch(fault, &gpa), MOCK_RETURNED);
	for (uint32_t i = 0; i < 64; i++)
		assert_int_equal(mock_catch(fault, &gpa), MOCK_RETURNED);
	assert_int_equal(mock_catch(fault, &gpa), MOCK_HALTED);
}

static void gives_all_back(void **state)
{
	(void)state;
	assert_int_equal(bf_s2_create(&vm, &format), 0);
	assert_int_equal(bf_s2_fault(&vm, MOCK_POOL_PA), 0);
	assert_true(bf_pool_used() > 4);
	bf_s2_destroy(&vm);
	assert_int_equal(bf_pool_used(), 0);
	assert_int_equal(vm.s2_root, 0);
}

/* The n-th allocation fails, for each n: an error, and nothing lost. */
static void exhaustion(void **state)
{
	uint64_t n = 0;
	int status;

	(void)state;
	do {
		mock.fault.page_alloc = ++n;
		status = bf_s2_create(&vm, &format);
		mock.fault.page_alloc = 0;
		assert_true(status == 0 || status == BF_ENOMEM);
		bf_s2_destroy(&vm);
		assert_int_equal(bf_pool_used(), 0);
	} while (status);
	assert_true(n > 5);
}

static void exhaustion_on_fault(void **state)
{
	(void)state;
	assert_int_equal(bf_s2_create(&vm, &format), 0);
	mock.fault.page_alloc = 1;
	assert_int_equal(bf_s2_fault(&vm, 1UL << 40), BF_ENOMEM);
	assert_int_equal(bf_s2_fault(&vm, 1UL << 40), 0);
	mock.fault.page_alloc = 1;
	assert_int_equal(bf_s2_fault(&vm, MOCK_POOL_PA), BF_ENOMEM);
	assert_int_equal(bf_s2_fault(&vm, MOCK_POOL_PA), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(large_pages, setup),
		cmocka_unit_test_setup(small_leaves, setup),
		cmocka_unit_test_setup(five_levels, setup),
		cmocka_unit_test_setup(own_memory_hidden, setup),
		cmocka_unit_test_setup(memory_types, setup),
		cmocka_unit_test_setup(untyped, setup),
		cmocka_unit_test_setup(device_on_demand, setup),
		cmocka_unit_test_setup(scrap_page, setup),
		cmocka_unit_test_setup(mapped_meanwhile, setup),
		cmocka_unit_test_setup(gives_all_back, setup),
		cmocka_unit_test_setup(exhaustion, setup),
		cmocka_unit_test_setup(exhaustion_on_fault, setup),
	};

	return cmocka_run_group_tests_name("s2", tests, NULL, NULL);
}
