/* SPDX-License-Identifier: MIT */
#ifndef SVM_OPERAND_H
#define SVM_OPERAND_H

#include <svm/svm.h>

/**
 * @return the 16-bit memory operand of the instruction at RIP, which @p insn describes; 0 where
 * it is not in RAM or not mapped
 */
uint16_t bf_svm_operand16(struct bf_vcpu *vcpu, const struct bf_insn *insn);

/** @return the linear address of the memory operand of the instruction at RIP, 0 if unknown. */
uint64_t bf_svm_operand_address(struct bf_vcpu *vcpu);

#endif
