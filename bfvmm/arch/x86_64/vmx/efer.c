/* SPDX-License-Identifier: MIT */
/* IA32_EFER: in the VMCS where the CPU switches it, else in the MSR lists. */
#include <bfvmm/msr.h>
#include <vmx/vmx.h>

#define LEAF_FEATURES    0x80000001u
#define CPUID_8_1_EDX_NX (1u << 20)

uint64_t bf_vmx_efer(struct bf_vcpu *vcpu)
{
	return bf_vmx_caps.efer ? bf_hw_vmread(VMCS_GUEST_IA32_EFER)
				: bf_vmx_of(vcpu)->guest_efer.value;
}

/* @p value with LMA as it is to be: VM entry wants the control to agree with it. */
void bf_vmx_write_efer(struct bf_vcpu *vcpu, uint64_t value)
{
	uint64_t entry = bf_hw_vmread(VMCS_ENTRY_CONTROLS);

	if (value & EFER_LMA)
		entry |= VMX_ENTRY_IA32E_MODE_GUEST;
	else
		entry &= ~(uint64_t)VMX_ENTRY_IA32E_MODE_GUEST;
	bf_hw_vmwrite(VMCS_ENTRY_CONTROLS, entry);
	if (bf_vmx_caps.efer)
		bf_hw_vmwrite(VMCS_GUEST_IA32_EFER, value);
	else
		bf_vmx_of(vcpu)->guest_efer.value = value;
}

static uint64_t writable(void)
{
	bool nx = bf_hw_cpuid(LEAF_FEATURES, 0).edx & CPUID_8_1_EDX_NX;

	return EFER_SCE | EFER_LME | EFER_LMA | (nx ? EFER_NXE : 0);
}

int bf_vmx_set_efer(struct bf_vcpu *vcpu, uint64_t value)
{
	uint64_t old = bf_vmx_efer(vcpu);

	if (value & ~writable())
		return BF_EINVAL;
	if (((old ^ value) & EFER_LME) && (bf_vmx_cr0(vcpu) & CR0_PG))
		return BF_EINVAL;
	bf_vmx_write_efer(vcpu, (value & ~EFER_LMA) | (old & EFER_LMA));
	if ((old ^ value) & EFER_NXE)
		bf_vmx_flush_vpid(vcpu);
	return 0;
}

bool bf_vmx_in_64bit_code(struct bf_vcpu *vcpu)
{
	return (bf_vmx_efer(vcpu) & EFER_LMA) &&
	       (bf_hw_vmread(VMCS_GUEST_CS_ACCESS_RIGHTS) & BF_AR_L);
}
