/* SPDX-License-Identifier: MIT */
/* Copies across pages: what is copied, what fails, and that a write is whole or nothing. */
#include <bfhw/phys.h>
#include <bfmock/hv.h>
#include <bfvmm/msr.h>
#include <bfvmm/ram.h>
#include "guest_tables.h"
#include "test.h"

#define VA    0x7fff00000000UL
#define RWU   TABLES_RWU
#define PAGE  BF_PAGE_SIZE
#define FRAME TABLES_PAGE

/* Pages that follow each other by linear address, and go down by physical address. */
static void map_pages(const struct bf_space *space, uint64_t va, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		tables_set(space, va + i * PAGE, 1, (FRAME - i * PAGE) | RWU);
}

static uint8_t *byte_at(uint64_t offset)
{
	return (uint8_t *)bf_phys_to_virt(FRAME - (offset & ~(PAGE - 1))) + (offset & (PAGE - 1));
}

static void fill(uint8_t *bytes, size_t count, uint32_t seed)
{
	for (size_t i = 0; i < count; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 251 + seed);
}

/* Every offset into a page and every short length, so all alignments. */
static void crosses_pages(void **state)
{
	uint8_t from[64], to[64];
	struct bf_space space;

	(void)state;
	tables_space(TABLES_4, &space);
	map_pages(&space, VA, 3);
	for (uint64_t offset = PAGE - 40; offset < PAGE + 8; offset++) {
		for (uint32_t count = 0; count <= 40; count++) {
			fill(from, sizeof(from), (uint32_t)offset + count);
			memset(to, 0xee, sizeof(to));
			*byte_at(offset - 1) = *byte_at(offset + count) = 0x55;
			assert_int_equal(bf_space_write(&space, VA + offset, from, count, 0, NULL),
					 0);
			for (uint32_t i = 0; i < count; i++)
				assert_int_equal(*byte_at(offset + i), from[i]);
			assert_int_equal(*byte_at(offset - 1), 0x55);
			assert_int_equal(*byte_at(offset + count), 0x55);
			assert_int_equal(bf_space_read(&space, VA + offset, to, count, 0, NULL), 0);
			assert_memory_equal(to, from, count);
			assert_int_equal(to[count], 0xee);
		}
	}
}

static uint8_t big[BF_GUEST_WRITE_MAX + 1], back[BF_GUEST_WRITE_MAX + 1];

static void many_pages(void **state)
{
	struct bf_space space;

	(void)state;
	tables_space(TABLES_5, &space);
	map_pages(&space, VA, 18);
	fill(big, sizeof(big), 3);
	assert_int_equal(bf_space_write(&space, VA + 1, big, BF_GUEST_WRITE_MAX, 0, NULL), 0);
	assert_int_equal(bf_space_read(&space, VA + 1, back, BF_GUEST_WRITE_MAX, 0, NULL), 0);
	assert_memory_equal(big, back, BF_GUEST_WRITE_MAX);
	assert_int_equal(bf_space_write(&space, VA, big, BF_GUEST_WRITE_MAX + 1, 0, NULL),
			 BF_ERANGE);
	assert_int_equal(bf_space_read(&space, VA, back, sizeof(back), 0, NULL), 0);
}

