/* SPDX-License-Identifier: MIT */
/* The example s2_hook: what executing a page runs, and what reading it shows. */
#include <bfhw/phys.h>
#include <bfmock/guest.h>
#include <bfvmm/s2_through.h>
#include "test.h"

#define CALL_START 0x73320010u
#define CALL_STOP  0x73320011u
#define CALL_COUNT 0x73320012u
#define PAGE       0x600000ul
#define FUNCTION   (PAGE + 0x40)

static const struct mock_profile *const profiles[] = {&mock_intel, &mock_amd, &mock_amd_bare};

static int64_t call(uint64_t number, uint64_t gpa, uint64_t bytes, uint64_t count)
{
	mock_vcpu()->regs.rsi = bytes;
	mock_vcpu()->regs.rdx = count;
	mock_execute_hypercall(mock_vcpu(), number, gpa);
	return (int64_t)mock_vcpu()->regs.rax;
}

/* Execution arrives at @gpa on a CPU. @return what is there, as that CPU sees it */
static uint8_t execute(uint32_t cpu, uint64_t gpa)
{
	uint8_t found;

	mock_cpu_switch(cpu);
	bf_vcpu_set(mock_vcpu(), BF_RIP, gpa);
	for (uint32_t i = 0; mock_access(mock_vcpu(), gpa, BF_S2_EXEC).exited; i++)
		assert_in_range(i, 0, 3);
	(void)bf_s2_fetch(mock_vcpu(), &found, 1);
	bf_vcpu_set(mock_vcpu(), BF_RIP, MOCK_GUEST_RIP);
	mock_cpu_switch(0);
	return found;
}

static uint64_t shown_in(uint32_t cpu, uint64_t gpa)
{
	struct bf_vcpu *vcpu = bf_vm_vcpu(bf_vm_find(0), cpu);
	uint32_t level;
	uint64_t entry = bf_s2_lookup_in(bf_s2_active(vcpu), gpa, &level);

	return bf_hv->s2_format()->address(entry, level);
}

static void redirect(void)
{
	uint8_t *function = bf_phys_to_virt(FUNCTION);

	*function = 0x11;
	assert_int_equal(call(CALL_STOP, 0, 0, 0), BF_ENOENT);
	assert_int_equal(call(CALL_START, FUNCTION, 0x22, 9), BF_EINVAL);
	assert_int_equal(call(CALL_START, FUNCTION, 0x22, 1), 0);
	assert_int_equal(call(CALL_START, FUNCTION, 0x22, 1), BF_EEXIST);
	assert_int_equal(execute(1, FUNCTION), 0x22);
	assert_int_not_equal(shown_in(1, FUNCTION), PAGE);
	/* Others read the page, and so does that CPU when it is anywhere else. */
	assert_int_equal(shown_in(0, FUNCTION), PAGE);
	assert_false(mock_access(mock_vcpu(), FUNCTION, BF_S2_READ).exited);
	assert_int_not_equal(execute(1, MOCK_GUEST_RIP), 0x22);
	assert_int_equal(shown_in(1, FUNCTION), PAGE);
	assert_int_equal(*function, 0x11);
	assert_int_equal(call(CALL_COUNT, 0, 0, 0), 1);
	assert_int_equal(call(CALL_STOP, 0, 0, 0), 0);
	assert_int_equal(execute(1, FUNCTION), 0x11);
	/* Once more, elsewhere. */
	assert_int_equal(call(CALL_START, FUNCTION + 0x3000, 0x33, 1), 0);
	assert_int_equal(execute(0, FUNCTION + 0x3000), 0x33);
	assert_int_equal(execute(1, FUNCTION), 0x11);
	assert_int_equal(call(CALL_STOP, 0, 0, 0), 0);
}

static void redirects(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(profiles); i++) {
		mock_reset(profiles[i], 2);
		assert_int_equal(mock_vmm_start(""), 0);
		redirect();
		assert_int_equal(mock_vmm_stop(), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(redirects)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
