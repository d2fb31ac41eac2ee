/* SPDX-License-Identifier: MIT */
/* From #VMEXIT to the handler and back. */
#include <bfvmm/dispatch.h>
#include <svm/advance.h>
#include <svm/exitcode.h>
#include <svm/svm.h>

#define OPCODE_RDTSCP_MODRM 0xf9
#define DR6_BS              (1ull << 14)

/* Some implementations report RDTSCP with the code of RDTSC. */
static bool is_rdtscp(const struct bf_vcpu *vcpu)
{
	struct bf_insn insn;

	return !bf_svm_decode(vcpu, &insn) && insn.map == 2 && insn.opcode == 0x01 &&
	       insn.modrm == OPCODE_RDTSCP_MODRM;
}

static enum bf_exit_reason classify(const struct bf_vcpu *vcpu, uint32_t code)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;

	switch (code) {
	case VMEXIT_NPF:
		return BF_EXIT_S2_FAULT;
	case VMEXIT_MSR:
		return v->exitinfo1 & 1 ? BF_EXIT_WRMSR : BF_EXIT_RDMSR;
	case VMEXIT_EXCP0 + BF_VECTOR_DB:
		return bf_svm_stepped(vcpu) ? BF_EXIT_SINGLE_STEP : BF_EXIT_EXCEPTION;
	case VMEXIT_RDTSC:
		return is_rdtscp(vcpu) ? BF_EXIT_RDTSCP : BF_EXIT_RDTSC;
	default:
		return code < 256 ? bf_svm_reasons[code] : BF_EXIT_VENDOR;
	}
}

static __attribute__((noinline, cold)) void other_verdict(struct bf_vcpu *vcpu,
							  enum bf_verdict verdict)
{
	bf_exit_verdict(vcpu, &bf_svm(vcpu)->exit, verdict);
}

/*
 * A fault in the middle of an event's delivery is that of no instruction: there is none to skip,
 * but the event to deliver again.
 */
static bool is_of_delivery(const struct bf_vcpu *vcpu, uint32_t code)
{
	return (bf_svm(vcpu)->vmcb.exitintinfo & SVM_EVENT_VALID) &&
	       (code == VMEXIT_NPF || code - VMEXIT_EXCP0 < 32);
}

/* What the exit has interrupted the delivery of is delivered again. */
static void again(struct bf_vcpu *vcpu)
{
	if (bf_svm(vcpu)->vmcb.exitintinfo & SVM_EVENT_VALID)
		bf_vcpu_pend(vcpu, BF_PENDING_BACKEND);
}

static __attribute__((noinline, cold)) void other_exit(struct bf_vcpu *vcpu, uint32_t code)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);
	enum bf_verdict verdict;

	if (code == VMEXIT_INVALID) {
		bf_svm_invalid(vcpu);
		return;
	}
	if ((code == VMEXIT_NMI && bf_svm_nmi_is_kick(vcpu)) ||
	    (code == VMEXIT_CR0_READ && bf_svm_smsw(vcpu))) {
		again(vcpu);
		return;
	}
	svm->exit = (struct bf_exit){.reason = classify(vcpu, code), .raw = code};
	if (svm->exit.reason == BF_EXIT_SINGLE_STEP)
		bf_svm_write(vcpu, SVM_DR6, svm->vmcb.dr6 & ~DR6_BS);
	verdict = bf_exit_dispatch(vcpu, &svm->exit);
	if (verdict == BF_SKIP && !is_of_delivery(vcpu, code))
		bf_svm_advance(vcpu);
	else if (verdict != BF_SKIP && verdict != BF_DONE)
		other_verdict(vcpu, verdict);
	again(vcpu);
}

/* One copy for CPUs that give the next RIP, one for those that do not. */
static inline __attribute__((always_inline)) void handle(struct bf_vcpu *vcpu, bool nrip)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);
	uint32_t code = svm->vmcb.exitcode, plain = code - VMEXIT_PLAIN_FIRST;
	enum bf_verdict verdict;

	if (__builtin_expect(plain > VMEXIT_PLAIN_LAST - VMEXIT_PLAIN_FIRST, 0)) {
		other_exit(vcpu, code);
		return;
	}
	svm->exit = bf_svm_plain_exits[plain];
	verdict = bf_exit_dispatch(vcpu, &svm->exit);
	if (__builtin_expect(verdict != BF_SKIP, 0)) {
		if (verdict != BF_DONE)
			other_verdict(vcpu, verdict);
		return;
	}
	if (nrip)
		bf_svm_advance_nrip(vcpu);
	else
		bf_svm_advance_known(vcpu);
}

void bf_svm_exit_nrip(struct bf_vcpu *vcpu)
{
	handle(vcpu, true);
}

void bf_svm_exit_decode(struct bf_vcpu *vcpu)
{
	handle(vcpu, false);
}

void bf_svm_pending(struct bf_vcpu *vcpu)
{
	bf_vcpu_pending(vcpu);
	if (bf_svm(vcpu)->step_due)
		bf_svm_step_exit(vcpu);
	bf_svm_reinject(vcpu);
	bf_svm_settle(vcpu);
}