/* The n-th of three pages fails: the first byte there is named, and none was written. */
static void whole_or_nothing(void **state)
{
	static const struct {
		uint64_t entry;
		int status;
		uint8_t vector;
		uint32_t error;
	} rows[] = {
		{0, BF_EFAULT, BF_VECTOR_PF, BF_PF_WRITE},
		{FRAME | BF_ENTRY_P, BF_EFAULT, BF_VECTOR_PF, BF_PF_WRITE | BF_PF_PRESENT},
		{1UL << 45 | RWU, BF_EFAULT, BF_VECTOR_PF, 11},
		{MOCK_POOL_PA | RWU, BF_EPERM, 0, 0},
		{MOCK_MEMORY | RWU, BF_EDEVICE, 0, 0},
	};
	uint8_t bytes[2 * PAGE + 2];

	(void)state;
	memset(bytes, 0xaa, sizeof(bytes));
	for (uint32_t bad = 0; bad < 4; bad++) {
		for (size_t i = 0; i < COUNT(rows); i++) {
			uint64_t first = bad ? VA + bad * PAGE : VA + PAGE - 1;
			struct bf_guest_fault fault;
			struct bf_space space;

			tables_space(TABLES_4, &space);
			map_pages(&space, VA, 4);
			tables_set(&space, VA + bad * PAGE, 1, rows[i].entry);
			for (uint32_t page = 0; page < 4; page++)
				memset(byte_at(page * PAGE), 0, PAGE);
			assert_int_equal(bf_space_write(&space, VA + PAGE - 1, bytes, sizeof(bytes),
							BF_GUEST_MARK, &fault),
					 rows[i].status);
			assert_int_equal(fault.vector, rows[i].vector);
			assert_int_equal(fault.error_code, rows[i].error);
			assert_int_equal(fault.address, first);
			for (uint32_t at = 0; at < 4 * PAGE; at++)
				assert_int_equal(*byte_at(at), 0);
			for (uint32_t page = 0; page < 4; page++)
				assert_true(page == bad ||
					    !(tables_get(&space, VA + page * PAGE, 1) &
					      (BF_ENTRY_A | BF_ENTRY_D)));
		}
	}
}

static void marks(void **state)
{
	struct bf_space space;
	uint64_t value;

	(void)state;
	tables_space(TABLES_4, &space);
	map_pages(&space, VA, 2);
	assert_int_equal(bf_space_read(&space, VA + PAGE - 4, &value, 8, BF_GUEST_MARK, NULL), 0);
	assert_int_equal(tables_get(&space, VA, 1), FRAME | RWU | BF_ENTRY_A);
	assert_int_equal(bf_space_write(&space, VA + PAGE - 4, &value, 8, BF_GUEST_MARK, NULL), 0);
	assert_int_equal(tables_get(&space, VA + PAGE, 1),
			 (FRAME - PAGE) | RWU | BF_ENTRY_A | BF_ENTRY_D);
}

/* Reads keep to the rights too, and stop where they fail. */
static void reads_fail(void **state)
{
	struct bf_guest_fault fault;
	struct bf_space space;
	uint8_t bytes[16];

	(void)state;
	tables_space(TABLES_4, &space);
	map_pages(&space, VA, 1);
	space.cpl = 3;
	assert_int_equal(bf_space_read(&space, VA + PAGE - 8, bytes, 16, 0, &fault), BF_EFAULT);
	assert_int_equal(fault.vector, BF_VECTOR_PF);
	assert_int_equal(fault.error_code, BF_PF_USER);
	assert_int_equal(fault.address, VA + PAGE);
	tables_set(&space, VA, 1, FRAME | BF_ENTRY_P);
	assert_int_equal(bf_space_read(&space, VA, bytes, 1, 0, &fault), BF_EFAULT);
	assert_int_equal(fault.error_code, BF_PF_USER | BF_PF_PRESENT);
	assert_int_equal(bf_space_read(&space, VA, bytes, 1, BF_GUEST_FORCE, NULL), 0);
	assert_int_equal(bf_space_read(&space, VA, bytes, 1, BF_GUEST_AS_KERNEL, NULL), 0);
	tables_set(&space, VA, 1, (MOCK_POOL_PA + PAGE) | RWU);
	assert_int_equal(bf_space_read(&space, VA, bytes, 1, BF_GUEST_FORCE, &fault), BF_EPERM);
	assert_int_equal(fault.vector, 0);
}

