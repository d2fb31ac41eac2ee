/* SPDX-License-Identifier: MIT */
/* An intercepted exception goes on to the guest. */
#include <svm/exitcode.h>
#include <svm/svm.h>

#define SHORTEST 1 /* of INT3 and INTO, where they cannot be read */

/*
 * VMRUN, VMLOAD, VMSAVE, STGI, CLGI, SKINIT and INVLPGA check the privilege level before the
 * intercept. The guest has no SVM: from its user mode too they are undefined, not privileged.
 */
static bool is_svm_instruction(const struct bf_vcpu *vcpu)
{
	struct bf_insn insn;

	if (bf_svm(vcpu)->vmcb.cpl == 0 || bf_svm_decode(vcpu, &insn))
		return false;
	return insn.map == 2 && insn.opcode == 0x01 && insn.modrm >= 0xd8 && insn.modrm <= 0xdf &&
	       insn.modrm != 0xd9;
}

static struct bf_event event_of(struct bf_vcpu *vcpu, uint8_t vector)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	struct bf_event e = {
		.type = BF_EVENT_EXCEPTION,
		.vector = vector,
		.error_code = (uint32_t)v->exitinfo1,
	};

	if (vector == BF_VECTOR_BP || vector == BF_VECTOR_OF) {
		uint64_t length = bf_svm_get(vcpu, BF_EXIT_LENGTH);

		e.type = BF_EVENT_SOFT_EXCEPTION;
		e.length = (uint8_t)(length ? length : SHORTEST);
	} else if (vector == BF_VECTOR_GP && !e.error_code && is_svm_instruction(vcpu)) {
		e.vector = BF_VECTOR_UD;
	}
	return e;
}

enum bf_verdict bf_svm_reflect(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	uint8_t vector = (uint8_t)(exit->raw - VMEXIT_EXCP0);

	(void)ctx;
	/* An intercepted page fault leaves CR2 alone. */
	if (vector == BF_VECTOR_PF)
		bf_svm_write(vcpu, SVM_CR2, bf_svm(vcpu)->vmcb.exitinfo2);
	bf_vcpu_inject(vcpu, event_of(vcpu, vector));
	return BF_INJECT;
}
