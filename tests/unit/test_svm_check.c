/* SPDX-License-Identifier: MIT */
/*
 * The VM-entry check of SVM: each rule of its table broken once, each named. A rule that no row
 * here breaks fails the test.
 */
#include <bfmock/guest.h>
#include "test.h"
#include <svm/check.c> /* its table is its own */

#define TOO_HIGH (1ull << 60)

struct poke {
	enum svm_field field;
	uint64_t set, clear;
};

/* On the machine, beside the VMCB. */
enum twist {
	NOTHING,
	NO_NPT,
	NO_PAGING,
	WITH_CET
};

#define ROW(name, ...)                                                                             \
	{                                                                                          \
		"VMCB " #name, __VA_ARGS__                                                         \
	}
#define VALUE(name, value)                                                                         \
	{                                                                                          \
		SVM_##name, (value), ~0ull                                                         \
	}
#define WITH(name, bits)                                                                           \
	{                                                                                          \
		SVM_##name, (bits), 0                                                              \
	}
#define LESS(name, bits)                                                                           \
	{                                                                                          \
		SVM_##name, 0, (bits)                                                              \
	}

static const struct {
	const char *what;
	enum twist twist;
	struct poke poke[2];
} rows[] = {
	ROW(INTERCEPT_MISC2, 0, {LESS(INTERCEPT_MISC2, 1)}),
	ROW(GUEST_ASID, 0, {VALUE(GUEST_ASID, 0)}),
	ROW(GUEST_ASID, 0, {VALUE(GUEST_ASID, 16)}),
	ROW(MSRPM_BASE_PA, 0, {VALUE(MSRPM_BASE_PA, TOO_HIGH)}),
	ROW(MSRPM_BASE_PA, 0, {WITH(MSRPM_BASE_PA, 8)}),
	ROW(IOPM_BASE_PA, 0, {VALUE(IOPM_BASE_PA, TOO_HIGH)}),
	ROW(IOPM_BASE_PA, 0, {WITH(IOPM_BASE_PA, 8)}),
	ROW(EFER, 0, {LESS(EFER, EFER_SVME)}),
	ROW(EFER, 0, {WITH(EFER, 1ull << 40)}),
	ROW(CR0, 0, {WITH(CR0, 1ull << 32)}),
	ROW(CR0, 0, {WITH(CR0, CR0_NW)}),
	ROW(CR3, 0, {WITH(CR3, TOO_HIGH)}),
	ROW(CR4, 0, {WITH(CR4, 1ull << 40)}),
	ROW(CR4, 0, {LESS(CR4, CR4_PAE)}),
	ROW(CR0, 0, {LESS(CR0, CR0_PE)}),
	ROW(CS_ATTRIB, 0, {WITH(CS_ATTRIB, 0x600)}),
	ROW(CR4, WITH_CET, {WITH(CR4, CR4_CET), LESS(CR0, CR0_WP)}),
	ROW(DR6, 0, {WITH(DR6, 1ull << 32)}),
	ROW(DR7, 0, {WITH(DR7, 1ull << 32)}),
	ROW(CPL, 0, {VALUE(CPL, 4)}),
	ROW(EVENTINJ, 0, {VALUE(EVENTINJ, 0x80000100)}),
	ROW(EVENTINJ, 0, {VALUE(EVENTINJ, 0x80000302)}),
	ROW(NP_ENABLE, NO_NPT, {{0}}),
	ROW(NP_ENABLE, NO_PAGING, {{0}}),
	ROW(N_CR3, 0, {VALUE(N_CR3, TOO_HIGH)}),
	ROW(N_CR3, 0, {WITH(N_CR3, 8)}),
	ROW(G_PAT, 0, {VALUE(G_PAT, 2)}),
};

static struct bf_report reports[COUNT(rows)];

static union bf_vmcb *start(void)
{
	mock_reset(&mock_amd, 1);
	assert_int_equal(mock_vmm_start(""), 0);
	return &bf_svm(mock_vcpu())->vmcb;
}

static void twist(enum twist how)
{
	struct bf_hw_cpuid leaf = bf_hw_cpuid(7, 0);

	leaf.ecx |= 1u << 7;
	if (how == NO_NPT)
		bf_svm_caps.npt = false;
	if (how == NO_PAGING)
		mock_this()->cr0 &= ~CR0_PG;
	if (how == WITH_CET)
		mock_cpuid_set(7, 0, leaf);
}

static void each_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bf_report *r = &reports[i];
		union bf_vmcb *v = start();

		assert_int_equal(bf_hv->entry_check(mock_vcpu(), r), 0);
		twist(rows[i].twist);
		for (int p = 0; p < 2; p++) {
			const struct poke *k = &rows[i].poke[p];

			if (k->set | k->clear)
				bf_vmcb_write(v, k->field,
					      (bf_vmcb_read(v, k->field) & ~k->clear) | k->set);
		}
		int status = bf_hv->entry_check(mock_vcpu(), r);
		if (status != BF_EENTRY || strcmp(r->what, rows[i].what))
			fail_msg("row %zu: %s wanted, got %d, %s: %s", i, rows[i].what, status,
				 r->what, r->rule);
	}
}

/* Runs after each_row(). */
static void each_rule(void **state)
{
	static const char *const rules[][2] = {
#define X(FIELD, broken, text) {"VMCB " #FIELD, text},
		RULES(X)
#undef X
	};
	uint32_t missing = 0;

	(void)state;
	for (size_t r = 0; r < COUNT(rules); r++) {
		bool found = false;

		for (size_t i = 0; i < COUNT(rows) && !found; i++)
			found = !strcmp(reports[i].what, rules[r][0]) &&
				!strcmp(reports[i].rule, rules[r][1]);
		if (!found)
			print_error("never broken: %s: %s\n", rules[r][0], rules[r][1]);
		missing += !found;
	}
	assert_int_equal(missing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row),
		cmocka_unit_test(each_rule),
	};

	return cmocka_run_group_tests_name("svm_check", tests, NULL, NULL);
}
