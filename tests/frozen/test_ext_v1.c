/* SPDX-License-Identifier: MIT */
/* The frozen extension of API version 1.0 does what version 1.0 promised. */
#include <bareframe/hook.h>
#include <bfmock/guest.h>
#include <bfvmm/log.h>
#include "test.h"

#define CPUS      2
#define LEAF      0x40000a00
#define HYPERCALL 0x1234

extern uint32_t ext_v1_events[BF_LIFE_COUNT];

static struct mock_result cpuid(uint32_t leaf, uint32_t subleaf)
{
	return mock_execute_cpuid(mock_vcpu(), leaf, subleaf);
}

static const struct bf_regs *regs(void)
{
	return &mock_vcpu()->regs;
}

/* Runs @p test on each kind of CPU, under the VMM. */
static void on_all(const char *options, void (*test)(void))
{
	for (const struct mock_profile *const *cpu = mock_profiles; *cpu; cpu++) {
		memset(ext_v1_events, 0, sizeof(ext_v1_events));
		mock_reset(*cpu, CPUS);
		assert_int_equal(mock_vmm_start(options), 0);
		test();
		assert_int_equal(mock_vmm_stop(), 0);
	}
}

static bool logged(const char *text)
{
	struct bf_log_page page = {0};
	bool found = false;

	do {
		bf_log_read(&page);
		for (uint32_t i = 0; i < page.count; i++)
			found |= !strcmp(page.record[i].text, text);
	} while (page.count);
	return found;
}

static void check_answer(void)
{
	for (uint32_t i = 0; i < CPUS; i++) {
		mock_cpu_switch(i);
		cpuid(1, 0);
		cpuid(LEAF, 0);
		assert_int_equal(regs()->rax, 9);
		assert_int_equal(regs()->rbx, CPUS);
		assert_int_equal(regs()->rcx, i | CPUS << 16);
		assert_int_equal(regs()->rdx, 2);
	}
	assert_true(logged("ext_v1: v1_text is seven, 5 bytes"));
}

static void options_memory_and_skip(void **state)
{
	(void)state;
	on_all("v1_number=9 v1_text=seven", check_answer);
}

static void check_defaults(void)
{
	cpuid(LEAF, 0);
	assert_int_equal(regs()->rax, 7);
	assert_true(logged("ext_v1: no v1_text"));
}

static void no_options(void **state)
{
	(void)state;
	on_all("", check_defaults);
}

static void check_inject(void)
{
	uint64_t rip = bf_vcpu_get(mock_vcpu(), BF_RIP);
	struct mock_result result = cpuid(LEAF + 1, 0x18);

	assert_true(result.injected);
	assert_int_equal(result.type, BF_EVENT_EXCEPTION);
	assert_int_equal(result.vector, BF_VECTOR_GP);
	assert_true(result.has_error);
	assert_int_equal(result.error_code, 0x18);
	assert_int_equal(result.rip, rip);
	result = cpuid(LEAF + 2, 0);
	assert_true(result.injected);
	assert_int_equal(result.vector, BF_VECTOR_UD);
	assert_false(result.has_error);
}

static void inject(void **state)
{
	(void)state;
	on_all("", check_inject);
}

static void check_pass_and_post(void)
{
	const struct bf_hw_cpuid native = mock_cpuid_find(0, 0)->out;

	cpuid(LEAF + 3, 0); /* becomes leaf 0 */
	assert_int_equal(regs()->rax, native.eax);
	cpuid(0, 0);
	assert_int_equal(regs()->rax, native.eax);
	assert_int_equal(regs()->rdx, (uint32_t)~native.edx);
	cpuid(LEAF + 6, 0); /* removes the hook behind the default */
	cpuid(0, 0);
	assert_int_equal(regs()->rdx, native.edx);
}

static void pass_post_and_unhook(void **state)
{
	(void)state;
	on_all("", check_pass_and_post);
}

static void check_registers(void)
{
	uint64_t rip = bf_vcpu_get(mock_vcpu(), BF_RIP);

	mock_vcpu()->regs.r14 = 41;
	assert_int_equal(cpuid(LEAF + 4, 0).rip, rip + 0x100);
	assert_int_equal(regs()->r15, 42);
	assert_int_equal(regs()->rax, LEAF + 4);
	cpuid(LEAF + 5, 0);
	assert_int_equal(regs()->rax, 1);
}

static void registers_and_done(void **state)
{
	(void)state;
	on_all("", check_registers);
}

static void check_exit_hook(void)
{
	uint64_t rip = bf_vcpu_get(mock_vcpu(), BF_RIP);

	assert_int_equal(mock_execute_hypercall(mock_vcpu(), HYPERCALL, 4).rip, rip + 3);
	assert_int_equal(regs()->rax, 5);
	mock_execute_hypercall(mock_vcpu(), BF_HC_VERSION, 0);
	assert_int_equal(regs()->rax, BF_HC_ABI);
}

static void exit_hook(void **state)
{
	(void)state;
	on_all("", check_exit_hook);
}

static void check_started(void)
{
	assert_int_equal(ext_v1_events[BF_LIFE_CPU_START], CPUS);
	assert_int_equal(ext_v1_events[BF_LIFE_CPU_STOP], 0);
}

static void life_cycle(void **state)
{
	(void)state;
	on_all("", check_started);
	assert_int_equal(ext_v1_events[BF_LIFE_CPU_START], CPUS);
	assert_int_equal(ext_v1_events[BF_LIFE_CPU_STOP], CPUS);
	assert_int_equal(ext_v1_events[BF_LIFE_VMM_STOP], 1);
}

static void failing_init(void **state)
{
	(void)state;
	mock_reset(&mock_amd, 1);
	assert_int_equal(mock_vmm_init("v1_fail=1"), BF_EEXT);
	assert_string_equal(mock_boot.report.what, "ext_v1");
	assert_int_equal((int64_t)mock_boot.report.value, BF_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_memory_and_skip),
		cmocka_unit_test(no_options),
		cmocka_unit_test(inject),
		cmocka_unit_test(pass_post_and_unhook),
		cmocka_unit_test(registers_and_done),
		cmocka_unit_test(exit_hook),
		cmocka_unit_test(life_cycle),
		cmocka_unit_test(failing_init),
	};

	return cmocka_run_group_tests_name("ext_v1", tests, NULL, NULL);
}
