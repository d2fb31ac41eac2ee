/* SPDX-License-Identifier: MIT */
/*
 * VM entry as the processor sees it: its own, independent reading of the first checks, so that
 * the VMM's software check has something to be compared with.
 */
#include <stddef.h>
#include <bfvmm/msr.h>
#include "model.h"
#include "vmcs.h"

#define PROC_SECONDARY (1u << 31)
#define EXIT_LOAD_EFER (1u << 21)
#define EXIT_HOST_64   (1u << 9)

static uint64_t field(uint32_t encoding)
{
	uint64_t *slot = mock_vmcs_slot(mock_vmcs_current(), encoding);

	return slot ? *slot : 0;
}

/* A control may be 0 where the low half allows it, 1 where the high half does. */
static bool control_ok(uint32_t encoding, uint32_t msr, uint32_t true_msr)
{
	uint64_t cap = mock_msr_find(mock_has(MOCK_TRUE_CTLS) && true_msr ? true_msr : msr)->value;
	uint32_t must = (uint32_t)cap, may = (uint32_t)(cap >> 32);
	uint32_t value = (uint32_t)field(encoding);

	return (value & must) == must && !(value & ~may);
}

static bool controls_ok(void)
{
	bool secondary = field(0x4002) & PROC_SECONDARY;

	return control_ok(0x4000, MSR_IA32_VMX_PINBASED_CTLS, MSR_IA32_VMX_TRUE_PINBASED_CTLS) &&
	       control_ok(0x4002, MSR_IA32_VMX_PROCBASED_CTLS, MSR_IA32_VMX_TRUE_PROCBASED_CTLS) &&
	       control_ok(0x400c, MSR_IA32_VMX_EXIT_CTLS, MSR_IA32_VMX_TRUE_EXIT_CTLS) &&
	       control_ok(0x4012, MSR_IA32_VMX_ENTRY_CTLS, MSR_IA32_VMX_TRUE_ENTRY_CTLS) &&
	       (!secondary || control_ok(0x401e, MSR_IA32_VMX_PROCBASED_CTLS2, 0)) &&
	       field(0x400a) <= 4;
}

static bool fixed_ok(uint64_t value, uint32_t fixed0, uint32_t fixed1)
{
	uint64_t must = mock_msr_find(fixed0)->value, may = mock_msr_find(fixed1)->value;

	return (value & must) == must && !(value & ~may);
}

static bool host_ok(void)
{
	for (uint32_t selector = 0x0c00; selector <= 0x0c0c; selector += 2)
		if (field(selector) & 7)
			return false;
	return field(0x0c02) && field(0x0c0c) &&
	       fixed_ok(field(0x6c00), MSR_IA32_VMX_CR0_FIXED0, MSR_IA32_VMX_CR0_FIXED1) &&
	       fixed_ok(field(0x6c04), MSR_IA32_VMX_CR4_FIXED0, MSR_IA32_VMX_CR4_FIXED1) &&
	       (field(0x400c) & EXIT_HOST_64) && field(0x6c14) && field(0x6c16);
}

static bool guest_ok(void)
{
	return field(VMCS_LINK_POINTER) == UINT64_MAX && (field(0x6820) & 2) &&
	       !(field(0x6820) & 0xffffffffffc08028ULL);
}

/* An entry that gets as far as the guest state and fails loads the host state, as an exit does. */
static void load_host(void)
{
	mock_this()->dr7 = 0x400;
	mock_msr_find(MSR_IA32_DEBUGCTL)->value = 0;
	mock_msr_find(MSR_IA32_SYSENTER_CS)->value = field(0x4c00);
	mock_msr_find(MSR_IA32_SYSENTER_ESP)->value = field(0x6c10);
	mock_msr_find(MSR_IA32_SYSENTER_EIP)->value = field(0x6c12);
}

enum mock_entry mock_vmx_enter(bool launch)
{
	struct mock_vmcs *vmcs = mock_vmcs_current();
	uint32_t error = 0;

	if (!mock_this()->vmx_on)
		mock_fault("VM entry outside VMX operation raised #UD");
	if (!vmcs)
		return MOCK_ENTRY_REFUSED;
	if (launch && vmcs->launched)
		error = MOCK_VMERR_LAUNCH_NOT_CLEAR;
	else if (!launch && !vmcs->launched)
		error = MOCK_VMERR_RESUME_NOT_LAUNCHED;
	else if (!controls_ok() || mock_due(&mock.fault.entry))
		error = MOCK_VMERR_ENTRY_CONTROLS;
	else if (!host_ok())
		error = MOCK_VMERR_ENTRY_HOST;
	if (error) {
		*mock_vmcs_slot(vmcs, VMCS_INSTRUCTION_ERROR) = error;
		return MOCK_ENTRY_REFUSED;
	}
	if (!guest_ok() || mock_due(&mock.fault.entry_guest)) {
		load_host();
		*mock_vmcs_slot(vmcs, VMCS_EXIT_REASON) = 0x80000021;
		return MOCK_ENTRY_INVALID;
	}
	vmcs->launched = true;
	return MOCK_ENTRY_RUNS;
}
