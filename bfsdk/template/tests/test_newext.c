/* SPDX-License-Identifier: MIT */
/* The extension under the whole VMM, on models of CPUs of both vendors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <bfmock/guest.h>

#define CPUS 2
#define LEAF 0x40000f00

/* Starts the VMM on a machine with CPUs of this kind. */
static void start(const struct mock_profile *cpu, const char *options)
{
	mock_reset(cpu, CPUS);
	assert_int_equal(mock_vmm_start(options), 0);
}

/* What the guest on the current CPU reads from the leaf. */
static uint64_t read_count(uint32_t leaf)
{
	struct bf_regs *regs = bf_vcpu_regs(mock_vcpu());

	mock_execute_cpuid(mock_vcpu(), leaf, 0);
	assert_int_equal(regs->rcx, bf_vcpu_index(mock_vcpu()));
	return regs->rax | regs->rbx << 32;
}

static void counts_each_cpu(void **state)
{
	(void)state;
	for (const struct mock_profile *const *cpu = mock_profiles; *cpu; cpu++) {
		start(*cpu, "");
		for (uint32_t i = 0; i < CPUS; i++) {
			mock_cpu_switch(i);
			for (uint32_t times = 0; times < 3 + i; times++)
				mock_execute_cpuid(mock_vcpu(), 0, 0);
		}
		for (uint32_t i = 0; i < CPUS; i++) {
			mock_cpu_switch(i);
			assert_int_equal(read_count(LEAF), 3 + i + 1); /* this one counts too */
			assert_int_equal(read_count(LEAF), 3 + i + 2);
		}
		assert_int_equal(mock_vmm_stop(), 0);
	}
}

static void option_moves_the_leaf(void **state)
{
	(void)state;
	for (const struct mock_profile *const *cpu = mock_profiles; *cpu; cpu++) {
		start(*cpu, "leaf=0x40000e00");
		assert_int_equal(read_count(0x40000e00), 1);
		assert_int_equal(mock_vmm_stop(), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_each_cpu),
		cmocka_unit_test(option_moves_the_leaf),
	};

	return cmocka_run_group_tests_name("newext", tests, NULL, NULL);
}
