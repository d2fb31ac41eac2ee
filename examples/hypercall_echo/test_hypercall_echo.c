/* SPDX-License-Identifier: MIT */
/* The example hypercall_echo. */
#include <bfmock/execute.h>
#include "example.h"

#define CALL_ECHO 0x6563686fu

static uint64_t call(uint64_t number, uint64_t argument)
{
	struct mock_result r = mock_execute_hypercall(mock_vcpu(), number, argument);

	assert_true(r.exited && !r.injected);
	return mock_vcpu()->regs.rax;
}

static void answers(void)
{
	struct bf_vcpu *vcpu = mock_vcpu();

	vcpu->regs.rsi = 2;
	vcpu->regs.rdx = 3;
	assert_int_equal(call(CALL_ECHO, 0x123456789abcdefull), 0x123456789abcdefull);
	assert_int_equal(call(CALL_ECHO + 1, 1), 6);
	assert_int_equal(call(CALL_ECHO + 2, 0), 0);
	assert_int_equal((int64_t)call(CALL_ECHO + 3, 0), BF_ENOENT);
	assert_int_equal(mock_vmm_stop(), 0);
}

/* Behind the range it is #UD again. */
static void others(void)
{
	struct mock_result r = mock_execute_hypercall(mock_vcpu(), 0x65636900, 0);

	assert_true(r.injected && r.vector == BF_VECTOR_UD);
	assert_int_equal(mock_vmm_stop(), 0);
}

static void answers_test(void **state)
{
	(void)state;
	example_each("", answers);
}

static void others_test(void **state)
{
	(void)state;
	example_each("", others);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_test),
		cmocka_unit_test(others_test),
	};

	return cmocka_run_group_tests_name("hypercall_echo", tests, NULL, NULL);
}
