/* SPDX-License-Identifier: MIT */
/* The example rdtsc_offset. */
#include <bfmock/execute.h>
#include "example.h"

static uint64_t guest_tsc(void)
{
	struct mock_result r;
	uint64_t value = mock_execute_tsc(mock_vcpu(), MOCK_RDTSC, &r);

	assert_false(r.exited);
	return value;
}

/* The machine's own counter stands still here, so that the guest's goes back by what is hidden. */
static void hides(void)
{
	uint64_t first = guest_tsc(), second;

	mock_execute_cpuid(mock_vcpu(), 0, 0);
	second = guest_tsc();
	assert_true(first - second >= 1000 && first - second < 1ull << 40);
	assert_int_equal(guest_tsc(), second);
	assert_int_equal(mock_vmm_stop(), 0);
}

/* Each CPU has its own. */
static void other_cpu(void)
{
	uint64_t first;

	mock_cpu_switch(1);
	first = guest_tsc();
	mock_cpu_switch(0);
	mock_execute_cpuid(mock_vcpu(), 0, 0);
	mock_cpu_switch(1);
	assert_int_equal(guest_tsc(), first);
	mock_cpu_switch(0);
	assert_int_equal(mock_vmm_stop(), 0);
}

static void switched_off(void)
{
	uint64_t first = guest_tsc();

	mock_execute_cpuid(mock_vcpu(), 0, 0);
	assert_int_equal(guest_tsc(), first);
	assert_int_equal(mock_vmm_stop(), 0);
}

static void hides_test(void **state)
{
	(void)state;
	example_each("rest=1000", hides);
}

static void other_cpu_test(void **state)
{
	(void)state;
	example_each("rest=1000", other_cpu);
}

static void switched_off_test(void **state)
{
	(void)state;
	example_each("on=0 rest=1000", switched_off);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hides_test),
		cmocka_unit_test(other_cpu_test),
		cmocka_unit_test(switched_off_test),
	};

	return cmocka_run_group_tests_name("rdtsc_offset", tests, NULL, NULL);
}
