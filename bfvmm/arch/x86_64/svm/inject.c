/* SPDX-License-Identifier: MIT */
/* Events into the guest (APM volume 2, 15.20). */
#include <bfvmm/event.h>
#include <bfvmm/msr.h>
#include <svm/svm.h>

/* An event that VMRUN is to inject, or that the exit interrupted, comes first. */
static bool busy(const union bf_vmcb *v)
{
	return (v->eventinj | v->exitintinfo) & SVM_EVENT_VALID;
}

static bool interruptible(const union bf_vmcb *v)
{
	return (v->rflags & RFLAGS_IF) && !(v->interrupt_shadow & SVM_INTERRUPT_SHADOW_BIT) &&
	       !busy(v);
}

void bf_svm_raise(struct bf_vcpu *vcpu, uint8_t vector, bool has_error, uint32_t error)
{
	union bf_vmcb *v = &bf_svm(vcpu)->vmcb;

	/* Real mode has no error codes. */
	has_error = has_error && (v->cr0 & CR0_PE);
	v->eventinj = SVM_EVENT_VALID | SVM_EVENT_EXCEPTION | vector |
		      (has_error ? SVM_EVENT_EV | (uint64_t)error << SVM_EVENT_CODE_SHIFT : 0);
	/* Delivery ends the shadow: the handler's first instruction is not in it. */
	v->interrupt_shadow = 0;
}

/*
 * INT n and the like return behind themselves. CPUs with next-RIP push NRIP, others RIP: make
 * both the same.
 */
static void software(struct bf_vcpu *vcpu, uint64_t type, const struct bf_event *e)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);
	union bf_vmcb *v = &svm->vmcb;

	svm->soft_rip = v->rip;
	v->rip = bf_svm_rip_plus(v, e->length);
	v->nrip = v->rip;
	v->eventinj = SVM_EVENT_VALID | type | e->vector;
	v->interrupt_shadow = 0;
	svm->soft_seq = vcpu->exit_seq;
}

/* @return the highest vector held, -1 if none. */
static int highest(const struct bf_svm_vcpu *svm)
{
	for (int i = 3; i >= 0; i--)
		if (svm->held[i])
			return 64 * i + 63 - __builtin_clzll(svm->held[i]);
	return -1;
}

void bf_svm_deliver_held(struct bf_vcpu *vcpu)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);
	int vector = highest(svm);

	if (vector >= 0 && interruptible(&svm->vmcb)) {
		svm->vmcb.eventinj = SVM_EVENT_VALID | SVM_EVENT_INTR | (uint32_t)vector;
		svm->held[vector / 64] &= ~(1ull << vector % 64);
		vector = highest(svm);
	}
	if (vector >= 0)
		bf_svm_open_window(vcpu);
}

void bf_svm_hold(struct bf_vcpu *vcpu, uint8_t vector)
{
	bf_svm(vcpu)->held[vector / 64] |= 1ull << vector % 64;
}

static void program(struct bf_vcpu *vcpu, const struct bf_event *e)
{
	if (e->type == BF_EVENT_SOFT_INT)
		software(vcpu, SVM_EVENT_SOFT, e);
	else if (e->type == BF_EVENT_EXCEPTION)
		bf_svm_raise(vcpu, e->vector, e->has_error, e->error_code);
	else
		software(vcpu, SVM_EVENT_EXCEPTION, e);
}

void bf_svm_inject(struct bf_vcpu *vcpu)
{
	struct bf_event e;

	if (!bf_event_take(vcpu, &e))
		return;
	if (e.type == BF_EVENT_NMI) {
		bf_svm_inject_nmi(vcpu);
	} else if (e.type == BF_EVENT_INTERRUPT) {
		bf_svm_hold(vcpu, e.vector);
		bf_svm_deliver_held(vcpu);
	} else if (bf_svm_displace(vcpu, &e)) {
		program(vcpu, &e);
	}
}

void bf_svm_inject_nmi(struct bf_vcpu *vcpu)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);
	union bf_vmcb *v = &svm->vmcb;

	if (svm->nmi_masked) {
		svm->held_nmi = true;
		return;
	}
	if (!busy(v) && !(v->interrupt_shadow & SVM_INTERRUPT_SHADOW_BIT)) {
		v->eventinj = SVM_EVENT_VALID | SVM_EVENT_NMI | BF_VECTOR_NMI;
		bf_svm_nmi_injected(vcpu);
		return;
	}
	/* There is no NMI window; when interrupts can be taken, so can NMIs. */
	svm->blocked_nmi = true;
	bf_svm_open_window(vcpu);
}
