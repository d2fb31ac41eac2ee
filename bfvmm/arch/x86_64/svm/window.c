/* SPDX-License-Identifier: MIT */
/*
 * Exits that are about when to deliver something.
 *
 * The interrupt window is a virtual interrupt that is intercepted: it exits when the guest could
 * take an interrupt, and is never delivered.
 */
#include <stddef.h>
#include <bareframe/log.h>
#include <bfhw/hw.h>
#include <bfhw/phys.h>
#include <bfvmm/call.h>
#include <bfvmm/defaults.h>
#include <bfvmm/msr.h>
#include <svm/svm.h>

#define INVPCID_LAST_TYPE 3

#define WINDOW (SVM_VINTR_V_IRQ | SVM_VINTR_IGN_TPR | SVM_VINTR_PRIO_MAX)

void bf_svm_open_window(struct bf_vcpu *vcpu)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;

	bf_svm_write(vcpu, SVM_VINTR, v->vintr | WINDOW);
	bf_svm_write(vcpu, SVM_INTERCEPT_MISC1, v->intercept_misc1 | SVM_MISC1_VINTR);
	bf_svm(vcpu)->window = true;
}

static enum bf_verdict window(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);
	const union bf_vmcb *v = &svm->vmcb;

	(void)exit;
	(void)ctx;
	bf_svm_write(vcpu, SVM_VINTR, v->vintr & ~(uint64_t)WINDOW);
	bf_svm_write(vcpu, SVM_INTERCEPT_MISC1,
		     (v->intercept_misc1 & ~SVM_MISC1_VINTR) | svm->rearm);
	if (svm->blocked_nmi)
		bf_vcpu_pend(vcpu, BF_PENDING_NMI);
	svm->rearm = 0;
	svm->window = svm->blocked_nmi = false;
	bf_svm_deliver_held(vcpu);
	return BF_DONE;
}

/* It was taken from the CPU at the exit, see nmi.c. */
static enum bf_verdict nmi(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	(void)exit;
	(void)ctx;
	bf_vcpu_pend(vcpu, BF_PENDING_NMI);
	return BF_DONE;
}

/*
 * An interrupt or SMI that a hook asked to see: it is still pending in the CPU, which
 * delivers it at the next entry once it is not intercepted. When the guest can take the next
 * one, the intercept is set again.
 */
static enum bf_verdict let_through(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);
	uint32_t bit = (uint32_t)(uint64_t)ctx;

	(void)exit;
	bf_svm_write(vcpu, SVM_INTERCEPT_MISC1, svm->vmcb.intercept_misc1 & ~bit);
	svm->rearm |= bit;
	bf_svm_open_window(vcpu);
	return BF_DONE;
}

/*
 * INIT stays pending after its exit and cannot be put aside: the CPU takes it, which makes it a
 * bare one that waits for a start-up IPI, as on a machine without a VMM.
 */
static enum bf_verdict init_signal(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	struct bf_pcpu *pcpu = vcpu->pcpu;

	(void)exit;
	(void)ctx;
	bf_warn("CPU %u: INIT; leaves the VMM", pcpu->index);
	pcpu->vcpu = NULL;
	vcpu->pcpu = NULL;
	pcpu->on = false;
	pcpu->sw->running = BF_CPU_BARE;
	(void)bf_hw_wrmsr_safe(MSR_VM_HSAVE_PA, *bf_svm_guest_hsave(pcpu));
	bf_cpu_leave(pcpu);
	bf_hw_stgi();
	bf_hw_pause();
	/* Still here: there was none any more. */
	bf_hw_clgi();
	(void)bf_hw_wrmsr_safe(MSR_VM_HSAVE_PA, bf_virt_to_phys(pcpu->arch));
	pcpu->sw->running = BF_CPU_GUEST;
	pcpu->on = true;
	vcpu->pcpu = pcpu;
	pcpu->vcpu = vcpu;
	bf_cpu_join(pcpu);
	return BF_DONE;
}

/* Drops more than it must: every translation of the guest, whatever the type. */
static enum bf_verdict invpcid(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	struct bf_insn insn;
	uint64_t type = 0;

	(void)exit;
	(void)ctx;
	if (!bf_svm_decode(vcpu, &insn))
		type = bf_gpr_get(vcpu, BF_INSN_REG(&insn));
	if (bf_svm_mode(&bf_svm(vcpu)->vmcb) != BF_INSN_64)
		type = (uint32_t)type;
	if (bf_svm(vcpu)->vmcb.cpl || type > INVPCID_LAST_TYPE)
		return bf_raise_gp(vcpu);
	bf_svm_flush(vcpu);
	return BF_SKIP;
}

static const struct bf_slot slots[BF_EXIT_COUNT] = {
	[BF_EXIT_INVPCID] = {.fn = invpcid},
	[BF_EXIT_EXCEPTION] = {.fn = bf_svm_reflect},
	[BF_EXIT_MACHINE_CHECK] = {.fn = bf_svm_reflect},
	[BF_EXIT_EXTERNAL_INTERRUPT] = {.fn = let_through, .ctx = (void *)SVM_MISC1_INTR},
	[BF_EXIT_NMI] = {.fn = nmi},
	[BF_EXIT_SMI] = {.fn = let_through, .ctx = (void *)SVM_MISC1_SMI},
	[BF_EXIT_SINGLE_STEP] = {.fn = bf_svm_step_ends},
	[BF_EXIT_INIT] = {.fn = init_signal},
	[BF_EXIT_INTERRUPT_WINDOW] = {.fn = window},
};

const struct bf_slot *bf_svm_slot(enum bf_exit_reason reason)
{
	if (reason == BF_EXIT_IRET)
		return &bf_svm_iret_slot;
	return reason < BF_EXIT_COUNT && slots[reason].fn ? &slots[reason] : NULL;
}
