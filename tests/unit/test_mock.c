/* SPDX-License-Identifier: MIT */
/* The mock machine itself: what it must not let pass. */
#include <bfhw/hw.h>
#include <bfhw/phys.h>
#include <bfmock/svm.h>
#include <bfmock/vmx.h>
#include <bfvmm/msr.h>
#include "test.h"

#define REGION      0x100000u
#define VMCS_A      0x101000u
#define VMCS_B      0x102000u
#define ENTRY_INFO  0x4016u
#define EXIT_REASON 0x4402u
#define EPT_POINTER 0x201au

static void in_vmx(const struct mock_profile *profile)
{
	mock_reset(profile, 2);
	bf_hw_write_cr4(bf_hw_read_cr4() | CR4_VMXE);
	*(uint32_t *)bf_phys_to_virt(REGION) = MOCK_VMCS_REVISION;
	*(uint32_t *)bf_phys_to_virt(VMCS_A) = MOCK_VMCS_REVISION;
	assert_true(bf_hw_vmxon(REGION));
	assert_true(bf_hw_vmclear(VMCS_A));
	assert_true(bf_hw_vmptrld(VMCS_A));
}

static void fields(void **state)
{
	uint64_t value;

	(void)state;
	in_vmx(&mock_intel);
	assert_true(bf_hw_vmwrite_safe(ENTRY_INFO, 0x1122334455667788));
	assert_true(bf_hw_vmread_safe(ENTRY_INFO, &value));
	assert_int_equal(value, 0x55667788);
	assert_true(bf_hw_vmwrite_safe(EPT_POINTER, 0x1122334455667788));
	assert_true(bf_hw_vmwrite_safe(EPT_POINTER | 1, 0xaabbccdd));
	assert_int_equal(bf_hw_vmread(EPT_POINTER), 0xaabbccdd55667788);
	assert_int_equal(bf_hw_vmread(EPT_POINTER | 1), 0xaabbccdd);
	assert_true(bf_hw_vmwrite_safe(0x0800, 0x123456));
	assert_int_equal(bf_hw_vmread(0x0800), 0x3456);
	assert_false(bf_hw_vmwrite_safe(EXIT_REASON, 1));
	assert_int_equal(mock_vmcs_get(0x4400), MOCK_VMERR_READ_ONLY);
	assert_false(bf_hw_vmread_safe(0x7ffe, &value));
	assert_int_equal(mock_vmcs_get(0x4400), MOCK_VMERR_NO_SUCH_FIELD);
	assert_false(bf_hw_vmread_safe(ENTRY_INFO | 1, &value));
	mock_vmcs_set(EXIT_REASON, 10);
	assert_int_equal(bf_hw_vmread(EXIT_REASON), 10);
	assert_true(mock.count.vmread > 4 && mock.count.vmwrite > 3);
}

static void older_cpu(void **state)
{
	uint64_t value;

	(void)state;
	in_vmx(&mock_intel_old);
	assert_false(bf_hw_vmread_safe(EPT_POINTER, &value));
	assert_false(bf_hw_vmwrite_safe(0x0000, 1));
	assert_false(mock_vmcs_has(0x2806));
	assert_null(mock_msr_find(MSR_IA32_VMX_EPT_VPID_CAP));
}

static void regions(void **state)
{
	(void)state;
	in_vmx(&mock_intel);
	assert_false(bf_hw_vmxon(REGION));
	assert_false(bf_hw_vmclear(REGION));
	assert_false(bf_hw_vmptrld(REGION));
	assert_false(bf_hw_vmptrld(VMCS_B)); /* no revision */
	assert_false(bf_hw_vmptrld(VMCS_A + 8));
	assert_false(bf_hw_vmptrld(MOCK_MEMORY));
	assert_true(bf_hw_vmclear(VMCS_A));
	assert_int_equal(mock_this()->vmcs_pa, MOCK_NO_VMCS);
}

static void vmread_0(void *ctx)
{
	(void)ctx;
	bf_hw_vmread(ENTRY_INFO);
}

static void vmxon(void *ctx)
{
	(void)ctx;
	bf_hw_vmxon(REGION);
}

