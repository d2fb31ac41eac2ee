/* SPDX-License-Identifier: MIT */
/* The details of an exit under their neutral names. */
#include <bfvmm/event.h>
#include <svm/exit_info.h>
#include <svm/exitcode.h>
#include <svm/operand.h>
#include <svm/svm.h>

/* VM-exit interruption information (SDM 24.9.2). */
#define INFO_TYPE_SHIFT 8
#define INFO_ERROR      (1ull << 11)
#define INFO_VALID      (1ull << 31)

static bool is_exception(uint32_t code)
{
	return code >= VMEXIT_EXCP0 && code < VMEXIT_EXCP0 + 32;
}

static uint64_t interruption(uint32_t code)
{
	uint32_t vector = code - VMEXIT_EXCP0;

	if (!is_exception(code))
		return 0;
	return vector | (uint64_t)BF_EVENT_EXCEPTION << INFO_TYPE_SHIFT | INFO_VALID |
	       (bf_exception_has_error(vector) ? INFO_ERROR : 0);
}

static uint64_t vectoring(uint64_t info)
{
	if (!(info & SVM_EVENT_VALID))
		return 0;
	return (info & (SVM_EVENT_VECTOR | SVM_EVENT_EV | SVM_EVENT_VALID)) |
	       (uint64_t)bf_svm_event_type(info) << INFO_TYPE_SHIFT;
}

static uint64_t length(struct bf_vcpu *vcpu)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	uint64_t next;

	return bf_svm_next_rip(vcpu, &next) ? (next - v->rip) & BF_INSN_MAX : 0;
}

static uint64_t linear_address(struct bf_vcpu *vcpu, uint32_t code)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;

	if (code == VMEXIT_EXCP0 + BF_VECTOR_PF)
		return v->exitinfo2;
	if (code != VMEXIT_INVLPG)
		return 0;
	return bf_svm_caps.decode_assist ? v->exitinfo1 : bf_svm_operand_address(vcpu);
}

uint64_t bf_svm_exit_info(struct bf_vcpu *vcpu, enum bf_field field)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	uint32_t code = v->exitcode;

	switch (field) {
	case BF_EXIT_REASON:
		return code;
	case BF_EXIT_QUALIFICATION:
		return v->exitinfo1;
	case BF_EXIT_LENGTH:
		return length(vcpu);
	case BF_EXIT_GPA:
		return code == VMEXIT_NPF ? v->exitinfo2 : 0;
	case BF_EXIT_GVA:
		return linear_address(vcpu, code);
	case BF_EXIT_INTERRUPTION:
		return interruption(code);
	case BF_EXIT_ERROR_CODE:
		return is_exception(code) || code == VMEXIT_NPF ? (uint32_t)v->exitinfo1 : 0;
	case BF_EXIT_VECTORING:
		return vectoring(v->exitintinfo);
	case BF_EXIT_VECTORING_ERROR:
		return v->exitintinfo >> SVM_EVENT_CODE_SHIFT;
	default:
		return 0;
	}
}
