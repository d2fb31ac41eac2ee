/* SPDX-License-Identifier: MIT */
#ifndef SVM_EXIT_INFO_H
#define SVM_EXIT_INFO_H

#include <bfvmm/vcpu.h>

/** @return an EXIT_* field of the last exit; 0 for one that it does not have. */
uint64_t bf_svm_exit_info(struct bf_vcpu *vcpu, enum bf_field field);

#endif
