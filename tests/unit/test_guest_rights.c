/* SPDX-License-Identifier: MIT */
/* Who may do what to a page, and the flags that it leaves. */
#include <bfmock/hv.h>
#include <bfvmm/msr.h>
#include "guest_tables.h"
#include "test.h"

#define VA 0x40201000UL

enum {
	R = BF_GUEST_READ,
	W = BF_GUEST_WRITE,
	X = BF_GUEST_FETCH,
	P = BF_PF_PRESENT,
	PW = BF_PF_PRESENT | BF_PF_WRITE,
	PU = BF_PF_PRESENT | BF_PF_USER,
	PUW = BF_PF_PRESENT | BF_PF_USER | BF_PF_WRITE,
	PX = BF_PF_PRESENT | BF_PF_FETCH,
	PUX = BF_PF_PRESENT | BF_PF_USER | BF_PF_FETCH,
	NO_WP = 1,
	SMEP = 2,
	SMAP = 4,
	AC = 8,
	NO_NXE = 16,
};

/* One entry of a row is what a page grants; P_ is there always. */
#define ENTRY_W  BF_ENTRY_W
#define ENTRY_U  BF_ENTRY_U
#define ENTRY_NX BF_ENTRY_NX

struct row {
	const char *name;
	uint64_t page; /* flags of the entry */
	uint32_t cpl, cpu, access;
	uint32_t error; /* 0: may */
};

static const struct row rows[] = {
	{"kernel reads its own", 0, 0, 0, R, 0},
	{"kernel writes its own", ENTRY_W, 0, 0, W, 0},
	{"kernel writes read-only", 0, 0, 0, W, PW},
	{"kernel writes read-only without WP", 0, 0, NO_WP, W, 0},
	{"kernel executes", 0, 0, 0, X, 0},
	{"kernel executes NX", ENTRY_NX, 0, 0, X, PX},
	{"kernel reads NX", ENTRY_NX, 0, 0, R, 0},
	{"kernel reads a user's", ENTRY_U, 0, 0, R, 0},
	{"kernel writes a user's read-only", ENTRY_U, 0, 0, W, PW},
	{"the same without WP", ENTRY_U, 0, NO_WP, W, 0},
	{"kernel executes a user's", ENTRY_U, 0, SMAP, X, 0},
	{"kernel executes a user's with SMEP", ENTRY_U, 0, SMEP, X, PX},
	{"SMEP tells fetches without NX", ENTRY_U, 0, SMEP | NO_NXE, X, PX},
	{"kernel executes its own with SMEP", 0, 0, SMEP, X, 0},
	{"kernel reads a user's with SMAP", ENTRY_U, 0, SMAP, R, P},
	{"kernel writes a user's with SMAP", ENTRY_U | ENTRY_W, 0, SMAP, W, PW},
	{"the same without WP", ENTRY_U | ENTRY_W, 0, SMAP | NO_WP, W, PW},
	{"kernel reads a user's with SMAP and AC", ENTRY_U, 0, SMAP | AC, R, 0},
	{"kernel reads its own with SMAP", 0, 0, SMAP, R, 0},
	{"ring 2 is the kernel", 0, 2, 0, R, 0},
	{"ring 1 and SMAP", ENTRY_U, 1, SMAP, R, P},
	{"user reads the kernel's", ENTRY_W, 3, 0, R, PU},
	{"user writes the kernel's", ENTRY_W, 3, 0, W, PUW},
	{"user executes the kernel's", 0, 3, 0, X, PUX},
	{"the same without NX", 0, 3, NO_NXE, X, PU},
	{"user reads its own", ENTRY_U, 3, SMAP | SMEP, R, 0},
	{"user writes its own", ENTRY_U | ENTRY_W, 3, SMAP | SMEP, W, 0},
	{"user writes read-only", ENTRY_U, 3, 0, W, PUW},
	{"user writes read-only without WP", ENTRY_U, 3, NO_WP, W, PUW},
	{"user executes its own", ENTRY_U, 3, SMAP | SMEP, X, 0},
	{"user executes NX", ENTRY_U | ENTRY_NX, 3, 0, X, PUX},
	{"read and write want both", ENTRY_U, 3, 0, R | W, PUW},
	{"user code as the kernel", 0, 3, 0, R | BF_GUEST_AS_KERNEL, 0},
	{"user code as the kernel, SMAP", ENTRY_U, 3, SMAP, R | BF_GUEST_AS_KERNEL, P},
	{"the same with AC", ENTRY_U, 3, SMAP | AC, R | BF_GUEST_AS_KERNEL, 0},
	{"user code as the CPU", 0, 3, 0, R | BF_GUEST_AS_CPU, 0},
	{"the CPU with SMAP, AC or not", ENTRY_U, 3, SMAP | AC, R | BF_GUEST_AS_CPU, P},
	{"the CPU without SMAP", ENTRY_U, 0, AC, R | BF_GUEST_AS_CPU, 0},
	{"kernel code as a user", 0, 0, 0, R | BF_GUEST_AS_USER, PU},
	{"kernel code as a user, its own", ENTRY_U, 0, SMAP, R | BF_GUEST_AS_USER, 0},
	{"by force", ENTRY_NX, 3, 0, R | W | X | BF_GUEST_FORCE, 0},
};

