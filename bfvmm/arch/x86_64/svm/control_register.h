/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Guest control registers as MOV would set them. Each setter returns BF_EINVAL where the
 * instruction raises \#GP(0), and changes nothing then. (APM volume 2, 3.1.)
 */
#ifndef SVM_CONTROL_REGISTER_H
#define SVM_CONTROL_REGISTER_H

#include <bfvmm/vcpu.h>

int bf_svm_set_cr0(struct bf_vcpu *vcpu, uint64_t value);
int bf_svm_set_cr3(struct bf_vcpu *vcpu, uint64_t value);
int bf_svm_set_cr4(struct bf_vcpu *vcpu, uint64_t value);

/** @return the bits of CR4 that this CPU has, by CPUID or because they were set. */
uint64_t bf_svm_cr4_bits(void);

#endif
