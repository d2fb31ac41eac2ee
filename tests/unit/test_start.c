/* SPDX-License-Identifier: MIT */
/* The VMM's start and stop on every kind of machine, and what a failure leaves behind. */
#include <bfmock/guest.h>
#include <bfvmm/mem.h>
#include <bfvmm/msr.h>
#include "test.h"

#define CPUS 2u

/* What the loader's world can see of a CPU; hardware says the same before and after. */
struct bare {
	uint64_t cr0, cr4, dr7, efer, hsave, sysenter_eip;
	bool vmx_on, gif;
};

static struct bare bare_state(uint32_t cpu)
{
	const struct mock_cpu *c = &mock.cpus[cpu];
	struct mock_msr *efer, *hsave;

	mock_cpu_switch(cpu);
	efer = mock_msr_find(MSR_IA32_EFER);
	hsave = mock_msr_find(MSR_VM_HSAVE_PA);
	return (struct bare){.cr0 = c->cr0,
			     .cr4 = c->cr4,
			     .dr7 = c->dr7,
			     .efer = efer->value,
			     .hsave = hsave ? hsave->value : 0,
			     .sysenter_eip = mock_msr_find(MSR_IA32_SYSENTER_EIP)->value,
			     .vmx_on = c->vmx_on,
			     .gif = c->gif};
}

static void expect_bare(const struct bare *before)
{
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		struct bare now = bare_state(cpu);

		assert_int_equal(now.cr0, before[cpu].cr0);
		assert_int_equal(now.cr4, before[cpu].cr4);
		assert_int_equal(now.dr7, before[cpu].dr7);
		assert_int_equal(now.efer, before[cpu].efer);
		assert_int_equal(now.hsave, before[cpu].hsave);
		assert_int_equal(now.sysenter_eip, before[cpu].sysenter_eip);
		assert_false(now.vmx_on);
		assert_true(now.gif);
		assert_int_equal(mock_switch[cpu].running, 0);
	}
}

static void reset(const struct mock_profile *profile, struct bare *before)
{
	mock_reset(profile, CPUS);
	mock_msr_set(MSR_IA32_SYSENTER_EIP, 0xffffffff81a01234);
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		mock.cpus[cpu].dr7 = 0x402;
		before[cpu] = bare_state(cpu);
	}
	mock_cpu_switch(0);
}

static void life(void **state)
{
	struct bare before[CPUS];

	(void)state;
	for (uint32_t p = 0; mock_profiles[p]; p++) {
		reset(mock_profiles[p], before);
		for (int round = 0; round < 3; round++) {
			int status = mock_vmm_start("");

			if (status)
				fail_msg("%s: %s: %s", mock_profiles[p]->name,
					 mock_boot.report.what, mock_boot.report.rule);
			assert_true(mock_switch[0].running && mock_switch[1].running);
			assert_int_equal(mock_vmm_stop(), 0);
			expect_bare(before);
		}
	}
}

/* The world goes on where it called, with what it had. */
static void world_comes_back(void **state)
{
	(void)state;
	for (uint32_t p = 0; mock_profiles[p]; p++) {
		struct bf_world was;

		mock_reset(mock_profiles[p], 1);
		assert_int_equal(mock_vmm_start(""), 0);
		was = mock_switch[0].world;
		memset(&mock_switch[0].world, 0xa5, sizeof(was));
		assert_int_equal(mock_vmm_stop(), 0);
		was.rip += 3; /* behind the hypercall */
		memset(was.gdtr.pad, 0xa5, sizeof(was.gdtr.pad));
		memset(was.idtr.pad, 0xa5, sizeof(was.idtr.pad));
		assert_memory_equal(&mock_switch[0].world, &was, sizeof(was));
	}
}

/* Each page that a start asks for is refused once: an error that says so, and all is bare. */
static void out_of_memory(void **state)
{
	struct bare before[CPUS];

	(void)state;
	for (uint32_t p = 0; mock_profiles[p]; p++) {
		int status = -1;

		for (uint64_t n = 1; status; n++) {
			uint64_t used;

			assert_true(n < 1000);
			reset(mock_profiles[p], before);
			status = mock_vmm_init("");
			assert_int_equal(status, 0);
			used = bf_pool_used();
			mock.fault.page_alloc = n;
			status = mock_vmm_start_cpu(0);
			mock.fault.page_alloc = 0;
			if (!status)
				break;
			assert_int_equal(status, BF_ENOMEM);
			assert_int_equal(mock_boot.report.code, BF_ENOMEM);
			expect_bare(before);
			/* The vCPU's own record stays for the next try. */
			assert_true(bf_pool_used() <= used + 1);
			assert_int_equal(mock_vmm_start_cpu(0), 0);
		}
	}
}

