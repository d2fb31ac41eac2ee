/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What the parts of the mock machine share.
 */
#ifndef BFMOCK_MODEL_H
#define BFMOCK_MODEL_H

#include <bfmock/machine.h>

/** Has signals of the test process stand for exceptions in the VMM. */
void mock_guard_init(void);

void mock_memory_reset(void);
void mock_cpuid_reset(void);

/** Gives the current CPU its MSRs, without those of VMX. */
void mock_msr_reset(void);
/** Adds IA32_VMX_* to the current CPU, as its features demand. */
void mock_vmx_capabilities(void);
/** Adds an MSR to the current CPU. */
void mock_msr_add(uint32_t number, uint64_t value, bool read_only);

/** Counts a mock_faults entry down. @return true when the failure is due */
bool mock_due(uint64_t *countdown);

/** Prints what the VMM has logged, for a failed test. */
void mock_print_log(void);

#endif
