/* SPDX-License-Identifier: MIT */
#include <vmx/errors.h>
#include <vmx/vmx.h>

static const char *const names[] = {
	[0] = "VMfailInvalid: no current VMCS, or a bad pointer",
	[1] = "VMCALL executed in VMX root operation",
	[2] = "VMCLEAR with invalid physical address",
	[3] = "VMCLEAR with VMXON pointer",
	[4] = "VMLAUNCH with non-clear VMCS",
	[5] = "VMRESUME with non-launched VMCS",
	[6] = "VMRESUME after VMXOFF",
	[7] = "VM entry with invalid control fields",
	[8] = "VM entry with invalid host-state fields",
	[9] = "VMPTRLD with invalid physical address",
	[10] = "VMPTRLD with VMXON pointer",
	[11] = "VMPTRLD with incorrect VMCS revision identifier",
	[12] = "VMREAD or VMWRITE of an unsupported VMCS component",
	[13] = "VMWRITE to a read-only VMCS component",
	[15] = "VMXON executed in VMX root operation",
	[16] = "VM entry with invalid executive-VMCS pointer",
	[17] = "VM entry with non-launched executive VMCS",
	[18] = "VM entry with executive-VMCS pointer that is not the VMXON pointer",
	[19] = "VMCALL with non-clear VMCS",
	[20] = "VMCALL with invalid VM-exit control fields",
	[22] = "VMCALL with incorrect MSEG revision identifier",
	[23] = "VMXOFF under dual-monitor treatment of SMIs and SMM",
	[24] = "VMCALL with invalid SMM-monitor features",
	[25] = "VM entry with invalid VM-execution control fields in executive VMCS",
	[26] = "VM entry with events blocked by MOV SS",
	[28] = "invalid operand to INVEPT or INVVPID",
};

const char *bf_vmx_error_name(uint32_t number)
{
	const char *name = 0;

	if (number < sizeof(names) / sizeof(names[0]))
		name = names[number];
	return name ? name : "unknown VM-instruction error";
}

const char *bf_vmx_last_error(void)
{
	uint64_t number = 0;

	(void)bf_hw_vmread_safe(VMCS_VM_INSTRUCTION_ERROR, &number);
	return bf_vmx_error_name((uint32_t)number);
}
