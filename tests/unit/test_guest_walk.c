/* SPDX-License-Identifier: MIT */
/* Translation in every paging mode, and what stops it. */
#include <bfhw/phys.h>
#include <bfmock/hv.h>
#include <bfvmm/msr.h>
#include <bfvmm/ram.h>
#include "guest_tables.h"
#include "test.h"

#define KIB4 0x1000UL
#define MIB2 0x200000UL
#define MIB4 0x400000UL
#define GIB1 0x40000000UL

#define PS  BF_ENTRY_PS
#define RWU TABLES_RWU

static void translates(void **state)
{
	static const struct {
		const char *name;
		enum tables_mode mode;
		uint64_t va;
		uint32_t level; /* of the entry; 0: none */
		uint64_t entry, gpa, page;
	} rows[] = {
		{"no paging", TABLES_NONE, 0x12345678, 0, 0, 0x12345678, KIB4},
		{"no paging wraps", TABLES_NONE, 0x500001234, 0, 0, 0x1234, KIB4},
		{"32-bit", TABLES_32, 0xfedcb123, 1, 0xabcde000 | RWU, 0xabcde123, KIB4},
		{"32-bit wraps", TABLES_32, 0x1fedcb123, 1, 0xabcde000 | RWU, 0xabcde123, KIB4},
		{"PSE", TABLES_PSE, 0xffc12345, 2, 0x12400000 | PS | RWU, 0x12412345, MIB4},
		{"PSE-36", TABLES_PSE, 0x80345678, 2, 0x12400000 | 0x1a << 13 | PS | RWU,
		 0x1a12745678, MIB4},
		{"PSE, PAT bit", TABLES_PSE, 0x1000, 2, 0x400000 | 0x1000 | PS | RWU, 0x401000,
		 MIB4},
		{"PSE, small", TABLES_PSE, 0x400123, 1, 0x5000 | RWU, 0x5123, KIB4},
		{"PAE", TABLES_PAE, 0xc0a00123, 1, 0x789abc000 | RWU, 0x789abc123, KIB4},
		{"PAE, PAT bit", TABLES_PAE, 0x123, 1, 0x5000 | PS | RWU, 0x5123, KIB4},
		{"PAE large", TABLES_PAE, 0xffe12345, 2, 0x3fe000000 | PS | RWU, 0x3fe012345, MIB2},
		{"4 levels", TABLES_4, 0xffffffff81234567, 1, 0xab000 | RWU, 0xab567, KIB4},
		{"4 levels, 2 MiB", TABLES_4, 0x7fffffe12345, 2, 0x40000000 | PS | RWU, 0x40012345,
		 MIB2},
		{"4 levels, 1 GiB", TABLES_4, 0xffff800012345678, 3, 0x80000000 | PS | RWU,
		 0x92345678, GIB1},
		{"4 levels, ignored bits", TABLES_4, 0x1000, 1, 0x07f0000000005e00 | RWU, 0x5000,
		 KIB4},
		{"5 levels", TABLES_5, 0xff00000000000001, 1, 0xab000 | RWU, 0xab001, KIB4},
		{"5 levels, 2 MiB", TABLES_5, 0x00fedcba98765432, 2, 0x600000 | PS | RWU, 0x765432,
		 MIB2},
		{"5 levels, 1 GiB", TABLES_5, 0xffffffffffffffff, 3, 0x40000000 | PS | RWU,
		 0x7fffffff, GIB1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bf_translation t;
		struct bf_space space;

		tables_space(rows[i].mode, &space);
		if (rows[i].level)
			tables_set(&space, rows[i].va, rows[i].level, rows[i].entry);
		assert_row(!bf_space_translate(&space, rows[i].va, BF_GUEST_READ, &t, NULL),
			   rows[i].name);
		assert_row(t.gpa == rows[i].gpa, rows[i].name);
		assert_row(t.page_bytes == rows[i].page, rows[i].name);
	}
}

/* Without PSE the bit for large pages means nothing. */
static void no_pse(void **state)
{
	struct bf_translation t;
	struct bf_space space;

	(void)state;
	tables_space(TABLES_32, &space);
	tables_set(&space, 0x1234, 1, 0x5000 | RWU);
	tables_set(&space, 0x1234, 2, tables_get(&space, 0x1234, 2) | PS);
	assert_int_equal(bf_space_translate(&space, 0x1234, BF_GUEST_READ, &t, NULL), 0);
	assert_int_equal(t.gpa, 0x5234);
}

static void expect_fault(const struct bf_space *space, uint64_t va, uint32_t access, uint8_t vector,
			 uint32_t error, const char *name)
{
	struct bf_guest_fault fault;
	struct bf_translation t;

	assert_row(bf_space_translate(space, va, access, &t, &fault) == BF_EFAULT, name);
	if (fault.vector != vector || fault.error_code != error || fault.address != va)
		fail_msg("%s: vector %u error 0x%x address 0x%lx", name, fault.vector,
			 fault.error_code, fault.address);
}

/* An entry that is not present says so at every level, whatever else is in it. */
static void not_present(void **state)
{
	const uint64_t va = 0x40201000;

	(void)state;
	for (enum tables_mode mode = TABLES_32; mode < TABLES_MODES; mode++) {
		struct bf_space space;

		tables_space(mode, &space);
		expect_fault(&space, va, BF_GUEST_READ, BF_VECTOR_PF, 0, "no table");
		for (uint32_t level = 1; level <= tables_levels(&space); level++) {
			tables_space(mode, &space);
			tables_set(&space, va, level, UINT64_MAX & ~BF_ENTRY_P);
			expect_fault(&space, va, BF_GUEST_WRITE, BF_VECTOR_PF, BF_PF_WRITE,
				     "kernel writes");
			space.cpl = 3;
			expect_fault(&space, va, BF_GUEST_READ, BF_VECTOR_PF, BF_PF_USER,
				     "user reads");
			expect_fault(&space, va, BF_GUEST_FETCH, BF_VECTOR_PF,
				     BF_PF_USER | (mode >= TABLES_PAE ? BF_PF_FETCH : 0),
				     "user executes");
		}
	}
}

#define PA_40 0x10000000000UL /* the first address bit that the mock's CPUs lack */

static void reserved_bits(void **state)
{
	static const struct {
		const char *name;
		enum tables_mode mode;
		uint32_t level;
		uint64_t entry, bits; /* each of @bits is reserved in @entry */
		uint64_t no_nx;       /* more of them without EFER.NXE */
	} rows[] = {
		{"PSE leaf", TABLES_PSE, 2, 0x400000 | PS | RWU, 0x200000, 0},
		{"PAE top", TABLES_PAE, 3, 0x5000 | BF_ENTRY_P,
		 0xfffff00000000000 | PA_40 << 0 | PA_40 << 1 | PA_40 << 2 | PA_40 << 3 | 0x1e6, 0},
		{"PAE directory", TABLES_PAE, 2, 0x5000 | RWU, 0x7fffff0000000000, BF_ENTRY_NX},
		{"PAE 2 MiB", TABLES_PAE, 2, 0x400000 | PS | RWU, 0x7fffff00001fe000, BF_ENTRY_NX},
		{"PAE leaf", TABLES_PAE, 1, 0x5000 | RWU, 0x7fffff0000000000, BF_ENTRY_NX},
		{"level 4", TABLES_4, 4, 0x5000 | RWU, 0x000fff0000000080, BF_ENTRY_NX},
		{"level 3", TABLES_4, 3, 0x5000 | RWU, 0x000fff0000000000, BF_ENTRY_NX},
		{"1 GiB", TABLES_4, 3, GIB1 | PS | RWU, 0x000fff003fffe000, BF_ENTRY_NX},
		{"level 2", TABLES_4, 2, 0x5000 | RWU, 0x000fff0000000000, BF_ENTRY_NX},
		{"2 MiB", TABLES_4, 2, MIB2 | PS | RWU, 0x000fff00001fe000, BF_ENTRY_NX},
		{"leaf", TABLES_4, 1, 0x5000 | RWU, 0x000fff0000000000, BF_ENTRY_NX},
		{"level 5", TABLES_5, 5, 0x5000 | RWU, 0x000fff0000000080, BF_ENTRY_NX},
		{"level 4 of 5", TABLES_5, 4, 0x5000 | RWU, 0x000fff0000000080, BF_ENTRY_NX},
	};
	const uint64_t va = 0x40201000;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t bits = rows[i].bits;
		struct bf_space space;

		for (; bits; bits &= bits - 1) {
			tables_space(rows[i].mode, &space);
			tables_set(&space, va, rows[i].level, rows[i].entry | (bits & -bits));
			expect_fault(&space, va, BF_GUEST_WRITE, BF_VECTOR_PF,
				     BF_PF_PRESENT | BF_PF_RESERVED | BF_PF_WRITE, rows[i].name);
		}
		for (bits = rows[i].no_nx; bits; bits &= bits - 1) {
			tables_space(rows[i].mode, &space);
			space.efer &= ~EFER_NXE;
			space.cpl = 3;
			tables_set(&space, va, rows[i].level, rows[i].entry | (bits & -bits));
			/* Nor is there a bit for fetches then. */
			expect_fault(&space, va, BF_GUEST_FETCH, BF_VECTOR_PF,
				     BF_PF_PRESENT | BF_PF_RESERVED | BF_PF_USER, rows[i].name);
		}
	}
}