/* Code up to where it ends; the fault is that of the byte behind. */
static void fetches(void **state)
{
	struct bf_guest_fault fault;
	struct bf_space space;
	uint8_t bytes[15];

	(void)state;
	tables_space(TABLES_4, &space);
	map_pages(&space, VA, 2);
	fill(byte_at(PAGE - 15), 15, 1);
	assert_int_equal(bf_space_fetch(&space, VA + PAGE - 15, bytes, 15, 0, &fault), 15);
	assert_memory_equal(bytes, byte_at(PAGE - 15), 15);
	assert_int_equal(fault.vector, 0);
	tables_set(&space, VA + PAGE, 1, FRAME | RWU | BF_ENTRY_NX);
	assert_int_equal(bf_space_fetch(&space, VA + PAGE - 4, bytes, 15, 0, &fault), 4);
	assert_int_equal(fault.vector, BF_VECTOR_PF);
	assert_int_equal(fault.error_code, BF_PF_PRESENT | BF_PF_FETCH);
	assert_int_equal(fault.address, VA + PAGE);
	assert_int_equal(bf_space_fetch(&space, VA + PAGE - 4, bytes, 15, BF_GUEST_FORCE, NULL),
			 15);
	assert_int_equal(bf_space_fetch(&space, VA - 1, bytes, 15, 0, NULL), 0);
}

/* Where linear addresses end: at 4 GiB, or where they cease to be canonical. */
static void wraps(void **state)
{
	uint32_t value = 0x44332211, read;
	struct bf_guest_fault fault;
	struct bf_space space;

	(void)state;
	for (enum tables_mode mode = TABLES_32; mode <= TABLES_4; mode++) {
		tables_space(mode, &space);
		space.code64 = false;
		tables_set(&space, 0xfffff000, 1, FRAME | RWU);
		tables_set(&space, 0, 1, (FRAME - PAGE) | RWU);
		assert_int_equal(bf_space_write(&space, 0xfffffffe, &value, 4, 0, NULL), 0);
		assert_int_equal(*byte_at(PAGE - 1), 0x22);
		assert_int_equal(*byte_at(PAGE), 0x33);
		assert_int_equal(bf_space_read(&space, 0xfffffffe, &read, 4, 0, NULL), 0);
		assert_int_equal(read, value);
	}
	/* 64-bit code goes on above. */
	space.code64 = true;
	assert_int_equal(bf_space_read(&space, 0xfffffffe, &read, 4, 0, &fault), BF_EFAULT);
	assert_int_equal(fault.address, 0x100000000);
	/* Compatibility mode does not cut off a kernel's addresses. */
	space.code64 = false;
	tables_set(&space, 0xffffffff81000000, 1, FRAME | RWU);
	*byte_at(0) = 0x77;
	assert_int_equal(bf_space_read(&space, 0xffffffff81000000, &read, 1, 0, NULL), 0);
	assert_int_equal(read & 0xff, 0x77);
}

static void canonical_limit(void **state)
{
	struct bf_guest_fault fault;
	struct bf_space space;
	uint64_t value;

	(void)state;
	tables_space(TABLES_4, &space);
	tables_set(&space, 0x7ffffffff000, 1, FRAME | RWU);
	assert_int_equal(bf_space_read(&space, 0x7ffffffffff8, &value, 8, 0, NULL), 0);
	assert_int_equal(bf_space_read(&space, 0x7ffffffffff9, &value, 8, 0, &fault), BF_EFAULT);
	assert_int_equal(fault.vector, BF_VECTOR_GP);
	assert_int_equal(fault.error_code, 0);
	assert_int_equal(fault.address, 0x800000000000);
	/* Behind the last address comes the first. */
	tables_set(&space, 0xfffffffffffff000, 1, FRAME | RWU);
	tables_set(&space, 0, 1, (FRAME - PAGE) | RWU);
	assert_int_equal(bf_space_read(&space, 0xfffffffffffffffc, &value, 8, 0, NULL), 0);
}

