/* SPDX-License-Identifier: MIT */
/* The typed hook for CPUID: ranges, inputs, results, both stages. */
#include <bareframe/ext.h>
#include <bfmock/hv.h>
#include <bfvmm/hooks.h>
#include <bfvmm/log.h>
#include "test.h"

static struct bf_vcpu *const vcpu = &mock_vcpus[0];
static const struct bf_extension descriptor = {.name = "under test"};
static struct bf_ext ext = {.descriptor = &descriptor};

struct call {
	uint32_t count;
	struct bf_cpuid seen;
	enum bf_verdict verdict;
	const struct bf_cpuid *replace;
};

static enum bf_verdict on_cpuid(struct bf_vcpu *v, struct bf_cpuid *io, void *ctx)
{
	struct call *call = ctx;

	assert_ptr_equal(v, vcpu);
	call->count++;
	call->seen = *io;
	if (call->replace)
		*io = *call->replace;
	return call->verdict;
}

static int setup(void **state)
{
	(void)state;
	mock_hv_init(1);
	ext = (struct bf_ext){.descriptor = &descriptor};
	mock_cpuid_set(2, 0, (struct bf_hw_cpuid){0xa, 0xb, 0xc, 0xd});
	mock_cpuid_set(3, 0, (struct bf_hw_cpuid){0x1a, 0x1b, 0x1c, 0x1d});
	return 0;
}

static enum bf_verdict execute(uint64_t rax, uint64_t rcx)
{
	vcpu->regs = (struct bf_regs){.rax = rax, .rcx = rcx, .rbx = UINT64_MAX, .rdx = UINT64_MAX};
	return mock_hv_exit(vcpu, BF_EXIT_CPUID);
}

static void expect(uint64_t rax, uint64_t rbx, uint64_t rcx, uint64_t rdx)
{
	assert_int_equal(vcpu->regs.rax, rax);
	assert_int_equal(vcpu->regs.rbx, rbx);
	assert_int_equal(vcpu->regs.rcx, rcx);
	assert_int_equal(vcpu->regs.rdx, rdx);
}

static void ranges(void **state)
{
	static const struct {
		uint32_t first, last, leaf;
		bool hit;
	} rows[] = {
		{2, 2, 2, true},
		{2, 2, 1, false},
		{2, 2, 3, false},
		{0, 4, 4, true},
		{0, 4, 5, false},
		{1, 4, 0, false},
		{0, 0xffffffff, 0, true},
		{0, 0xffffffff, 0xffffffff, true},
		{0x40000000, 0x400000ff, 0x40000000, true},
		{0x40000000, 0x400000ff, 0x400000ff, true},
		{0x40000000, 0x400000ff, 0x40000100, false},
		{0x80000000, 0xffffffff, 0x7fffffff, false},
		{0xffffffff, 0xffffffff, 0xffffffff, true},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct call pre = {0}, post = {0};
		struct bf_range range = BF_LEAF(rows[i].first, rows[i].last);

		setup(state);
		bf_hook_cpuid(&ext, BF_ALL_VMS, range, on_cpuid, &pre, 1, NULL);
		bf_hook_cpuid_post(&ext, BF_ALL_VMS, range, on_cpuid, &post, 1, NULL);
		execute(rows[i].leaf, 0);
		assert_int_equal(pre.count, rows[i].hit);
		assert_int_equal(post.count, rows[i].hit);
	}
}

static void pass_sees_inputs(void **state)
{
	struct call pre = {0};

	(void)state;
	bf_hook_cpuid(&ext, BF_CONTROL_VM, BF_LEAF_ALL, on_cpuid, &pre, 1, NULL);
	assert_int_equal(execute(0xdead000000000002, 0xbeef000000000007), BF_SKIP);
	assert_int_equal(pre.seen.leaf, 2);
	assert_int_equal(pre.seen.subleaf, 7);
	expect(0xa, 0xb, 0xc, 0xd);
}

static void inputs_changed(void **state)
{
	const struct bf_cpuid other = {.leaf = 3};
	struct call pre = {.replace = &other};

	(void)state;
	bf_hook_cpuid(&ext, BF_ALL_VMS, BF_LEAF(2, 2), on_cpuid, &pre, 1, NULL);
	execute(2, 0);
	expect(0x1a, 0x1b, 0x1c, 0x1d);
}

