/* SPDX-License-Identifier: MIT */
/* The example cpuid_count. */
#include <bfmock/execute.h>
#include "example.h"

static void each_cpu_its_own(void)
{
	for (uint32_t i = 0; i < 3; i++)
		mock_execute_cpuid(mock_vcpu(), 7, 0);
	mock_cpu_switch(1);
	mock_execute_cpuid(mock_vcpu(), 7, 0);
	mock_execute_cpuid(mock_vcpu(), 0xd, 1);
	mock_cpu_switch(0);
	assert_int_equal(mock_vmm_stop(), 0);
	assert_true(example_logged("cpu 0 leaf 0x00000007 count 3"));
}

static void totals(void)
{
	mock_cpu_switch(1);
	mock_execute_cpuid(mock_vcpu(), 7, 0);
	mock_execute_cpuid(mock_vcpu(), 0xd, 1);
	mock_cpu_switch(0);
	assert_int_equal(mock_vmm_stop(), 0);
	assert_true(example_logged("cpu 1 total 2"));
}

static void each_cpu_its_own_test(void **state)
{
	(void)state;
	example_each("", each_cpu_its_own);
}

static void totals_test(void **state)
{
	(void)state;
	example_each("", totals);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cpu_its_own_test),
		cmocka_unit_test(totals_test),
	};

	return cmocka_run_group_tests_name("cpuid_count", tests, NULL, NULL);
}
