/* SPDX-License-Identifier: MIT */
/* Guest state: from the VMCS back into the neutral form. */
#include <bareframe/log.h>
#include <bfvmm/msr.h>
#include <vmx/vmx.h>

static struct bf_segment read_segment(enum vmcs_segment i)
{
	return (struct bf_segment){
		.selector = (uint16_t)bf_hw_vmread(VMCS_SELECTOR_OF(i)),
		.access = (uint32_t)bf_hw_vmread(VMCS_ACCESS_OF(i)),
		.limit = (uint32_t)bf_hw_vmread(VMCS_LIMIT_OF(i)),
		.base = bf_hw_vmread(VMCS_BASE_OF(i)),
	};
}

static void read_segments(struct bf_state *state)
{
	for (int i = 0; i < BF_SEG_COUNT; i++)
		state->seg[i] = read_segment(i);
	state->ldtr = read_segment(VMCS_LDTR);
	state->tr = read_segment(VMCS_TR);
	state->gdtr_base = bf_hw_vmread(VMCS_GUEST_GDTR_BASE);
	state->gdtr_limit = (uint16_t)bf_hw_vmread(VMCS_GUEST_GDTR_LIMIT);
	state->idtr_base = bf_hw_vmread(VMCS_GUEST_IDTR_BASE);
	state->idtr_limit = (uint16_t)bf_hw_vmread(VMCS_GUEST_IDTR_LIMIT);
}

static void read_registers(struct bf_vcpu *vcpu, struct bf_state *state)
{
	state->rip = bf_hw_vmread(VMCS_GUEST_RIP);
	state->rsp = bf_hw_vmread(VMCS_GUEST_RSP);
	state->rflags = bf_hw_vmread(VMCS_GUEST_RFLAGS);
	state->cr0 = bf_vmx_cr0(vcpu);
	state->cr2 = bf_hw_read_cr2();
	state->cr3 = bf_hw_vmread(VMCS_GUEST_CR3);
	state->cr4 = bf_vmx_cr4(vcpu);
	state->dr6 = bf_hw_read_dr6();
	state->dr7 = bf_hw_vmread(VMCS_GUEST_DR7);
}

static void read_msrs(struct bf_vcpu *vcpu, struct bf_state *state)
{
	state->efer = bf_vmx_efer(vcpu);
	state->pat = bf_vmx_get(vcpu, BF_PAT);
	state->debugctl = bf_hw_vmread(VMCS_GUEST_IA32_DEBUGCTL);
	state->sysenter_cs = bf_hw_vmread(VMCS_GUEST_IA32_SYSENTER_CS);
	state->sysenter_esp = bf_hw_vmread(VMCS_GUEST_IA32_SYSENTER_ESP);
	state->sysenter_eip = bf_hw_vmread(VMCS_GUEST_IA32_SYSENTER_EIP);
}

/* What struct bf_state has no room for goes into the MSRs, where the guest will look for it. */
static void release_cet(void)
{
	if (!bf_vmx_caps.cet)
		return;
	bf_hw_wrmsr(MSR_IA32_S_CET, bf_hw_vmread(VMCS_GUEST_IA32_S_CET));
	bf_hw_wrmsr(MSR_IA32_INTERRUPT_SSP_TABLE,
		    bf_hw_vmread(VMCS_GUEST_IA32_INTERRUPT_SSP_TABLE));
}

void bf_vmx_vcpu_save(struct bf_vcpu *vcpu, struct bf_state *state)
{
	struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);

	read_registers(vcpu, state);
	read_segments(state);
	read_msrs(vcpu, state);
	release_cet();
	if (v->nmi_late)
		bf_vcpu_pend(vcpu, BF_PENDING_NMI);
	if (v->held[0] | v->held[1] | v->held[2] | v->held[3])
		bf_warn("vCPU %u: interrupts that it had not taken yet are lost", vcpu->index);
}