static void as_row(const struct row *row, struct bf_space *space)
{
	space->cpl = row->cpl;
	if (row->cpu & NO_WP)
		space->cr0 &= ~CR0_WP;
	if (row->cpu & NO_NXE)
		space->efer &= ~EFER_NXE;
	space->cr4 |= (row->cpu & SMEP ? CR4_SMEP : 0) | (row->cpu & SMAP ? CR4_SMAP : 0);
	space->rflags = row->cpu & AC ? RFLAGS_AC : 0;
}

static void expect_row(const struct bf_space *space, const struct row *row, uint32_t known)
{
	struct bf_guest_fault fault = {0};
	struct bf_translation t;
	int status = bf_space_translate(space, VA, row->access, &t, &fault);

	if (status != (row->error ? BF_EFAULT : 0) || fault.error_code != (row->error & known))
		fail_msg("%s: status %d error 0x%x, %u levels", row->name, status, fault.error_code,
			 tables_levels(space));
}

/* Grants all at the other levels. */
static void withhold(enum tables_mode mode, const struct row *row, uint32_t level,
		     struct bf_space *space)
{
	uint64_t entry;

	tables_space(mode, space);
	as_row(row, space);
	tables_set(space, VA, 1, TABLES_PAGE | TABLES_RWU);
	entry = tables_get(space, VA, level) & ~(BF_ENTRY_W | BF_ENTRY_U);
	tables_set(space, VA, level, entry | row->page);
}

/* A right that is not granted at one level, whichever, is not granted. */
static void rights_of_pages(void **state)
{
	(void)state;
	for (enum tables_mode mode = TABLES_32; mode < TABLES_MODES; mode++) {
		uint32_t levels = mode < TABLES_4 ? 2 : mode == TABLES_4 ? 4 : 5;
		bool nx = mode >= TABLES_PAE;

		for (size_t i = 0; i < COUNT(rows); i++) {
			/* 32-bit entries have no NX, so that only SMEP makes fetches tell. */
			uint32_t known = nx || (rows[i].cpu & SMEP) ? ~0u : ~(uint32_t)BF_PF_FETCH;

			tables_setup(NULL);
			for (uint32_t level = 1; level <= levels; level++) {
				struct bf_space space;

				if (!nx && (rows[i].page & ENTRY_NX))
					continue;
				withhold(mode, &rows[i], level, &space);
				expect_row(&space, &rows[i], known);
			}
		}
	}
}

