/* SPDX-License-Identifier: MIT */
/* The example cr_watch. */
#include <bfmock/execute.h>
#include "example.h"

#define CR4_PCE 0x100u

static void flip_pce(void)
{
	struct bf_vcpu *vcpu = mock_vcpu();
	uint64_t cr4 = bf_vcpu_get(vcpu, BF_CR4);

	assert_true(mock_execute_cr_write(vcpu, 4, cr4 ^ CR4_PCE).exited);
	assert_int_equal(bf_vcpu_get(vcpu, BF_CR4), cr4 ^ CR4_PCE);
}

static void names_bits(void)
{
	flip_pce();
	flip_pce();
	flip_pce();
	assert_true(example_logged("vCPU 0 CR4.PCE 0 -> 1 at 0x400000"));
	assert_int_equal(mock_vmm_stop(), 0);
	assert_true(example_logged("CR4 written 3 changed 3"));
}

static void two_lines(void)
{
	flip_pce();
	flip_pce();
	flip_pce();
	assert_false(example_logged("at 0x400006"));
	assert_int_equal(mock_vmm_stop(), 0);
}

/* Loads of CR3, which each switch of processes makes, do not exit. */
static void not_cr3(void)
{
	assert_false(mock_execute_cr_write(mock_vcpu(), 3, MOCK_GUEST_CR3).exited);
	assert_int_equal(mock_vmm_stop(), 0);
}

static void names_bits_test(void **state)
{
	(void)state;
	example_each("", names_bits);
}

static void two_lines_test(void **state)
{
	(void)state;
	example_each("lines=2", two_lines);
}

static void not_cr3_test(void **state)
{
	(void)state;
	example_each("", not_cr3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_bits_test),
		cmocka_unit_test(two_lines_test),
		cmocka_unit_test(not_cr3_test),
	};

	return cmocka_run_group_tests_name("cr_watch", tests, NULL, NULL);
}
