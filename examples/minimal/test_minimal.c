/* SPDX-License-Identifier: MIT */
/* The example minimal. */
#include <bfmock/execute.h>
#include "example.h"

static void another_vendor(void)
{
	const struct bf_regs *regs = &mock_vcpu()->regs;
	uint32_t name[4] = {0};

	assert_true(mock_execute_cpuid(mock_vcpu(), 0x40000000, 0).exited);
	name[0] = (uint32_t)regs->rbx;
	name[1] = (uint32_t)regs->rcx;
	name[2] = (uint32_t)regs->rdx;
	assert_string_equal((const char *)name, "HelloMinimal");
	assert_int_equal(regs->rax, 0x40000001);
	assert_int_equal(mock_vmm_stop(), 0);
}

static void another_vendor_test(void **state)
{
	(void)state;
	example_each("", another_vendor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(another_vendor_test)};

	return cmocka_run_group_tests_name("minimal", tests, NULL, NULL);
}
