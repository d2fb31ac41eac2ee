/* SPDX-License-Identifier: MIT */
/* The example s2_watch. */
#include <bfhw/phys.h>
#include <bfmock/guest.h>
#include <bfvmm/log.h>
#include "test.h"

#define CALL_START 0x73320000u
#define CALL_STOP  0x73320001u
#define CALL_COUNT 0x73320002u
#define PAGE       0x600000ul

static const struct mock_profile *const profiles[] = {&mock_intel, &mock_amd, &mock_amd_bare};

static int64_t call(uint64_t number, uint64_t argument)
{
	mock_vcpu()->regs.rsi = 0;
	mock_execute_hypercall(mock_vcpu(), number, argument);
	return (int64_t)mock_vcpu()->regs.rax;
}

/* mov %rax,(%rbx), on a CPU. @return whether that exits */
static bool write_page(uint32_t cpu)
{
	struct mock_result r;

	mock_cpu_switch(cpu);
	bf_vcpu_set(mock_vcpu(), BF_RIP, MOCK_GUEST_RIP);
	memcpy(bf_phys_to_virt(MOCK_GUEST_RIP), "\x48\x89\x03", 3);
	mock_vcpu()->regs.rax = cpu + 1;
	mock_vcpu()->regs.rbx = PAGE + 8ul * cpu;
	r = mock_access(mock_vcpu(), PAGE + 8ul * cpu, BF_S2_WRITE);
	mock_cpu_switch(0);
	return r.exited;
}

static bool logged(const char *text)
{
	struct bf_log_page found = {0};

	while (bf_log_read(&found))
		for (uint32_t i = 0; i < found.count; i++)
			if (strstr(found.record[i].text, text))
				return true;
	return false;
}

static void watches(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(profiles); i++) {
		mock_reset(profiles[i], 2);
		assert_int_equal(mock_vmm_start(""), 0);
		assert_false(write_page(0));
		assert_int_equal(call(CALL_STOP, 0), BF_ENOENT);
		assert_int_equal(call(CALL_START, PAGE), 0);
		assert_int_equal(call(CALL_START, PAGE), BF_EEXIST);
		assert_true(write_page(0));
		assert_true(write_page(1));
		assert_true(write_page(1));
		assert_int_equal(*(uint64_t *)bf_phys_to_virt(PAGE + 8), 2);
		assert_int_equal(call(CALL_COUNT, 0), 3);
		assert_int_equal(call(CALL_STOP, 0), 0);
		assert_false(write_page(1));
		assert_int_equal(call(CALL_COUNT, 0), 3);
		assert_int_equal(mock_vmm_stop(), 0);
		assert_true(logged("s2_watch: CPU 0 RIP 0x400000 1 times"));
		assert_true(logged("s2_watch: CPU 1 RIP 0x400000 2 times"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(watches)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