static void by_physical_address(void **state)
{
	static const struct {
		uint64_t gpa, bytes;
		int status;
	} rows[] = {
		{FRAME + 1, 3 * PAGE, 0},        {MOCK_POOL_PA - 4, 4, 0},
		{MOCK_POOL_PA - 4, 5, BF_EPERM}, {MOCK_POOL_PA, 1, BF_EPERM},
		{MOCK_MEMORY - 4, 4, 0},         {MOCK_MEMORY - 4, 5, BF_EDEVICE},
		{1UL << 40, 1, BF_EDEVICE},      {UINT64_MAX, 1, BF_EDEVICE},
		{UINT64_MAX - 3, 8, BF_EDEVICE}, {UINT64_MAX & BF_PAGE_MASK, PAGE, BF_EDEVICE},
	};

	(void)state;
	fill(big, sizeof(big), 9);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(bf_gpa_write(&mock_vm, rows[i].gpa, big, rows[i].bytes),
				 rows[i].status);
		assert_int_equal(bf_gpa_read(&mock_vm, rows[i].gpa, back, rows[i].bytes),
				 rows[i].status);
		if (!rows[i].status)
			assert_memory_equal(big, back, rows[i].bytes);
	}
	assert_int_equal(*(uint32_t *)bf_phys_to_virt(MOCK_POOL_PA - 4), *(uint32_t *)big);
	assert_int_equal(bf_gpa_write(&mock_vm, FRAME, big, BF_GUEST_WRITE_MAX + 1), BF_ERANGE);
}

/* A write that fails in its second page leaves the first one alone. */
static void physical_write_is_whole(void **state)
{
	(void)state;
	memset(bf_phys_to_virt(MOCK_POOL_PA - 4), 0, 4);
	assert_int_equal(bf_gpa_write(&mock_vm, MOCK_POOL_PA - 4, "12345678", 8), BF_EPERM);
	assert_int_equal(*(uint32_t *)bf_phys_to_virt(MOCK_POOL_PA - 4), 0);
}

static void maps(void **state)
{
	uint64_t hpa = 0;
	void *at = NULL;

	(void)state;
	assert_int_equal(bf_gpa_map(&mock_vm, FRAME + 8, PAGE - 8, &at), 0);
	assert_ptr_equal(at, bf_phys_to_virt(FRAME + 8));
	bf_gpa_unmap(&mock_vm, at);
	assert_int_equal(bf_gpa_map(&mock_vm, FRAME + 8, PAGE - 7, &at), BF_EINVAL);
	assert_int_equal(bf_gpa_map(&mock_vm, FRAME, 0, &at), BF_EINVAL);
	assert_int_equal(bf_gpa_map(&mock_vm, FRAME + 8, UINT64_MAX, &at), BF_EINVAL);
	assert_int_equal(bf_gpa_map(&mock_vm, MOCK_POOL_PA, 8, &at), BF_EPERM);
	assert_int_equal(bf_gpa_map(&mock_vm, MOCK_MEMORY, 8, &at), BF_EDEVICE);
	assert_int_equal(bf_gpa_to_hpa(&mock_vm, FRAME + 5, &hpa), 0);
	assert_int_equal(hpa, FRAME + 5);
	assert_int_equal(bf_gpa_to_hpa(&mock_vm, MOCK_POOL_PA + PAGE, &hpa), BF_EPERM);
	assert_int_equal(bf_gpa_to_hpa(&mock_vm, UINT64_MAX, &hpa), BF_EDEVICE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(crosses_pages, tables_setup),
		cmocka_unit_test_setup(many_pages, tables_setup),
		cmocka_unit_test_setup(whole_or_nothing, tables_setup),
		cmocka_unit_test_setup(marks, tables_setup),
		cmocka_unit_test_setup(reads_fail, tables_setup),
		cmocka_unit_test_setup(fetches, tables_setup),
		cmocka_unit_test_setup(wraps, tables_setup),
		cmocka_unit_test_setup(canonical_limit, tables_setup),
		cmocka_unit_test_setup(by_physical_address, tables_setup),
		cmocka_unit_test_setup(physical_write_is_whole, tables_setup),
		cmocka_unit_test_setup(maps, tables_setup),
	};

	return cmocka_run_group_tests_name("guest copy", tests, NULL, NULL);
}
