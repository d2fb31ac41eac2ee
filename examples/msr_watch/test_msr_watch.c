/* SPDX-License-Identifier: MIT */
/* The example msr_watch. */
#include <bfmock/execute.h>
#include "example.h"

#define SYSENTER_CS 0x174u

static void counts(void)
{
	struct bf_vcpu *vcpu = mock_vcpu();
	uint64_t value;

	mock_msr_set(SYSENTER_CS, 5);
	assert_true(mock_execute_rdmsr(vcpu, SYSENTER_CS, &value).exited);
	assert_true(mock_execute_rdmsr(vcpu, SYSENTER_CS, &value).exited);
	assert_true(mock_execute_wrmsr(vcpu, SYSENTER_CS, 0x10).exited);
	assert_int_equal(mock_vmm_stop(), 0);
	assert_true(example_logged("MSR 0x174 read 2 written 1 last 0x10 at 0x400004"));
}

/* What nobody watches does not exit. */
static void only_the_range(void)
{
	uint64_t value;

	assert_false(mock_execute_rdmsr(mock_vcpu(), SYSENTER_CS + 1, &value).exited);
	assert_int_equal(mock_vmm_stop(), 0);
	assert_false(example_logged("MSR 0x"));
}

static void counts_test(void **state)
{
	(void)state;
	example_each("msr=0x174", counts);
}

static void only_the_range_test(void **state)
{
	(void)state;
	example_each("msr=0x174", only_the_range);
}

static void bad_options(void **state)
{
	(void)state;
	mock_reset(&mock_amd, 1);
	assert_int_equal(mock_vmm_start("msr=0xffffffff count=2"), BF_EEXT);
	assert_true(example_logged("1 to 64 of 32 bits can be watched"));
	mock_reset(&mock_amd, 1);
	assert_int_equal(mock_vmm_start("msr=0xffffffffffffffff count=2"), BF_EEXT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_test),
		cmocka_unit_test(only_the_range_test),
		cmocka_unit_test(bad_options),
	};

	return cmocka_run_group_tests_name("msr_watch", tests, NULL, NULL);
}
