/* SPDX-License-Identifier: MIT */
/*
 * VMEXIT_INVALID after the first entry. On a real CPU it says that VMRUN refused the VMCB. There
 * are implementations that also raise it in the guest: for a MOV to CR3 or CR4 that should have
 * raised #GP, and for an EFER whose SVME bit the guest has cleared.
 */
#include <bareframe/log.h>
#include <bfvmm/dispatch.h>
#include <bfvmm/msr.h>
#include <bfvmm/panic.h>
#include <svm/svm.h>

#define OPCODE_MOV_TO_CR 0x22

static bool is_mov_to_cr(const struct bf_vcpu *vcpu)
{
	struct bf_insn insn;

	return !bf_svm_decode(vcpu, &insn) && insn.map == 2 && insn.opcode == OPCODE_MOV_TO_CR;
}

/* The same place a second time without an exit in between: what was tried did not help. */
static bool again(struct bf_vcpu *vcpu)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);
	bool same = svm->invalid_seq == vcpu->exit_seq && svm->invalid_rip == svm->vmcb.rip;

	svm->invalid_seq = vcpu->exit_seq;
	svm->invalid_rip = svm->vmcb.rip;
	return same;
}

static void failed(struct bf_vcpu *vcpu, const struct bf_report *why)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);
	enum bf_verdict verdict;

	bf_error("vCPU %u: VMRUN fails: %s is 0x%lx: %s", vcpu->index,
		 why->code ? why->what : "EXITCODE",
		 why->code ? why->value : (uint64_t)svm->vmcb.exitcode,
		 why->code ? why->rule : "no known rule is broken");
	svm->exit = (struct bf_exit){.reason = BF_EXIT_ENTRY_FAILURE, .raw = svm->vmcb.exitcode};
	verdict = bf_exit_dispatch(vcpu, &svm->exit);
	if (verdict != BF_DONE)
		bf_panic("the control VM cannot go on: VM entry failure");
}

void bf_svm_invalid(struct bf_vcpu *vcpu)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	struct bf_report why = {0};

	if (again(vcpu)) {
		failed(vcpu, &why);
	} else if (!(v->efer & EFER_SVME)) {
		bf_svm_write(vcpu, SVM_EFER, v->efer | EFER_SVME);
		bf_svm_flush(vcpu);
	} else if (bf_svm_check(v, &why) || !is_mov_to_cr(vcpu)) {
		failed(vcpu, &why);
	} else {
		bf_svm_raise(vcpu, BF_VECTOR_GP, true, 0);
	}
	if (v->exitintinfo & SVM_EVENT_VALID)
		bf_vcpu_pend(vcpu, BF_PENDING_BACKEND);
}
