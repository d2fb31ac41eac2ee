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
#include <bfvmm/msr.h>
#include <svm/svm.h>

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

static const struct bf_slot slots[BF_EXIT_COUNT] = {
	[BF_EXIT_EXCEPTION] = {.fn = bf_svm_reflect},
	[BF_EXIT_MACHINE_CHECK] = {.fn = bf_svm_reflect},
	[BF_EXIT_EXTERNAL_INTERRUPT] = {.fn = let_through, .ctx = (void *)SVM_MISC1_INTR},
	[BF_EXIT_NMI] = {.fn = nmi},
	[BF_EXIT_SMI] = {.fn = let_through, .ctx = (void *)SVM_MISC1_SMI},
	[BF_EXIT_INIT] = {.fn = init_signal},
	[BF_EXIT_INTERRUPT_WINDOW] = {.fn = window},
};

const struct bf_slot *bf_svm_slot(enum bf_exit_reason reason)
{
	if (reason == BF_EXIT_IRET)
		return &bf_svm_iret_slot;
	return slots[reason].fn ? &slots[reason] : NULL;
}