/* What is reserved depends on the CPU. */
static void reserved_by_cpu(void **state)
{
	struct bf_space space;

	(void)state;
	mock_cpuid_set(0x80000001, 0, (struct bf_hw_cpuid){0});
	mock_cpuid_set(0x80000008, 0, (struct bf_hw_cpuid){.eax = 36});
	bf_guest_walk_setup();
	tables_space(TABLES_4, &space);
	tables_set(&space, 0, 3, GIB1 | PS | RWU);
	expect_fault(&space, 0, BF_GUEST_READ, BF_VECTOR_PF, 9, "1 GiB");
	tables_set(&space, MIB2 * 512, 1, 1UL << 36 | RWU);
	expect_fault(&space, MIB2 * 512, BF_GUEST_READ, BF_VECTOR_PF, 9, "36 bits");
	tables_space(TABLES_PSE, &space);
	tables_set(&space, 0, 2, PS | RWU | 1 << 17);
	expect_fault(&space, 0, BF_GUEST_READ, BF_VECTOR_PF, 9, "PSE-36 beyond 36 bits");
	tables_set(&space, 0, 2, PS | RWU | 1 << 16);
	assert_int_equal(
		bf_space_translate(&space, 0, BF_GUEST_READ, &(struct bf_translation){0}, NULL), 0);
	mock_cpuid_set(1, 0, (struct bf_hw_cpuid){0});
	bf_guest_walk_setup();
	expect_fault(&space, 0, BF_GUEST_READ, BF_VECTOR_PF, 9, "no PSE-36");
}

