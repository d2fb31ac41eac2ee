/* SPDX-License-Identifier: MIT */
#include <bfhw/this_cpu.h>
#include <vmx/advance.h>

#define DEBUGCTL_BTF 0x2ull

/*
 * What else the end of an instruction does: blocking by STI and MOV SS ends with it, RF falls,
 * and with TF set (unless only branches are stepped) it raises a debug exception, together with
 * what MOV SS had kept back and VM exit saved as pending.
 */
__attribute__((cold, noinline)) void bf_vmx_advance_slowly(uint64_t rip, uint64_t blocking,
							   uint64_t rflags)
{
	struct bf_vcpu *vcpu = bf_this_pcpu()->vcpu;
	uint64_t pending;

	/* Only 64-bit code goes on behind 4 GiB; elsewhere EIP wraps. 16-bit code does not wrap
	 * at 64 KiB: the next fetch is checked against the limit of CS. */
	bf_hw_vmwrite(VMCS_GUEST_RIP, bf_vmx_in_64bit_code(vcpu) ? rip : (uint32_t)rip);
	bf_hw_vmwrite(VMCS_GUEST_INTERRUPTIBILITY_STATE,
		      blocking & ~(uint64_t)(VMX_BLOCKING_STI | VMX_BLOCKING_MOV_SS));
	bf_hw_vmwrite(VMCS_GUEST_RFLAGS, rflags & ~RFLAGS_RF);
	if (!(rflags & RFLAGS_TF) || (bf_hw_vmread(VMCS_GUEST_IA32_DEBUGCTL) & DEBUGCTL_BTF))
		return;
	pending = bf_hw_vmread(VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS);
	bf_hw_vmwrite(VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS, pending | VMX_PENDING_BS);
}

void bf_vmx_advance(struct bf_vcpu *vcpu)
{
	(void)vcpu;
	bf_vmx_advance_quickly();
}

void bf_vmx_continue_at(struct bf_vcpu *vcpu, uint64_t rip)
{
	bf_vmx_of(vcpu)->moved_seq = vcpu->exit_seq;
	bf_vmx_advance_slowly(rip, bf_hw_vmread(VMCS_GUEST_INTERRUPTIBILITY_STATE),
			      bf_hw_vmread(VMCS_GUEST_RFLAGS));
}