static void out_of_memory_at_init(void **state)
{
	(void)state;
	for (uint32_t p = 0; mock_profiles[p]; p++) {
		int status = -1;

		for (uint64_t n = 1; status; n++) {
			assert_true(n < 2000);
			mock_reset(mock_profiles[p], 1);
			mock.fault.page_alloc = n;
			status = mock_vmm_init("");
			if (status) {
				assert_int_equal(status, BF_ENOMEM);
				assert_int_equal(mock_boot.report.code, BF_ENOMEM);
				assert_true(mock_boot.report.what[0]);
			}
		}
	}
}

/* The hardware refuses; the report names it, nothing is left on. */
static void refused(void **state)
{
	static const struct {
		const char *name;
		const struct mock_profile *profile;
		struct mock_faults fault;
		int code;
	} rows[] = {
		{"VMXON", &mock_intel, {.vmxon = 1}, BF_EBUSY},
		{"VMXON on the second CPU", &mock_intel, {.vmxon = 2}, BF_EBUSY},
		{"VMCLEAR", &mock_intel, {.vmclear = 1}, BF_EENTRY},
		{"VMPTRLD", &mock_intel, {.vmptrld = 1}, BF_EENTRY},
		{"VMLAUNCH", &mock_intel, {.entry = 1}, BF_EENTRY},
		{"VMLAUNCH on the second CPU", &mock_intel, {.entry = 2}, BF_EENTRY},
		{"guest state", &mock_intel, {.entry_guest = 1}, BF_EENTRY},
		{"guest state on the second CPU", &mock_intel_old, {.entry_guest = 2}, BF_EENTRY},
		{"VMRUN", &mock_amd, {.entry = 1}, BF_EENTRY},
		{"VMRUN on the second CPU", &mock_amd_bare, {.entry = 2}, BF_EENTRY},
		{"EFER", &mock_amd, {.wrmsr = MSR_IA32_EFER}, BF_EFIRMWARE},
		{"VM_HSAVE_PA", &mock_amd, {.wrmsr = MSR_VM_HSAVE_PA}, BF_EFEATURE},
	};
	struct bare before[CPUS];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int status;

		reset(rows[i].profile, before);
		mock.fault = rows[i].fault;
		status = mock_vmm_start("");
		if (status != rows[i].code)
			fail_msg("%s: %d, %s: %s", rows[i].name, status, mock_boot.report.what,
				 mock_boot.report.rule);
		assert_int_equal(mock_boot.report.code, rows[i].code);
		mock.fault = (struct mock_faults){0};
		if (mock_switch[0].running)
			assert_int_equal(mock_vmm_stop(), 0);
		expect_bare(before);
	}
}

static void set_cr4(uint32_t cpu, uint64_t bits)
{
	mock.cpus[cpu].cr4 |= bits;
}

/* A start that fails again and again takes no more than the first time. */
static void no_leaks(void **state)
{
	(void)state;
	for (uint32_t p = 0; mock_profiles[p]; p++) {
		uint64_t used = 0;

		mock_reset(mock_profiles[p], 1);
		assert_int_equal(mock_vmm_init(""), 0);
		for (int i = 0; i < 3; i++) {
			mock.fault.entry = 1;
			assert_int_equal(mock_vmm_start_cpu(0), BF_EENTRY);
			assert_true(!i || bf_pool_used() == used);
			used = bf_pool_used();
			mock_boot.report = (struct bf_report){0};
		}
		assert_int_equal(mock_vmm_start_cpu(0), 0);
		assert_int_equal(mock_vmm_stop(), 0);
	}
}

