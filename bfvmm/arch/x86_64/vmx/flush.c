/* SPDX-License-Identifier: MIT */
/* INVEPT and INVVPID, by the types that the CPU has. */
#include <vmx/vmx.h>

/* One for each vCPU of each VM; 0 is the VMM's own. */
uint16_t bf_vmx_vpid(const struct bf_vcpu *vcpu)
{
	return (uint16_t)(vcpu->vm->id * BF_MAX_CPUS + vcpu->index + 1);
}

/* Of all views at once; where the CPU cannot do that, of each when it comes into use. */
void bf_vmx_s2_flush(struct bf_vcpu *vcpu)
{
	uint64_t eptp = bf_vmx_of(vcpu)->eptp;
	bool all = bf_vmx_caps.ept_vpid & EPT_CAP_INVEPT_ALL;

	if (eptp)
		(void)bf_hw_invept(all ? VMX_INV_ALL : VMX_INV_SINGLE, all ? 0 : eptp);
}

/* Translations are tagged with the tables that they come from (SDM volume 3, 29.4.2). */
void bf_vmx_s2_root(struct bf_vcpu *vcpu, uint64_t root)
{
	struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);

	if (!v->eptp)
		return;
	v->eptp = bf_vmx_eptp(root);
	bf_hw_vmwrite(VMCS_EPT_POINTER, v->eptp);
	if (!(bf_vmx_caps.ept_vpid & EPT_CAP_INVEPT_ALL))
		bf_vmx_s2_flush(vcpu);
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