static void keys(void **state)
{
	enum {
		AD = 1 << 10, /* of key 5 */
		WD = 2 << 10,
		K = BF_PF_KEY
	};
	static const struct {
		const char *name;
		uint64_t page;
		uint32_t cpl, pkru, pkrs, access, error;
		bool no_wp;
	} key_rows[] = {
		{"all granted", ENTRY_U | ENTRY_W, 3, ~(AD | WD), ~0u, R | W, 0, false},
		{"user, no access", ENTRY_U | ENTRY_W, 3, AD, 0, R, PU | K, false},
		{"user, no access, writes", ENTRY_U | ENTRY_W, 3, AD, 0, W, PUW | K, false},
		{"user, executes all the same", ENTRY_U | ENTRY_W, 3, AD | WD, 0, X, 0, false},
		{"user, no writes, reads", ENTRY_U | ENTRY_W, 3, WD, 0, R, 0, false},
		{"user, no writes", ENTRY_U | ENTRY_W, 3, WD, 0, W, PUW | K, false},
		{"user, no writes, no WP", ENTRY_U | ENTRY_W, 3, WD, 0, W, PUW | K, true},
		{"kernel, no access", ENTRY_U | ENTRY_W, 0, AD, 0, R, P | K, false},
		{"kernel, no writes", ENTRY_U | ENTRY_W, 0, WD, 0, W, PW | K, false},
		{"kernel, no writes, no WP", ENTRY_U | ENTRY_W, 0, WD, 0, W, 0, true},
		{"two causes", ENTRY_U, 3, WD, 0, W, PUW | K, false},
		{"kernel's page, no access", ENTRY_W, 0, 0, AD, R, P | K, false},
		{"kernel's page, no writes", ENTRY_W, 0, 0, WD, W, PW | K, false},
		{"kernel's page, no writes, no WP", ENTRY_W, 0, 0, WD, W, 0, true},
		{"kernel's page, executes", ENTRY_W, 0, ~0u, ~0u, X, 0, false},
		{"kernel's page and PKRU", ENTRY_W, 0, ~0u, 0, R | W, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(key_rows); i++) {
		struct row row = {key_rows[i].name,   key_rows[i].page, key_rows[i].cpl, 0,
				  key_rows[i].access, key_rows[i].error};
		struct bf_translation t;
		struct bf_space space;

		tables_setup(NULL);
		tables_space(TABLES_4, &space);
		tables_set(&space, VA, 1, TABLES_PAGE | BF_ENTRY_P | row.page | 5ull << 59);
		space.cpl = key_rows[i].cpl;
		space.pkru = key_rows[i].pkru;
		space.pkrs = key_rows[i].pkrs;
		space.cr0 &= key_rows[i].no_wp ? ~CR0_WP : UINT64_MAX;
		/* Off, they say nothing. */
		assert_row(bf_space_translate(&space, VA, row.access & ~W, &t, NULL) == 0,
			   row.name);
		assert_int_equal(t.key, 5);
		space.cr4 |= CR4_PKE | CR4_PKS;
		expect_row(&space, &row, ~0u);
	}
}

/* What is told of a page does not depend on what was asked for. */
static void told(void **state)
{
	struct bf_translation t;
	struct bf_space space;

	(void)state;
	tables_space(TABLES_4, &space);
	tables_set(&space, VA, 1, TABLES_PAGE | BF_ENTRY_P | ENTRY_U | ENTRY_NX);
	space.cpl = 3;
	assert_int_equal(bf_space_translate(&space, VA, R, &t, NULL), 0);
	assert_int_equal(t.rights, R);
	assert_true(t.user);
	space.cr0 &= ~CR0_WP;
	space.cpl = 0;
	assert_int_equal(bf_space_translate(&space, VA, BF_GUEST_FORCE, &t, NULL), 0);
	assert_int_equal(t.rights, R | W);
	assert_int_equal(bf_space_translate(&space, VA, R | BF_GUEST_AS_USER, &t, NULL), 0);
	assert_int_equal(t.rights, R);
	tables_space(TABLES_NONE, &space);
	space.cpl = 3;
	assert_int_equal(bf_space_translate(&space, VA, R, &t, NULL), 0);
	assert_int_equal(t.rights, R | W | X);
}

static bool marked(const struct bf_space *space, uint32_t level, uint64_t flags)
{
	return (tables_get(space, VA, level) & (BF_ENTRY_A | BF_ENTRY_D)) == flags;
}

/* Accessed at every level, dirty at the last; only on request, and not when it fails. */
static void marks(void **state)
{
	const uint64_t both = BF_ENTRY_A | BF_ENTRY_D;

	(void)state;
	for (enum tables_mode mode = TABLES_32; mode < TABLES_MODES; mode++) {
		struct bf_translation t;
		struct bf_space space;
		uint32_t levels;

		tables_space(mode, &space);
		levels = mode == TABLES_PAE ? 2 : tables_levels(&space);
		tables_set(&space, VA, 1, TABLES_PAGE | BF_ENTRY_P);
		assert_int_equal(bf_space_translate(&space, VA, R, &t, NULL), 0);
		assert_int_equal(bf_space_translate(&space, VA, W | BF_GUEST_MARK, &t, NULL),
				 BF_EFAULT);
		for (uint32_t level = 1; level <= tables_levels(&space); level++)
			assert_true(marked(&space, level, 0));
		assert_int_equal(bf_space_translate(&space, VA, R | BF_GUEST_MARK, &t, NULL), 0);
		for (uint32_t level = 1; level <= levels; level++)
			assert_true(marked(&space, level, BF_ENTRY_A));
		tables_set(&space, VA, 1, TABLES_PAGE | TABLES_RWU);
		assert_int_equal(bf_space_translate(&space, VA, W | BF_GUEST_MARK, &t, NULL), 0);
		assert_true(marked(&space, 1, both));
		for (uint32_t level = 2; level <= levels; level++)
			assert_true(marked(&space, level, BF_ENTRY_A));
		/* A table has no dirty flag, and the highest entries of PAE paging have neither. */
		assert_true(mode != TABLES_PAE || marked(&space, 3, 0));
		/* In front of the entry is another one: with 32 bits it is close. */
		assert_int_equal(tables_get(&space, VA + BF_PAGE_SIZE, 1), 0);
	}
}

static void marks_large_pages(void **state)
{
	struct bf_translation t;
	struct bf_space space;

	(void)state;
	tables_space(TABLES_PSE, &space);
	tables_set(&space, VA, 2, BF_ENTRY_PS | TABLES_RWU);
	assert_int_equal(bf_space_translate(&space, VA, W | BF_GUEST_MARK, &t, NULL), 0);
	assert_true(marked(&space, 2, BF_ENTRY_A | BF_ENTRY_D));
	tables_space(TABLES_4, &space);
	tables_set(&space, VA, 3, BF_ENTRY_PS | TABLES_RWU);
	assert_int_equal(bf_space_translate(&space, VA, W | BF_GUEST_MARK, &t, NULL), 0);
	assert_true(marked(&space, 3, BF_ENTRY_A | BF_ENTRY_D));
	assert_true(marked(&space, 4, BF_ENTRY_A));
}

/* An entry that another CPU has changed since is left as it is. */
static void marks_what_was_seen(void **state)
{
	(void)state;
	for (enum tables_mode mode = TABLES_32; mode < TABLES_MODES; mode++) {
		struct bf_space space;
		struct bf_walk walk;

		tables_space(mode, &space);
		tables_set(&space, VA, 1, TABLES_PAGE | TABLES_RWU);
		assert_int_equal(bf_guest_walk(&space, VA, &walk), 0);
		tables_set(&space, VA, 1, 0x123000);
		assert_int_equal(bf_guest_walk_mark(&walk, true), BF_EAGAIN);
		assert_int_equal(tables_get(&space, VA, 1), 0x123000);
		/* What has its flags already is not written. */
		tables_set(&space, VA, 1, TABLES_PAGE | TABLES_RWU | BF_ENTRY_A);
		assert_int_equal(bf_guest_walk(&space, VA, &walk), 0);
		tables_set(&space, VA, 1, 0x123000);
		assert_int_equal(bf_guest_walk_mark(&walk, false), 0);
		assert_int_equal(tables_get(&space, VA, 1), 0x123000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(rights_of_pages, tables_setup),
		cmocka_unit_test_setup(keys, tables_setup),
		cmocka_unit_test_setup(told, tables_setup),
		cmocka_unit_test_setup(marks, tables_setup),
		cmocka_unit_test_setup(marks_large_pages, tables_setup),
		cmocka_unit_test_setup(marks_what_was_seen, tables_setup),
	};

	return cmocka_run_group_tests_name("guest rights", tests, NULL, NULL);
}
