/* SPDX-License-Identifier: MIT */
/* From a VMCB back to the state of a CPU. */
#include <bfhw/hw.h>
#include <bfvmm/msr.h>
#include <svm/svm.h>

#define SAVE_SEGMENT(segment, v, member)                                                           \
	(*(segment) = (struct bf_segment){.selector = (v)->member##_selector,                      \
					  .access = bf_svm_access((v)->member##_attrib),           \
					  .limit = (v)->member##_limit,                            \
					  .base = (v)->member##_base})

static void save_segments(const union bf_vmcb *v, struct bf_state *s)
{
	SAVE_SEGMENT(&s->seg[BF_SEG_ES], v, es);
	SAVE_SEGMENT(&s->seg[BF_SEG_CS], v, cs);
	SAVE_SEGMENT(&s->seg[BF_SEG_SS], v, ss);
	SAVE_SEGMENT(&s->seg[BF_SEG_DS], v, ds);
	SAVE_SEGMENT(&s->seg[BF_SEG_FS], v, fs);
	SAVE_SEGMENT(&s->seg[BF_SEG_GS], v, gs);
	SAVE_SEGMENT(&s->ldtr, v, ldtr);
	SAVE_SEGMENT(&s->tr, v, tr);
	s->gdtr_base = v->gdtr_base;
	s->gdtr_limit = (uint16_t)v->gdtr_limit;
	s->idtr_base = v->idtr_base;
	s->idtr_limit = (uint16_t)v->idtr_limit;
}

static void save_registers(struct bf_vcpu *vcpu, struct bf_state *s)
{
	s->rip = bf_svm_get(vcpu, BF_RIP);
	s->rsp = bf_svm_get(vcpu, BF_RSP);
	s->rflags = bf_svm_get(vcpu, BF_RFLAGS);
	s->cr0 = bf_svm_get(vcpu, BF_CR0);
	s->cr2 = bf_svm_get(vcpu, BF_CR2);
	s->cr3 = bf_svm_get(vcpu, BF_CR3);
	s->cr4 = bf_svm_get(vcpu, BF_CR4);
	s->efer = bf_svm_get(vcpu, BF_EFER);
	s->pat = bf_svm_get(vcpu, BF_PAT);
	s->debugctl = bf_svm_get(vcpu, BF_DEBUGCTL);
	s->dr6 = bf_svm_get(vcpu, BF_DR6);
	s->dr7 = bf_svm_get(vcpu, BF_DR7);
	s->sysenter_cs = bf_svm_get(vcpu, BF_SYSENTER_CS);
	s->sysenter_esp = bf_svm_get(vcpu, BF_SYSENTER_ESP);
	s->sysenter_eip = bf_svm_get(vcpu, BF_SYSENTER_EIP);
}

/*
 * Since the last exit the CPU holds the VMM's copies of these, from the time of the launch. The
 * guest's own have no place in struct bf_state: put them back where the bare machine has them.
 */
static void restore_msrs(const union bf_vmcb *v)
{
	bf_hw_wrmsr(MSR_IA32_STAR, v->star);
	bf_hw_wrmsr(MSR_IA32_LSTAR, v->lstar);
	bf_hw_wrmsr(MSR_IA32_CSTAR, v->cstar);
	bf_hw_wrmsr(MSR_IA32_FMASK, v->sfmask);
	bf_hw_wrmsr(MSR_IA32_KERNEL_GS_BASE, v->kernel_gs_base);
	if (bf_svm_caps.spec_ctrl)
		(void)bf_hw_wrmsr_safe(MSR_SPEC_CTRL, v->spec_ctrl);
	if (!bf_svm_caps.shadow_stack)
		return;
	(void)bf_hw_wrmsr_safe(MSR_IA32_S_CET, v->s_cet);
	(void)bf_hw_wrmsr_safe(MSR_IA32_INTERRUPT_SSP_TABLE, v->isst_addr);
}

void bf_svm_vcpu_save(struct bf_vcpu *vcpu, struct bf_state *state)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;

	save_segments(v, state);
	save_registers(vcpu, state);
	restore_msrs(v);
	if (bf_svm(vcpu)->blocked_nmi || bf_svm(vcpu)->held_nmi)
		bf_vcpu_pend(vcpu, BF_PENDING_NMI);
}
