/* SPDX-License-Identifier: MIT */
/* The VMX capability MSRs (SDM volume 3, appendix A). */
#include <bfvmm/msr.h>
#include <vmx/vmx.h>

#define LEAF_ADDRESS_SIZES 0x80000008u

struct bf_vmx_caps bf_vmx_caps;

/* The MSR of each group, and the one that replaces it where IA32_VMX_BASIC says so. */
static const struct {
	uint32_t msr, true_msr;
} msrs[VMX_GROUPS] = {
	[VMX_PIN] = {MSR_IA32_VMX_PINBASED_CTLS, MSR_IA32_VMX_TRUE_PINBASED_CTLS},
	[VMX_PROC] = {MSR_IA32_VMX_PROCBASED_CTLS, MSR_IA32_VMX_TRUE_PROCBASED_CTLS},
	[VMX_PROC2] = {MSR_IA32_VMX_PROCBASED_CTLS2, MSR_IA32_VMX_PROCBASED_CTLS2},
	[VMX_EXIT] = {MSR_IA32_VMX_EXIT_CTLS, MSR_IA32_VMX_TRUE_EXIT_CTLS},
	[VMX_ENTRY] = {MSR_IA32_VMX_ENTRY_CTLS, MSR_IA32_VMX_TRUE_ENTRY_CTLS},
};

static bool has(const struct bf_vmx_caps *caps, enum vmx_group group, uint32_t bits)
{
	return (caps->may[group] & bits) == bits;
}

static void read_group(struct bf_vmx_caps *caps, enum vmx_group group)
{
	bool exact = caps->basic & VMX_BASIC_TRUE;
	uint64_t value = bf_hw_rdmsr(exact ? msrs[group].true_msr : msrs[group].msr);

	caps->must[group] = (uint32_t)value;
	caps->may[group] = value >> 32;
}

static void read_widths(struct bf_vmx_caps *caps)
{
	uint32_t eax = bf_hw_cpuid(LEAF_ADDRESS_SIZES, 0).eax;

	caps->pa_bits = eax & 0xff;
	caps->va_bits = eax >> 8 & 0xff;
}

void bf_vmx_caps_read(struct bf_vmx_caps *caps)
{
	*caps = (struct bf_vmx_caps){
		.basic = bf_hw_rdmsr(MSR_IA32_VMX_BASIC),
		.misc = bf_hw_rdmsr(MSR_IA32_VMX_MISC),
		.cr0_fixed0 = bf_hw_rdmsr(MSR_IA32_VMX_CR0_FIXED0),
		.cr0_fixed1 = bf_hw_rdmsr(MSR_IA32_VMX_CR0_FIXED1),
		.cr4_fixed0 = bf_hw_rdmsr(MSR_IA32_VMX_CR4_FIXED0),
		.cr4_fixed1 = bf_hw_rdmsr(MSR_IA32_VMX_CR4_FIXED1),
	};
	read_widths(caps);
	read_group(caps, VMX_PIN);
	read_group(caps, VMX_PROC);
	read_group(caps, VMX_EXIT);
	read_group(caps, VMX_ENTRY);
	if (has(caps, VMX_PROC, VMX_PROC_SECONDARY_CONTROLS))
		read_group(caps, VMX_PROC2);
	if (caps->may[VMX_PROC2] & (VMX_PROC2_ENABLE_EPT | VMX_PROC2_ENABLE_VPID))
		caps->ept_vpid = bf_hw_rdmsr(MSR_IA32_VMX_EPT_VPID_CAP);
	bf_vmx_caps_use(caps);
}
