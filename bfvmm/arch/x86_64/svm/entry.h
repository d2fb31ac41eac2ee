/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What entry.S knows of struct bf_svm_vcpu; launch.c asserts it.
 */
#ifndef SVM_ENTRY_H
#define SVM_ENTRY_H

#define SVM_AT_EXITCODE     0x0070
#define SVM_AT_RAX          0x05f8
#define SVM_AT_VMCB_PA      0x2000
#define SVM_AT_HOST_PA      0x2008
#define SVM_AT_VCPU         0x2010
#define SVM_AT_HANDLER      0x2018
#define SVM_AT_LAUNCH_STACK 0x2020

#endif
