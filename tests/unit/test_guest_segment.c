/* SPDX-License-Identifier: MIT */
/* Linear addresses, and the limits and types that segmentation checks. */
#include <bfmock/hv.h>
#include <bfvmm/msr.h>
#include "guest_tables.h"
#include "test.h"

#define DATA    0x4093 /* 32-bit, writable, present */
#define READ    0x4091
#define DOWN    0x4097
#define DOWN_16 0x0097
#define CODE    0x409b /* readable */
#define EXECUTE 0x4099
#define CODE_64 0x209b
#define UNUSED  0x10000

enum mode {
	REAL,
	V86,
	PROTECTED,
	COMPATIBLE,
	LONG
};

struct row {
	const char *name;
	enum mode mode;
	enum bf_seg segment;
	uint32_t rights, access;
	uint64_t base, limit, offset, bytes;
	uint64_t gva;   /* with vector 0 */
	uint8_t vector; /* 0: may */
};

#define R  BF_GUEST_READ
#define W  BF_GUEST_WRITE
#define X  BF_GUEST_FETCH
#define GP BF_VECTOR_GP
#define SS BF_VECTOR_SS
#define ES BF_SEG_ES
#define DS BF_SEG_DS
#define CS BF_SEG_CS
#define FS BF_SEG_FS

static const struct row rows[] = {
	{"flat", PROTECTED, DS, DATA, W, 0, UINT32_MAX, 0x1234, 4, 0x1234, 0},
	{"flat wraps", PROTECTED, DS, DATA, W, 0, UINT32_MAX, 0xfffffffe, 4, 0xfffffffe, 0},
	{"base", PROTECTED, ES, DATA, R, 0x5000, 0xfff, 0xffc, 4, 0x5ffc, 0},
	{"beyond the limit", PROTECTED, ES, DATA, R, 0x5000, 0xfff, 0xffd, 4, 0, GP},
	{"first byte beyond", PROTECTED, ES, DATA, R, 0x5000, 0xfff, 0x1000, 1, 0, GP},
	{"stack beyond", PROTECTED, BF_SEG_SS, DATA, R, 0, 0xfff, 0xffd, 4, 0, SS},
	{"base wraps", PROTECTED, DS, DATA, R, 0xfffff000, 0x1fff, 0x1004, 4, 4, 0},
	{"offset is cut", PROTECTED, DS, DATA, R, 0, 0xfff, 0x500000010, 4, 0x10, 0},
	{"down, above the limit", PROTECTED, DS, DOWN, W, 0, 0xfff, 0x1000, 4, 0x1000, 0},
	{"down, at the limit", PROTECTED, DS, DOWN, W, 0, 0xfff, 0xfff, 1, 0, GP},
	{"down, to the end", PROTECTED, DS, DOWN, W, 0, 0xfff, 0xfffffffc, 4, 0xfffffffc, 0},
	{"down, over the end", PROTECTED, DS, DOWN, W, 0, 0xfff, 0xfffffffd, 4, 0, GP},
	{"down, 16 bits", PROTECTED, DS, DOWN_16, W, 0, 0xfff, 0xfffc, 4, 0xfffc, 0},
	{"down, over 16 bits", PROTECTED, DS, DOWN_16, W, 0, 0xfff, 0xfffd, 4, 0, GP},
	{"read-only is read", PROTECTED, DS, READ, R, 0, 0xfff, 0, 4, 0, 0},
	{"read-only is written", PROTECTED, DS, READ, W, 0, 0xfff, 0, 4, 0, GP},
	{"code is read", PROTECTED, CS, CODE, R, 0, 0xfff, 0, 4, 0, 0},
	{"code is written", PROTECTED, CS, CODE, W, 0, 0xfff, 0, 4, 0, GP},
	{"execute-only is read", PROTECTED, CS, EXECUTE, R, 0, 0xfff, 0, 4, 0, GP},
	{"code is executed", PROTECTED, CS, EXECUTE, X, 0x1000, 0xfff, 8, 4, 0x1008, 0},
	{"beyond the code", PROTECTED, CS, EXECUTE, X, 0x1000, 0xfff, 0xfff, 2, 0, GP},
	{"data is not executed", PROTECTED, DS, DATA, X, 0, 0xfff, 8, 4, 0, GP},
	{"null selector", PROTECTED, ES, UNUSED, R, 0, 0, 0, 1, 0, GP},
	{"real mode", REAL, DS, 0, W, 0x12340, 0xffff, 0xfffe, 2, 0x2233e, 0},
	{"real mode writes to CS", REAL, CS, CODE, W, 0x10000, 0xffff, 1, 2, 0x10001, 0},
	{"real mode beyond 64 KiB", REAL, DS, DATA, W, 0x12340, 0xffff, 0xffff, 2, 0, GP},
	{"real mode stack", REAL, BF_SEG_SS, DATA, W, 0x12340, 0xffff, 0xffff, 2, 0, SS},
	{"unreal mode", REAL, DS, DATA, W, 0x100, UINT32_MAX, 0x10000000, 4, 0x10000100, 0},
	{"V86", V86, CS, 0xf3, W, 0x10000, 0xffff, 1, 2, 0x10001, 0},
	{"V86 beyond 64 KiB", V86, CS, 0xf3, W, 0x10000, 0xffff, 0xffff, 2, 0, GP},
	{"compatibility mode", COMPATIBLE, DS, DATA, W, 0x5000, 0xfff, 0x10, 4, 0x5010, 0},
	{"limits count there", COMPATIBLE, DS, DATA, W, 0x5000, 0xfff, 0x1000, 4, 0, GP},
	{"bases are cut there", COMPATIBLE, FS, DATA, R, 0xffff888812345000, UINT32_MAX, 8, 4,
	 0x12345008, 0},
	{"64-bit code has no base", LONG, DS, UNUSED, W, 0x5000, 0, 0x123456789abc, 8,
	 0x123456789abc, 0},
	{"but for FS", LONG, FS, UNUSED, W, 0xffff888800000000, 0, 0x1000, 8, 0xffff888800001000,
	 0},
	{"that wraps", LONG, FS, 0, W, 0x1000, 0, 0xfffffffffffffff0, 8, 0xff0, 0},
	{"not canonical", LONG, DS, 0, R, 0, 0, 0x800000000000, 1, 0, GP},
	{"its end is not", LONG, DS, 0, R, 0, 0, 0x7ffffffffffd, 4, 0, GP},
	{"up to there", LONG, DS, 0, R, 0, 0, 0x7ffffffffffc, 4, 0x7ffffffffffc, 0},
	{"stack not canonical", LONG, BF_SEG_SS, 0, R, 0, 0, 0x800000000000, 1, 0, SS},
	{"over the top", LONG, DS, 0, R, 0, 0, 0xfffffffffffffffc, 8, 0xfffffffffffffffc, 0},
};

