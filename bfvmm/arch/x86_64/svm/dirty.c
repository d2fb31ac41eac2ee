/* SPDX-License-Identifier: MIT */
/*
 * What the CPU may keep from one VMRUN to the next: clean bits and translations.
 *
 * The exit path itself does nothing for these. Whoever changes something clears clean bits or
 * sets TLB_CONTROL, and leaves BF_PENDING_BACKEND: the first test of vcpu->pending comes before
 * the entry that takes the change over and leaves it be, the next one puts things back.
 */
#include <svm/svm.h>

static void unsettled(struct bf_vcpu *vcpu)
{
	bf_svm(vcpu)->dirty_seq = vcpu->exit_seq;
	bf_vcpu_pend(vcpu, BF_PENDING_BACKEND);
}

void bf_svm_dirty(struct bf_vcpu *vcpu, uint32_t groups)
{
	if (!groups)
		return;
	bf_svm(vcpu)->vmcb.clean &= ~(uint64_t)groups;
	unsettled(vcpu);
}

void bf_svm_write(struct bf_vcpu *vcpu, enum svm_field field, uint64_t value)
{
	union bf_vmcb *v = &bf_svm(vcpu)->vmcb;

	if (bf_vmcb_read(v, field) == value)
		return;
	bf_vmcb_write(v, field, value);
	bf_svm_dirty(vcpu, bf_vmcb_fields[field].clean & bf_svm_caps.clean);
}

void bf_svm_flush(struct bf_vcpu *vcpu)
{
	union bf_vmcb *v = &bf_svm(vcpu)->vmcb;

	/* A flush of everything that is already asked for stays one. */
	if (v->tlb_control != SVM_TLB_FLUSH_ALL)
		v->tlb_control = bf_svm_caps.flush;
	unsettled(vcpu);
}

void bf_svm_settle(struct bf_vcpu *vcpu)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);

	if (svm->dirty_seq == vcpu->exit_seq)
		return;
	(void)bf_vcpu_take(vcpu, BF_PENDING_BACKEND);
	svm->vmcb.tlb_control = SVM_TLB_NOTHING;
	svm->vmcb.clean = bf_svm_caps.clean;
}
