/* SPDX-License-Identifier: MIT */
/* Single-stepping the guest: by RFLAGS.TF, with debug exceptions intercepted. */
#include <bfvmm/dispatch.h>
#include <bfvmm/msr.h>
#include <svm/exitcode.h>
#include <svm/svm.h>

#define DR6_BS       (1ull << 14)
#define EXCEPTION_DB (1u << BF_VECTOR_DB)

void bf_svm_step_on(struct bf_vcpu *vcpu, bool on)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);
	union bf_vmcb *v = &svm->vmcb;

	if (svm->stepping == on)
		return;
	if (on)
		svm->guest_tf = v->rflags & RFLAGS_TF;
	v->rflags = on || svm->guest_tf ? v->rflags | RFLAGS_TF : v->rflags & ~RFLAGS_TF;
	svm->stepping = on;
	svm->step_due = false;
	if (on)
		bf_svm_write(vcpu, SVM_INTERCEPT_EXCEPTION, v->intercept_exception | EXCEPTION_DB);
	else /* a hook may want it too */
		bf_vcpu_pend(vcpu, BF_PENDING_INTERCEPT);
}

bool bf_svm_stepped(const struct bf_vcpu *vcpu)
{
	return bf_svm(vcpu)->stepping && (bf_svm(vcpu)->vmcb.dr6 & DR6_BS);
}

/* Nobody steps on. A step that is the guest's too becomes its debug exception. */
enum bf_verdict bf_svm_step_ends(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	bool own = bf_svm(vcpu)->guest_tf;

	bf_svm_step_on(vcpu, false);
	if (!own)
		return BF_DONE;
	bf_svm_write(vcpu, SVM_DR6, bf_svm(vcpu)->vmcb.dr6 | DR6_BS);
	exit->raw = VMEXIT_EXCP0 + BF_VECTOR_DB;
	return bf_svm_reflect(vcpu, exit, ctx);
}

void bf_svm_step_exit(struct bf_vcpu *vcpu)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);
	enum bf_verdict verdict;

	svm->step_due = false;
	svm->exit =
		(struct bf_exit){.reason = BF_EXIT_SINGLE_STEP, .raw = VMEXIT_EXCP0 + BF_VECTOR_DB};
	verdict = bf_exit_dispatch(vcpu, &svm->exit);
	if (verdict == BF_INJECT)
		bf_svm_inject(vcpu);
	else
		bf_exit_verdict(vcpu, &svm->exit, verdict);
}
