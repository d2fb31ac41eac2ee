/* SPDX-License-Identifier: MIT */
/* Events into the guest (APM volume 2, 15.20). */
#include <bfvmm/msr.h>
#include <bfvmm/panic.h>
#include <svm/svm.h>

#define VECTOR_OF 4u

#define OPCODE_INT3 0xcc /* INT n is next */
#define OPCODE_INTO 0xce
#define OPCODE_INT1 0xf1
#define ERROR_EXT   1u

/* #DF #TS #NP #SS #GP #PF #AC #CP #VC #SX */
#define VECTORS_WITH_ERROR                                                                         \
	(1u << 8 | 1u << 10 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 14 | 1u << 17 | 1u << 21 |    \
	 1u << 29 | 1u << 30)
/* #DE #TS #NP #SS #GP (APM volume 2, 8.2.9) */
#define VECTORS_CONTRIBUTORY (1u << 0 | 1u << 10 | 1u << 11 | 1u << 12 | 1u << 13)

bool bf_svm_has_error(uint32_t vector)
{
	return vector < 32 && (VECTORS_WITH_ERROR >> vector & 1);
}

static bool contributory(uint32_t vector)
{
	return VECTORS_CONTRIBUTORY >> vector & 1;
}

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
 * Some implementations show an older exception in EXITINTINFO when an INT n faults. A fault in
 * the delivery of an exception has EXT set in its error code; one of an INT n has not.
 */
static bool is_ghost(struct bf_vcpu *vcpu, const struct bf_event *second)
{
	struct bf_insn insn;

	if (second->vector != BF_VECTOR_PF && (second->error_code & ERROR_EXT))
		return false;
	if (bf_svm_decode(vcpu, &insn) || insn.map != 1)
		return false;
	return insn.opcode == OPCODE_INT1 ||
	       (insn.opcode >= OPCODE_INT3 && insn.opcode <= OPCODE_INTO);
}

/* What an exception becomes that hits the delivery of another. @return the vector */
static uint8_t combined(struct bf_vcpu *vcpu, const struct bf_event *e)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	uint8_t first = v->exitintinfo & 0x1f, second = e->vector;

	if (!(v->exitintinfo & SVM_EVENT_VALID) ||
	    (v->exitintinfo & SVM_EVENT_TYPE) != SVM_EVENT_EXCEPTION || is_ghost(vcpu, e))
		return second;
	if (first == BF_VECTOR_DF && (contributory(second) || second == BF_VECTOR_PF))
		bf_panic("the control VM cannot go on: triple fault (exception %u in the "
			 "delivery of #DF)",
			 second);
	if (contributory(first) && contributory(second))
		return BF_VECTOR_DF;
	if (first == BF_VECTOR_PF && (contributory(second) || second == BF_VECTOR_PF))
		return BF_VECTOR_DF;
	return second;
}

static void exception(struct bf_vcpu *vcpu, const struct bf_event *e)
{
	uint8_t vector = combined(vcpu, e);

	if (vector == e->vector)
		bf_svm_raise(vcpu, vector, e->has_error, e->error_code);
	else
		bf_svm_raise(vcpu, vector, true, 0);
}

/*
 * INT n and the like return behind themselves. CPUs with next-RIP push NRIP, others RIP: make
 * both the same.
 */
static void software(struct bf_vcpu *vcpu, uint64_t type, const struct bf_event *e)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);
	union bf_vmcb *v = &svm->vmcb;

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

static void interrupt(struct bf_vcpu *vcpu, const struct bf_event *e)
{
	bf_svm(vcpu)->held[e->vector / 64] |= 1ull << e->vector % 64;
	bf_svm_deliver_held(vcpu);
}

void bf_svm_inject(struct bf_vcpu *vcpu)
{
	const struct bf_event *e = &vcpu->event;

	switch (e->type) {
	case BF_EVENT_INTERRUPT:
		interrupt(vcpu, e);
		break;
	case BF_EVENT_NMI:
		bf_svm_inject_nmi(vcpu);
		break;
	case BF_EVENT_SOFT_INT:
		software(vcpu, SVM_EVENT_SOFT, e);
		break;
	case BF_EVENT_PRIV_SOFT:
	case BF_EVENT_SOFT_EXCEPTION:
		software(vcpu, SVM_EVENT_EXCEPTION, e);
		break;
	default:
		exception(vcpu, e);
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

/* INT n, INT3 and INTO of the guest's own are executed again, at RIP. */
static bool executes_again(const struct bf_vcpu *vcpu, uint64_t info)
{
	uint64_t type = info & SVM_EVENT_TYPE, vector = info & SVM_EVENT_VECTOR;
	bool soft = type == SVM_EVENT_SOFT || (type == SVM_EVENT_EXCEPTION &&
					       (vector == BF_VECTOR_BP || vector == VECTOR_OF));

	/* One that we injected has RIP behind it; this is the exit after that entry. */
	return soft && bf_svm(vcpu)->soft_seq + 1 != vcpu->exit_seq;
}

void bf_svm_reinject(struct bf_vcpu *vcpu)
{
	union bf_vmcb *v = &bf_svm(vcpu)->vmcb;

	if (!(v->exitintinfo & SVM_EVENT_VALID) || (v->eventinj & SVM_EVENT_VALID) ||
	    executes_again(vcpu, v->exitintinfo))
		return;
	v->eventinj = v->exitintinfo;
	v->nrip = v->rip;
}
