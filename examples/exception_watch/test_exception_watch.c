/* SPDX-License-Identifier: MIT */
/* The example exception_watch. */
#include <bfmock/execute.h>
#include "example.h"

static struct mock_result raise(uint8_t vector, uint32_t error_code)
{
	return mock_raise(mock_vcpu(),
			  &(struct mock_exception){.vector = vector, .error_code = error_code});
}

/* The guest has them as without the hook. */
static void passes_on(void)
{
	struct mock_result r = raise(BF_VECTOR_GP, 0x10);

	assert_true(r.exited && r.injected && r.vector == BF_VECTOR_GP);
	assert_int_equal(r.error_code, 0x10);
	assert_int_equal(r.rip, MOCK_GUEST_RIP);
	assert_true(raise(BF_VECTOR_UD, 0).injected);
	mock_cpu_switch(1);
	raise(BF_VECTOR_UD, 0);
	raise(BF_VECTOR_UD, 0);
	mock_cpu_switch(0);
	assert_int_equal(mock_vmm_stop(), 0);
	assert_true(example_logged("CPU 1 vector 6 count 2"));
}

static void counts_each_cpu(void)
{
	raise(BF_VECTOR_UD, 0);
	assert_int_equal(mock_vmm_stop(), 0);
	assert_true(example_logged("CPU 0 vector 6 count 1"));
}

/* Page faults are not among those that it watches unless told. */
static void no_page_faults(void)
{
	assert_false(raise(BF_VECTOR_PF, 2).exited);
	assert_int_equal(mock_vmm_stop(), 0);
}

static void passes_on_test(void **state)
{
	(void)state;
	example_each("", passes_on);
}

static void counts_each_cpu_test(void **state)
{
	(void)state;
	example_each("", counts_each_cpu);
}

static void no_page_faults_test(void **state)
{
	(void)state;
	example_each("", no_page_faults);
}

static void bad_mask(void **state)
{
	(void)state;
	mock_reset(&mock_intel, 1);
	assert_int_equal(mock_vmm_start("vectors=4"), BF_EEXT);
	assert_true(example_logged("vectors=0x4: a mask of vectors"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_on_test),
		cmocka_unit_test(counts_each_cpu_test),
		cmocka_unit_test(no_page_faults_test),
		cmocka_unit_test(bad_mask),
	};

	return cmocka_run_group_tests_name("exception_watch", tests, NULL, NULL);
}