static void drop_vmxe(void *ctx)
{
	(void)ctx;
	bf_hw_write_cr4(bf_hw_read_cr4() & ~CR4_VMXE);
}

static void both_cpus(void *ctx)
{
	(void)ctx;
	mock_cpu_switch(1);
	bf_hw_write_cr4(bf_hw_read_cr4() | CR4_VMXE);
	*(uint32_t *)bf_phys_to_virt(VMCS_B) = MOCK_VMCS_REVISION;
	bf_hw_vmxon(VMCS_B);
	bf_hw_vmptrld(VMCS_A);
}

static void rdmsr_unknown(void *ctx)
{
	(void)ctx;
	bf_hw_rdmsr(0x12345);
}

static void write_pat(void *ctx)
{
	(void)ctx;
	bf_hw_wrmsr(MSR_IA32_PAT, 2);
}

static void nowhere(void *ctx)
{
	(void)ctx;
	bf_phys_to_virt(MOCK_MEMORY);
}

static void stack_address(void *ctx)
{
	bf_virt_to_phys(ctx);
}

/* What no CPU forgives. */
static void faults(void **state)
{
	int local;

	(void)state;
	in_vmx(&mock_intel);
	assert_int_equal(mock_catch(drop_vmxe, NULL), MOCK_FAULTED);
	assert_int_equal(mock_catch(both_cpus, NULL), MOCK_FAULTED);
	mock_reset(&mock_intel, 1);
	assert_int_equal(mock_catch(vmread_0, NULL), MOCK_FAULTED);
	assert_int_equal(mock_catch(vmxon, NULL), MOCK_FAULTED);
	assert_int_equal(mock_catch(rdmsr_unknown, NULL), MOCK_FAULTED);
	assert_non_null(strstr(mock_fault_text, "0x12345"));
	assert_int_equal(mock_catch(write_pat, NULL), MOCK_FAULTED);
	assert_int_equal(mock_catch(nowhere, NULL), MOCK_FAULTED);
	assert_int_equal(mock_catch(stack_address, &local), MOCK_FAULTED);
}

static void msrs(void **state)
{
	uint64_t value;

	(void)state;
	mock_reset(&mock_amd, 2);
	bf_hw_wrmsr(MSR_IA32_LSTAR, 5);
	mock_cpu_switch(1);
	assert_int_not_equal(bf_hw_rdmsr(MSR_IA32_LSTAR), 5);
	assert_false(bf_hw_rdmsr_safe(MSR_IA32_VMX_BASIC, &value));
	assert_false(bf_hw_wrmsr_safe(MSR_IA32_MTRRCAP, 0));
	assert_false(bf_hw_wrmsr_safe(MSR_IA32_LSTAR, 1ull << 60));
	mock.fault.rdmsr = MSR_IA32_LSTAR;
	assert_false(bf_hw_rdmsr_safe(MSR_IA32_LSTAR, &value));
	mock_msr_set(MSR_VM_CR, 0x10);
	assert_false(bf_hw_wrmsr_safe(MSR_IA32_EFER, EFER_SVME));
}

/* Beyond the last leaf the vendors differ. */
static void cpuid(void **state)
{
	struct bf_hw_cpuid last;

	(void)state;
	mock_reset(&mock_intel, 1);
	last = bf_hw_cpuid(0x16, 0);
	assert_int_equal(bf_hw_cpuid(0x7fffffff, 0).eax, last.eax);
	assert_int_equal(bf_hw_cpuid(0x40000000, 0).eax, last.eax);
	assert_true(bf_hw_cpuid(1, 0).ecx >> 5 & 1);
	mock_reset(&mock_amd, 1);
	assert_int_equal(bf_hw_cpuid(0x7fffffff, 0).eax, 0);
	assert_true(bf_hw_cpuid(0x80000001, 0).ecx >> 2 & 1);
	assert_false(bf_hw_cpuid(1, 0).ecx >> 5 & 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields), cmocka_unit_test(older_cpu), cmocka_unit_test(regions),
		cmocka_unit_test(faults), cmocka_unit_test(msrs),      cmocka_unit_test(cpuid),
	};

	return cmocka_run_group_tests_name("mock", tests, NULL, NULL);
}