static void as_mode(enum mode mode)
{
	mock_hv.field[BF_CR0] = mode == REAL ? 0 : CR0_PE;
	mock_hv.field[BF_RFLAGS] = mode == V86 ? RFLAGS_VM : 0;
	mock_hv.field[BF_EFER] = mode >= COMPATIBLE ? EFER_LMA : 0;
	mock_hv.field[BF_CS_ACCESS] = mode == LONG ? CODE_64 : CODE;
	mock_hv.field[BF_CR4] = 0;
}

static int linear(const struct row *row, uint64_t *gva, struct bf_guest_fault *fault)
{
	as_mode(row->mode);
	mock_hv.field[BF_ES_BASE + row->segment] = row->base;
	mock_hv.field[BF_ES_LIMIT + row->segment] = row->limit;
	if (row->segment != BF_SEG_CS || row->mode != LONG)
		mock_hv.field[BF_ES_ACCESS + row->segment] = row->rights;
	return bf_guest_linear(&mock_vcpus[0], row->segment, row->offset, row->bytes, row->access,
			       gva, fault);
}

static void segments(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bf_guest_fault fault = {0};
		uint64_t gva = 0;
		int status = linear(&rows[i], &gva, &fault);

		assert_row(status == (rows[i].vector ? BF_EFAULT : 0), rows[i].name);
		assert_row(fault.vector == rows[i].vector, rows[i].name);
		assert_row(rows[i].vector || gva == rows[i].gva, rows[i].name);
		assert_row(!fault.error_code, rows[i].name);
	}
}

static void five_levels(void **state)
{
	struct row row = {"57 bits", LONG, DS, 0, R, 0, 0, 0x800000000000, 1, 0, 0};
	uint64_t gva;

	(void)state;
	assert_int_equal(linear(&row, &gva, NULL), BF_EFAULT);
	mock_hv.field[BF_CR4] = CR4_LA57;
	assert_int_equal(bf_guest_linear(&mock_vcpus[0], DS, row.offset, 1, R, &gva, NULL), 0);
	assert_int_equal(gva, row.offset);
}

static void bad_arguments(void **state)
{
	uint64_t gva;

	(void)state;
	assert_int_equal(bf_guest_linear(&mock_vcpus[0], DS, 0, 0, R, &gva, NULL), BF_EINVAL);
	assert_int_equal(bf_guest_linear(&mock_vcpus[0], DS, 0, UINT64_MAX, R, &gva, NULL),
			 BF_EINVAL);
	assert_int_equal(bf_guest_linear(&mock_vcpus[0], BF_SEG_COUNT, 0, 1, R, &gva, NULL),
			 BF_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(segments, tables_setup),
		cmocka_unit_test_setup(five_levels, tables_setup),
		cmocka_unit_test_setup(bad_arguments, tables_setup),
	};

	return cmocka_run_group_tests_name("guest segment", tests, NULL, NULL);
}