static void skip_gives_results(void **state)
{
	const struct bf_cpuid result = {2, 0, 1, 2, 3, 4};
	struct call pre = {.replace = &result, .verdict = BF_SKIP}, later = {0}, post = {0};

	(void)state;
	bf_hook_cpuid(&ext, BF_ALL_VMS, BF_LEAF(2, 2), on_cpuid, &pre, 1, NULL);
	bf_hook_cpuid(&ext, BF_ALL_VMS, BF_LEAF(2, 2), on_cpuid, &later, 2, NULL);
	bf_hook_cpuid_post(&ext, BF_ALL_VMS, BF_LEAF(2, 2), on_cpuid, &post, 1, NULL);
	assert_int_equal(execute(2, 0), BF_SKIP);
	expect(1, 2, 3, 4);
	assert_int_equal(later.count, 0);
	assert_int_equal(post.count, 0);
}

static void post_changes_results(void **state)
{
	const struct bf_cpuid result = {2, 0, 5, 6, 7, 8};
	struct call first = {.replace = &result}, second = {0};

	(void)state;
	bf_hook_cpuid_post(&ext, BF_ALL_VMS, BF_LEAF(2, 2), on_cpuid, &second, 2, NULL);
	bf_hook_cpuid_post(&ext, BF_ALL_VMS, BF_LEAF(2, 2), on_cpuid, &first, 1, NULL);
	assert_int_equal(execute(2, 0), BF_SKIP);
	assert_int_equal(first.seen.eax, 0xa);
	assert_int_equal(first.seen.edx, 0xd);
	assert_int_equal(second.seen.eax, 5);
	expect(5, 6, 7, 8);
}

/* DONE and INJECT leave the registers alone. */
static void no_results(void **state)
{
	static const enum bf_verdict rows[] = {BF_DONE, BF_INJECT};
	struct call pre = {0};

	(void)state;
	bf_hook_cpuid(&ext, BF_ALL_VMS, BF_LEAF_ALL, on_cpuid, &pre, 1, NULL);
	for (size_t i = 0; i < COUNT(rows); i++) {
		pre.verdict = rows[i];
		assert_int_equal(execute(2, 9), rows[i]);
		expect(2, UINT64_MAX, 9, UINT64_MAX);
	}
	assert_int_equal(mock_hv.advanced, 0);
}

static bool logged(const char *text)
{
	struct bf_log_page page = {0};

	bf_log_read(&page);
	for (uint32_t i = 0; i < page.count; i++)
		if (!strncmp(page.record[i].text, text, strlen(text)))
			return true;
	return false;
}

static void bad_verdicts(void **state)
{
	struct call pre = {.verdict = BF_VERDICT_COUNT}, post = {.verdict = BF_SKIP};

	(void)state;
	bf_hook_cpuid(&ext, BF_ALL_VMS, BF_LEAF_ALL, on_cpuid, &pre, 1, NULL);
	assert_int_equal(execute(2, 0), BF_SKIP);
	expect(0xa, 0xb, 0xc, 0xd);
	assert_true(logged("extension under test"));
	setup(state);
	bf_hook_cpuid_post(&ext, BF_ALL_VMS, BF_LEAF_ALL, on_cpuid, &post, 1, NULL);
	assert_int_equal(execute(2, 0), BF_SKIP);
	expect(0xa, 0xb, 0xc, 0xd);
	assert_true(logged("extension under test"));
}

static void unhook(void **state)
{
	struct call pre = {0};
	struct bf_hook *handle;

	(void)state;
	assert_int_equal(bf_hook_cpuid(&ext, BF_ALL_VMS, BF_LEAF_ALL, on_cpuid, &pre, 1, &handle),
			 0);
	execute(2, 0);
	bf_unhook(handle);
	execute(2, 0);
	assert_int_equal(pre.count, 1);
	expect(0xa, 0xb, 0xc, 0xd);
}

static void refused(void **state)
{
	(void)state;
	assert_int_equal(bf_hook_cpuid(&ext, BF_ALL_VMS, BF_LEAF(3, 2), on_cpuid, NULL, 1, NULL),
			 BF_EINVAL);
	assert_int_equal(bf_hook_cpuid(&ext, BF_ALL_VMS, BF_LEAF_ALL, NULL, NULL, 1, NULL),
			 BF_EINVAL);
	assert_int_equal(bf_hook_cpuid_post(NULL, BF_ALL_VMS, BF_LEAF_ALL, on_cpuid, NULL, 1, NULL),
			 BF_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(ranges, setup),
		cmocka_unit_test_setup(pass_sees_inputs, setup),
		cmocka_unit_test_setup(inputs_changed, setup),
		cmocka_unit_test_setup(skip_gives_results, setup),
		cmocka_unit_test_setup(post_changes_results, setup),
		cmocka_unit_test_setup(no_results, setup),
		cmocka_unit_test_setup(bad_verdicts, setup),
		cmocka_unit_test_setup(unhook, setup),
		cmocka_unit_test_setup(refused, setup),
	};

	return cmocka_run_group_tests_name("hooks_cpuid", tests, NULL, NULL);
}
