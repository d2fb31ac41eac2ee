/* SPDX-License-Identifier: MIT */
/* The instruction at the guest's RIP. */
#include <svm/svm.h>

enum bf_insn_mode bf_svm_mode(const union bf_vmcb *v)
{
	return bf_insn_mode(v->efer, bf_svm_access(v->cs_attrib), v->rflags);
}

uint64_t bf_svm_code_address(const union bf_vmcb *v)
{
	return bf_svm_mode(v) == BF_INSN_64 ? v->rip : (uint32_t)(v->cs_base + v->rip);
}

void bf_svm_paging(const union bf_vmcb *v, struct bf_paging *paging)
{
	*paging = (struct bf_paging){
		.cr0 = v->cr0,
		.cr3 = v->cr3,
		.cr4 = v->cr4,
		.efer = v->efer,
		.va_mask = bf_svm_mode(v) == BF_INSN_64 ? UINT64_MAX : UINT32_MAX,
	};
}

int bf_svm_decode(const struct bf_vcpu *vcpu, struct bf_insn *insn)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	struct bf_paging paging;
	uint8_t bytes[BF_INSN_MAX];
	uint32_t count;

	bf_svm_paging(v, &paging);
	count = bf_guest_fetch(&paging, bf_svm_code_address(v), bytes, sizeof(bytes));
	return bf_insn_decode(bytes, count, bf_svm_mode(v), insn);
}
