/* SPDX-License-Identifier: MIT */
/* Guest state: from the neutral form into the VMCS. */
#include <bfvmm/msr.h>
#include <vmx/vmx.h>

#define DR7_FIXED      0x400ull
#define NO_LINKED_VMCS UINT64_MAX
#define AR_BUSY_TSS    0x8b
#define TSS_LIMIT      0x67

static void write_segment(enum vmcs_segment i, const struct bf_segment *segment)
{
	bf_hw_vmwrite(VMCS_SELECTOR_OF(i), segment->selector);
	bf_hw_vmwrite(VMCS_BASE_OF(i), segment->base);
	bf_hw_vmwrite(VMCS_LIMIT_OF(i), segment->limit);
	bf_hw_vmwrite(VMCS_ACCESS_OF(i), segment->access);
}

/* Firmware runs with a null TR, which the CPU takes but VM entry does not: a TSS that has no
 * stack and no I/O map behaves the same. */
static struct bf_segment usable_tr(const struct bf_segment *tr)
{
	if (!(tr->access & BF_AR_UNUSABLE) && (tr->access & BF_AR_P))
		return *tr;
	return (struct bf_segment){
		.selector = tr->selector, .access = AR_BUSY_TSS, .limit = TSS_LIMIT};
}

static void write_segments(const struct bf_state *state)
{
	struct bf_segment tr = usable_tr(&state->tr);

	for (int i = 0; i < BF_SEG_COUNT; i++)
		write_segment(i, &state->seg[i]);
	write_segment(VMCS_LDTR, &state->ldtr);
	write_segment(VMCS_TR, &tr);
	bf_hw_vmwrite(VMCS_GUEST_GDTR_BASE, state->gdtr_base);
	bf_hw_vmwrite(VMCS_GUEST_GDTR_LIMIT, state->gdtr_limit);
	bf_hw_vmwrite(VMCS_GUEST_IDTR_BASE, state->idtr_base);
	bf_hw_vmwrite(VMCS_GUEST_IDTR_LIMIT, state->idtr_limit);
}

static void write_msrs(const struct bf_state *state)
{
	bf_hw_vmwrite(VMCS_GUEST_IA32_DEBUGCTL, state->debugctl);
	bf_hw_vmwrite(VMCS_GUEST_IA32_SYSENTER_CS, state->sysenter_cs);
	bf_hw_vmwrite(VMCS_GUEST_IA32_SYSENTER_ESP, state->sysenter_esp);
	bf_hw_vmwrite(VMCS_GUEST_IA32_SYSENTER_EIP, state->sysenter_eip);
	if (bf_vmx_caps.pat)
		bf_hw_vmwrite(VMCS_GUEST_IA32_PAT, state->pat);
}

/* Not part of struct bf_state: the MSRs hold the guest's values until the first entry. */
static void write_cet(void)
{
	if (!bf_vmx_caps.cet)
		return;
	bf_hw_vmwrite(VMCS_GUEST_IA32_S_CET, bf_hw_rdmsr(MSR_IA32_S_CET));
	bf_hw_vmwrite(VMCS_GUEST_SSP, 0);
	bf_hw_vmwrite(VMCS_GUEST_IA32_INTERRUPT_SSP_TABLE,
		      bf_hw_rdmsr(MSR_IA32_INTERRUPT_SSP_TABLE));
}

static void write_run_state(void)
{
	bf_hw_vmwrite(VMCS_GUEST_INTERRUPTIBILITY_STATE, 0);
	bf_hw_vmwrite(VMCS_GUEST_ACTIVITY_STATE, VMX_ACTIVE);
	bf_hw_vmwrite(VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS, 0);
	bf_hw_vmwrite(VMCS_VMCS_LINK_POINTER, NO_LINKED_VMCS);
}

void bf_vmx_guest_write(struct bf_vcpu *vcpu, const struct bf_state *state)
{
	bf_hw_vmwrite(VMCS_GUEST_RIP, state->rip);
	bf_hw_vmwrite(VMCS_GUEST_RSP, state->rsp);
	bf_hw_vmwrite(VMCS_GUEST_RFLAGS, state->rflags | RFLAGS_FIXED);
	bf_hw_vmwrite(VMCS_GUEST_CR3, state->cr3);
	bf_hw_vmwrite(VMCS_GUEST_DR7, state->dr7 | DR7_FIXED);
	bf_vmx_write_cr0(vcpu, state->cr0);
	bf_vmx_write_cr4(vcpu, state->cr4);
	bf_vmx_write_efer(vcpu, state->efer);
	write_segments(state);
	write_msrs(state);
	write_cet();
	write_run_state();
	bf_vmx_load_pdptes(vcpu);
	/* These two are the guest's in the CPU at all times. */
	bf_hw_write_cr2(state->cr2);
	bf_hw_write_dr6(state->dr6);
}
