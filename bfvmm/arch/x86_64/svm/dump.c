/* SPDX-License-Identifier: MIT */
#include <svm/svm.h>

void bf_svm_dump(struct bf_vcpu *vcpu, bf_dump_fn emit)
{
	for (uint32_t i = 0; i < SVM_FIELD_COUNT; i++)
		emit(bf_vmcb_fields[i].name, bf_vmcb_read(&bf_svm(vcpu)->vmcb, i));
}
