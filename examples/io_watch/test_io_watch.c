/* SPDX-License-Identifier: MIT */
/* The example io_watch. */
#include <bfmock/execute.h>
#include "example.h"

static void counts(void)
{
	struct bf_vcpu *vcpu = mock_vcpu();
	struct mock_result r;

	mock.port_in[0x71] = 0x42;
	assert_true(mock_execute_out(vcpu, 0x70, 1, 9).exited);
	assert_int_equal(mock_execute_in(vcpu, 0x71, 1, &r) & 0xff, 0x42);
	assert_true(r.exited && !r.injected);
	assert_int_equal(r.rip, MOCK_GUEST_RIP + 2);
	assert_int_equal(mock_vmm_stop(), 0);
	assert_true(example_logged("port 0x071 read 1 written 0 string 0 last 0x42"));
}

/* Ports beside the range are the machine's own business. */
static void only_the_range(void)
{
	struct mock_result r;

	mock_execute_in(mock_vcpu(), 0x72, 1, &r);
	assert_false(r.exited);
	assert_false(mock_execute_out(mock_vcpu(), 0x6f, 1, 0).exited);
	assert_int_equal(mock_vmm_stop(), 0);
	assert_false(example_logged("port 0x"));
}

static void counts_test(void **state)
{
	(void)state;
	example_each("", counts);
}

static void only_the_range_test(void **state)
{
	(void)state;
	example_each("", only_the_range);
}

static void bad_range(void **state)
{
	(void)state;
	mock_reset(&mock_amd, 1);
	assert_int_equal(mock_vmm_start("ports=0xffff count=2"), BF_EEXT);
	assert_true(example_logged("ports=0xffff count=2: 1 to 256 ports"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_test),
		cmocka_unit_test(only_the_range_test),
		cmocka_unit_test(bad_range),
	};

	return cmocka_run_group_tests_name("io_watch", tests, NULL, NULL);
}