static void not_canonical(void **state)
{
	static const struct {
		enum tables_mode mode;
		uint64_t va;
		bool canonical;
	} rows[] = {
		{TABLES_4, 0x00007fffffffffff, true},  {TABLES_4, 0x0000800000000000, false},
		{TABLES_4, 0xffff7fffffffffff, false}, {TABLES_4, 0xffff800000000000, true},
		{TABLES_4, 0x0100000000000000, false}, {TABLES_5, 0x00ffffffffffffff, true},
		{TABLES_5, 0x0100000000000000, false}, {TABLES_5, 0xfeffffffffffffff, false},
		{TABLES_5, 0xff00000000000000, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bf_space space;

		tables_space(rows[i].mode, &space);
		expect_fault(&space, rows[i].va, BF_GUEST_READ,
			     rows[i].canonical ? BF_VECTOR_PF : BF_VECTOR_GP, 0, "canonical");
	}
}

/* Tables that are not the guest's memory are not read. */
static void foreign_tables(void **state)
{
	static const struct {
		uint64_t pa;
		int status;
	} rows[] = {{MOCK_POOL_PA, BF_EPERM}, {MOCK_MEMORY, BF_EDEVICE}, {1UL << 39, BF_EDEVICE}};
	const uint64_t va = 0x40201000;

	(void)state;
	for (enum tables_mode mode = TABLES_32; mode < TABLES_MODES; mode++) {
		for (size_t i = 0; i < COUNT(rows); i++) {
			struct bf_guest_fault fault = {.vector = 1};
			struct bf_translation t;
			struct bf_space space;

			if (mode < TABLES_PAE && rows[i].pa >> 32)
				continue;
			tables_space(mode, &space);
			tables_set(&space, va, 2, rows[i].pa | RWU);
			assert_int_equal(bf_space_translate(&space, va, BF_GUEST_READ, &t, &fault),
					 rows[i].status);
			assert_int_equal(fault.vector, 0);
			assert_int_equal(fault.address, va);
			space.cr3 = rows[i].pa;
			assert_int_equal(bf_space_translate(&space, va, BF_GUEST_READ, &t, NULL),
					 mode == TABLES_PAE && rows[i].pa >> 32 ? BF_EFAULT
										: rows[i].status);
		}
	}
}

/* PDPTEs that the CPU keeps count, not those in memory. */
static void kept_pdptes(void **state)
{
	struct bf_translation t;
	struct bf_space space;

	(void)state;
	tables_space(TABLES_PAE, &space);
	tables_set(&space, 0x40001000, 1, 0x5000 | RWU);
	space.has_pdptes = true;
	space.pdpte[3] = tables_get(&space, 0x40001000, 3);
	expect_fault(&space, 0x40001000, BF_GUEST_READ, BF_VECTOR_PF, 0, "absent");
	assert_int_equal(
		bf_space_translate(&space, 0xc0001000, BF_GUEST_READ | BF_GUEST_MARK, &t, NULL), 0);
	assert_int_equal(t.gpa, 0x5000);
	assert_int_equal(tables_get(&space, 0x40001000, 1), 0x5000 | RWU | BF_ENTRY_A);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(translates, tables_setup),
		cmocka_unit_test_setup(no_pse, tables_setup),
		cmocka_unit_test_setup(not_present, tables_setup),
		cmocka_unit_test_setup(reserved_bits, tables_setup),
		cmocka_unit_test_setup(reserved_by_cpu, tables_setup),
		cmocka_unit_test_setup(not_canonical, tables_setup),
		cmocka_unit_test_setup(foreign_tables, tables_setup),
		cmocka_unit_test_setup(kept_pdptes, tables_setup),
	};

	return cmocka_run_group_tests_name("guest walk", tests, NULL, NULL);
}
