/* SPDX-License-Identifier: MIT */
/* INVEPT and INVVPID, by the types that the CPU has. */
#include <vmx/vmx.h>

/* One for each vCPU of each VM; 0 is the VMM's own. */
uint16_t bf_vmx_vpid(const struct bf_vcpu *vcpu)
{
	return (uint16_t)(vcpu->vm->id * BF_MAX_CPUS + vcpu->index + 1);
}

void bf_vmx_s2_flush(struct bf_vcpu *vcpu)
{
	uint64_t eptp = bf_vmx_of(vcpu)->eptp;
	bool single = bf_vmx_caps.ept_vpid & EPT_CAP_INVEPT_SINGLE;

	if (eptp)
		(void)bf_hw_invept(single ? VMX_INV_SINGLE : VMX_INV_ALL, single ? eptp : 0);
}

void bf_vmx_flush_vpid(struct bf_vcpu *vcpu)
{
	bool single = bf_vmx_caps.ept_vpid & VPID_CAP_INVVPID_SINGLE;

	if (bf_vmx_caps.use[VMX_PROC2] & VMX_PROC2_ENABLE_VPID)
		(void)bf_hw_invvpid(single ? VMX_INV_SINGLE : VMX_INV_ALL,
				    single ? bf_vmx_vpid(vcpu) : 0, 0);
}

/* The processor itself wants a canonical address here; any other was in no TLB. */
void bf_vmx_invlpg(struct bf_vcpu *vcpu, uint64_t gva)
{
	if (!(bf_vmx_caps.use[VMX_PROC2] & VMX_PROC2_ENABLE_VPID))
		return;
	if (!(bf_vmx_caps.ept_vpid & VPID_CAP_INVVPID_ADDRESS) ||
	    !bf_hw_invvpid(VMX_INV_ADDRESS, bf_vmx_vpid(vcpu), gva))
		bf_vmx_flush_vpid(vcpu);
}