/* Requirements that the machine misses are named before anything is touched. */
static void unfit(void **state)
{
	int status;

	(void)state;
	mock_reset_with(&mock_intel, 1, MOCK_VIRT, 0);
	assert_int_equal(mock_vmm_init(""), BF_ENOVIRT);
	mock_reset_with(&mock_amd, 1, MOCK_VIRT, 0);
	assert_int_equal(mock_vmm_init(""), BF_ENOVIRT);
	mock_reset(&mock_intel, 1);
	mock_msr_set(MSR_IA32_FEATURE_CONTROL, 1);
	assert_int_equal(mock_vmm_start(""), BF_EFIRMWARE);
	assert_string_equal(mock_boot.report.what, "IA32_FEATURE_CONTROL");
	mock_reset(&mock_amd, 1);
	mock_msr_set(MSR_VM_CR, 0x18);
	assert_int_equal(mock_vmm_start(""), BF_EFIRMWARE);
	mock_reset(&mock_intel, 1);
	set_cr4(0, CR4_VMXE);
	status = mock_vmm_start("");
	assert_int_equal(status, BF_EBUSY);
	mock_reset(&mock_amd, 1);
	mock_msr_find(MSR_IA32_EFER)->value |= EFER_SVME;
	assert_int_equal(mock_vmm_start(""), BF_EBUSY);
}

/* Firmware that leaves the lock open leaves VMX to us. */
static void unlocked(void **state)
{
	(void)state;
	mock_reset(&mock_intel, 2);
	mock_msr_set(MSR_IA32_FEATURE_CONTROL, 0);
	assert_int_equal(mock_vmm_start(""), 0);
	mock_cpu_switch(1);
	assert_int_equal(mock_msr_find(MSR_IA32_FEATURE_CONTROL)->value & 5, 5);
	assert_int_equal(mock_vmm_stop(), 0);
}

static void option_fails_a_cpu(void **state)
{
	struct bare before[CPUS];

	(void)state;
	reset(&mock_intel, before);
	assert_int_equal(mock_vmm_start("fail_cpu=1"), BF_EFAULTINJ);
	assert_int_equal(mock_boot.report.cpu, 1);
	assert_int_equal(mock_boot.report.value, 1);
	assert_int_equal(mock_switch[0].running, 1);
	assert_int_equal(mock_switch[1].running, 0);
	assert_int_equal(mock_vmm_stop(), 0);
	expect_bare(before);
}

static void wrong_order(void **state)
{
	(void)state;
	mock_reset(&mock_amd, 1);
	assert_int_equal(mock_vmm_init(""), 0);
	assert_int_equal(mock_vmm_start_cpu(0), 0);
	assert_int_equal(mock_vmm_start_cpu(0), BF_ESTATE);
	assert_int_equal(mock_vmm_stop(), 0);
	assert_int_equal(mock_vmm_start_cpu(0), BF_ESTATE);
}

static void wrong_boot_record(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		mock_reset(&mock_amd, 1);
		assert_int_equal(mock_vmm_init(""), 0);
		mock_boot.magic += i == 0;
		mock_boot.version += i == 1;
		mock_boot.size += i == 2;
		assert_int_equal(mock_vmm_start_cpu(0), BF_EVERSION);
		assert_int_equal(mock_boot.report.code, BF_EVERSION);
	}
}

/* Nothing could give a kernel its shadow-stack pointer back: it is refused, not crashed. */
static void refuses_shadow_stack(void **state)
{
	(void)state;
	mock_reset_with(&mock_intel, 1, 0, MOCK_EXOTIC);
	mock_this()->cr4 |= CR4_CET;
	mock_msr_set(MSR_IA32_S_CET, 1);
	assert_int_equal(mock_vmm_start(""), BF_ENOTSUP);
	assert_string_equal(mock_boot.report.what, "S_CET");
	assert_false(mock_this()->vmx_on);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(life),
		cmocka_unit_test(world_comes_back),
		cmocka_unit_test(out_of_memory),
		cmocka_unit_test(out_of_memory_at_init),
		cmocka_unit_test(refused),
		cmocka_unit_test(no_leaks),
		cmocka_unit_test(unfit),
		cmocka_unit_test(unlocked),
		cmocka_unit_test(option_fails_a_cpu),
		cmocka_unit_test(wrong_order),
		cmocka_unit_test(wrong_boot_record),
		cmocka_unit_test(refuses_shadow_stack),
	};

	return cmocka_run_group_tests_name("start", tests, NULL, NULL);
}
