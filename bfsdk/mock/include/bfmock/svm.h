/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The mock's AMD-V: a VMCB is memory (APM volume 2, appendix B).
 */
#ifndef BFMOCK_SVM_H
#define BFMOCK_SVM_H

#include <bfmock/machine.h>

/* Offsets that the mock itself looks at. */
#define MOCK_VMCB_INTERCEPT_MISC2 0x010
#define MOCK_VMCB_ASID            0x058
#define MOCK_VMCB_SHADOW          0x068
#define MOCK_VMCB_EXITCODE        0x070
#define MOCK_VMCB_EXITINFO1       0x078
#define MOCK_VMCB_EXITINFO2       0x080
#define MOCK_VMCB_EXITINTINFO     0x088
#define MOCK_VMCB_EVENTINJ        0x0a8
#define MOCK_VMCB_NRIP            0x0c8
#define MOCK_VMCB_FETCHED         0x0d0
#define MOCK_VMCB_CS              0x410
#define MOCK_VMCB_CPL             0x4cb
#define MOCK_VMCB_EFER            0x4d0
#define MOCK_VMCB_CR4             0x548
#define MOCK_VMCB_CR3             0x550
#define MOCK_VMCB_CR0             0x558
#define MOCK_VMCB_RFLAGS          0x570
#define MOCK_VMCB_RIP             0x578
#define MOCK_VMCB_RSP             0x5d8
#define MOCK_VMCB_RAX             0x5f8

/** Reads and writes @p bytes (1, 2, 4, 8) of the VMCB at @p pa. */
uint64_t mock_vmcb_get(uint64_t pa, uint32_t offset, uint32_t bytes);
void mock_vmcb_set(uint64_t pa, uint32_t offset, uint32_t bytes, uint64_t value);

/** VMRUN. @return true if the guest would run now, false for VMEXIT_INVALID */
bool mock_svm_enter(uint64_t pa);

#endif
