/* SPDX-License-Identifier: MIT */
/*
 * Exits in the middle of the delivery of an event: EXITINTINFO has it (APM volume 2, 15.7.2). It is
 * injected again, or makes way for what a hook injects.
 */
#include <bfvmm/event.h>
#include <svm/svm.h>

#define OPCODE_INT3 0xcc /* INT n is next */
#define OPCODE_INTO 0xce
#define OPCODE_INT1 0xf1
#define ERROR_EXT   1u

/* Some implementations call everything an exception that no instruction asked for. */
enum bf_event_type bf_svm_event_type(uint64_t info)
{
	uint32_t vector = info & SVM_EVENT_VECTOR;

	if ((info & SVM_EVENT_TYPE) != SVM_EVENT_EXCEPTION)
		return (info & SVM_EVENT_TYPE) >> SVM_EVENT_TYPE_SHIFT;
	if (vector == BF_VECTOR_BP || vector == BF_VECTOR_OF)
		return BF_EVENT_SOFT_EXCEPTION;
	if (vector == BF_VECTOR_NMI)
		return BF_EVENT_NMI;
	return vector < 32 ? BF_EVENT_EXCEPTION : BF_EVENT_INTERRUPT;
}

/* A software event that we have injected has RIP behind it; this is the exit after that entry. */
static bool is_ours(const struct bf_vcpu *vcpu)
{
	return bf_svm(vcpu)->soft_seq + 1 == vcpu->exit_seq;
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

static bool combine(struct bf_vcpu *vcpu, uint8_t first, struct bf_event *second)
{
	if (second->type != BF_EVENT_EXCEPTION || is_ghost(vcpu, second))
		return true;
	switch (bf_exceptions_combine(first, second->vector)) {
	case BF_TRIPLE_FAULT:
		bf_svm(vcpu)->vmcb.exitintinfo = 0;
		bf_triple_fault(vcpu);
		return false;
	case BF_DOUBLE_FAULT:
		*second = (struct bf_event){
			.type = BF_EVENT_EXCEPTION, .vector = BF_VECTOR_DF, .has_error = 1};
		return true;
	default:
		return true;
	}
}

bool bf_svm_displace(struct bf_vcpu *vcpu, struct bf_event *event)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);
	uint64_t info = svm->vmcb.exitintinfo;

	if (!(info & SVM_EVENT_VALID))
		return true;
	switch (bf_svm_event_type(info)) {
	case BF_EVENT_INTERRUPT:
		bf_svm_hold(vcpu, info & SVM_EVENT_VECTOR);
		bf_svm_open_window(vcpu);
		return true;
	case BF_EVENT_NMI:
		svm->blocked_nmi = true;
		bf_svm_open_window(vcpu);
		return true;
	case BF_EVENT_EXCEPTION:
		return combine(vcpu, info & SVM_EVENT_VECTOR, event);
	default:
		/* Its instruction is executed again after what is injected. */
		if (is_ours(vcpu))
			svm->vmcb.rip = svm->soft_rip;
		return true;
	}
}

void bf_svm_reinject(struct bf_vcpu *vcpu)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);
	union bf_vmcb *v = &svm->vmcb;
	bool soft = bf_svm_event_type(v->exitintinfo) >= BF_EVENT_SOFT_INT;

	if (!(v->exitintinfo & SVM_EVENT_VALID) || (v->eventinj & SVM_EVENT_VALID))
		return;
	/* INT n, INT3 and INTO of the guest's own are executed again, at RIP. */
	if (soft && !is_ours(vcpu))
		return;
	if (soft)
		svm->soft_seq = vcpu->exit_seq;
	v->eventinj = v->exitintinfo;
	v->nrip = v->rip;
}
