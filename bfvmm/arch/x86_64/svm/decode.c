/* SPDX-License-Identifier: MIT */
/* The instruction at the guest's RIP. */
#include <stddef.h>
#include <bfvmm/msr.h>
#include <svm/svm.h>

enum bf_insn_mode bf_svm_mode(const union bf_vmcb *v)
{
	return bf_insn_mode(v->efer, bf_svm_access(v->cs_attrib), v->rflags);
}

uint64_t bf_svm_code_address(const union bf_vmcb *v)
{
	return bf_svm_mode(v) == BF_INSN_64 ? v->rip : (uint32_t)(v->cs_base + v->rip);
}

void bf_svm_space(const struct bf_vcpu *vcpu, struct bf_space *space)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;

	*space = (struct bf_space){
		.vm = vcpu->vm,
		.cr0 = v->cr0,
		.cr3 = v->cr3,
		.cr4 = v->cr4,
		.efer = v->efer,
		.code64 = bf_svm_mode(v) == BF_INSN_64,
	};
}

uint32_t bf_svm_read(const struct bf_vcpu *vcpu, uint64_t va, uint8_t *to, uint32_t bytes)
{
	struct bf_space space;

	bf_svm_space(vcpu, &space);
	return bf_space_fetch(&space, va, to, bytes, BF_GUEST_FORCE, NULL);
}

int bf_svm_decode(const struct bf_vcpu *vcpu, struct bf_insn *insn)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	uint8_t bytes[BF_INSN_MAX];
	uint32_t count = bf_svm_read(vcpu, bf_svm_code_address(v), bytes, sizeof(bytes));

	return bf_insn_decode(bytes, count, bf_svm_mode(v), insn);
}
