/* SPDX-License-Identifier: MIT */
#include <bareframe/ext.h>
#include <bfhw/phys.h>
#include <bfmock/machine.h>
#include <bfvmm/mem.h>
#include "test.h"

#define PAGES 64u

static int setup(void **state)
{
	(void)state;
	mock_reset(&mock_intel, 1);
	mock_pool_init(PAGES * BF_PAGE_SIZE);
	bf_heap_init();
	return 0;
}

static void accounting(void **state)
{
	(void)state;
	assert_int_equal(bf_pool_total(), PAGES);
	assert_int_equal(bf_pool_used(), 0);
	void *a = bf_pages_alloc(3);
	assert_int_equal(bf_pool_used(), 3);
	bf_pages_free(a, 3);
	assert_int_equal(bf_pool_used(), 0);
	assert_null(bf_pages_alloc(0));
	bf_pages_free(NULL, 5);
	assert_int_equal(bf_pool_used(), 0);
}

static void zeroed(void **state)
{
	uint8_t *page = bf_pages_alloc(1);

	(void)state;
	memset(page, 0xa5, BF_PAGE_SIZE);
	bf_pages_free(page, 1);
	for (uint32_t i = 0; i < PAGES; i++) {
		page = bf_pages_alloc(1);
		for (uint32_t at = 0; at < BF_PAGE_SIZE; at++)
			assert_int_equal(page[at], 0);
	}
}

/* Every page of the pool can be had, none twice, and then no more. */
static void exhaustion(void **state)
{
	bool seen[PAGES] = {0};

	(void)state;
	for (uint32_t i = 0; i < PAGES; i++) {
		void *page = bf_pages_alloc(1);

		assert_non_null(page);
		uint64_t n = (bf_virt_to_phys(page) - MOCK_POOL_PA) / BF_PAGE_SIZE;
		assert_true(n < PAGES);
		assert_false(seen[n]);
		seen[n] = true;
	}
	assert_null(bf_pages_alloc(1));
	assert_int_equal(bf_pool_used(), PAGES);
}

/* Pages given back in any order become one run again. */
static void merging(void **state)
{
	static const uint8_t orders[][4] = {
		{0, 1, 2, 3}, {3, 2, 1, 0}, {0, 2, 1, 3}, {1, 3, 0, 2}, {2, 0, 3, 1}};
	void *part[4];

	(void)state;
	for (size_t i = 0; i < COUNT(orders); i++) {
		for (int p = 0; p < 4; p++)
			part[p] = bf_pages_alloc(PAGES / 4);
		assert_null(bf_pages_alloc(1));
		for (int p = 0; p < 4; p++)
			bf_pages_free(part[orders[i][p]], PAGES / 4);
		void *all = bf_pages_alloc(PAGES);
		assert_non_null(all);
		bf_pages_free(all, PAGES);
	}
}

/* A run must not reach across a hole between extents. */
static void contiguity(void **state)
{
	const struct bf_extent extents[] = {
		{MOCK_POOL_PA + 8 * BF_PAGE_SIZE, 4 * BF_PAGE_SIZE},
		{MOCK_POOL_PA, 4 * BF_PAGE_SIZE},
		{MOCK_POOL_PA + 12 * BF_PAGE_SIZE, 2 * BF_PAGE_SIZE},
	};

	(void)state;
	bf_pool_init(extents, COUNT(extents));
	assert_int_equal(bf_pool_total(), 10);
	assert_null(bf_pages_alloc(7));
	void *six = bf_pages_alloc(6);
	assert_int_equal(bf_virt_to_phys(six), MOCK_POOL_PA + 8 * BF_PAGE_SIZE);
	void *four = bf_pages_alloc(4);
	assert_int_equal(bf_virt_to_phys(four), MOCK_POOL_PA);
	assert_null(bf_pages_alloc(1));
	bf_pages_free(six, 6);
	bf_pages_free(four, 4);
	assert_null(bf_pages_alloc(10));
}

static void heap_blocks(void **state)
{
	static const uint32_t sizes[] = {1,    15,   16,   17,   48,   100,
					 1000, 2032, 2033, 4080, 4081, 9000};
	uint8_t *block[COUNT(sizes)];

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		block[i] = bf_alloc(sizes[i]);
		assert_non_null(block[i]);
		assert_int_equal((uintptr_t)block[i] % 16, 0);
		for (uint32_t at = 0; at < sizes[i]; at++)
			assert_int_equal(block[i][at], 0);
		memset(block[i], (int)i + 1, sizes[i]);
	}
	for (size_t i = 0; i < COUNT(sizes); i++) {
		for (uint32_t at = 0; at < sizes[i]; at++)
			assert_int_equal(block[i][at], i + 1);
		bf_free(block[i]);
	}
}

static void heap_reuse(void **state)
{
	(void)state;
	bf_free(NULL);
	assert_null(bf_alloc(0));
	assert_null(bf_alloc(UINT64_MAX));
	assert_null(bf_alloc(UINT64_MAX - BF_PAGE_SIZE));
	for (int i = 0; i < 10000; i++) {
		uint64_t *small = bf_alloc(40), *large = bf_alloc(5000);

		assert_non_null(small);
		assert_non_null(large);
		assert_int_equal(*small, 0);
		*small = UINT64_MAX;
		bf_free(large);
		bf_free(small);
	}
	assert_true(bf_pool_used() <= 2);
}

static void heap_exhaustion(void **state)
{
	uint32_t blocks = 0;

	(void)state;
	while (bf_alloc(2000))
		blocks++;
	assert_int_equal(blocks, 2 * PAGES);
	assert_null(bf_alloc(2000));
	assert_null(bf_alloc(1));
	assert_null(bf_alloc(100000));
}

static void injected_failure(void **state)
{
	(void)state;
	mock.fault.page_alloc = 2;
	assert_non_null(bf_pages_alloc(1));
	assert_null(bf_pages_alloc(1));
	assert_non_null(bf_pages_alloc(1));
	mock.fault.page_alloc = 1;
	assert_null(bf_alloc(64));
	assert_non_null(bf_alloc(64));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(accounting, setup),
		cmocka_unit_test_setup(zeroed, setup),
		cmocka_unit_test_setup(exhaustion, setup),
		cmocka_unit_test_setup(merging, setup),
		cmocka_unit_test_setup(contiguity, setup),
		cmocka_unit_test_setup(heap_blocks, setup),
		cmocka_unit_test_setup(heap_reuse, setup),
		cmocka_unit_test_setup(heap_exhaustion, setup),
		cmocka_unit_test_setup(injected_failure, setup),
	};

	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
