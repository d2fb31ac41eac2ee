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

/** Takes the NMI that the current CPU, which is in the VMM, has pending, unless it is blocked. */
void mock_nmi_take(void);

struct catcher;

/** Makes @p now the innermost mock_catch(). @return the one that was */
struct catcher *mock_catcher(struct catcher *now);

/** Runs @p fn as CPU @p cpu, on a stack of its own; returns when it ends or pauses. */
void mock_fiber_run(uint32_t cpu, void (*fn)(void));

/** On a stack of mock_fiber_run(): lets its caller go on; else lets those go on. */
void mock_fiber_pause(void);

void mock_fibers_reset(void);

/** Prints what the VMM has logged, for a failed test. */
void mock_print_log(void);

/** Forgets what mock_trace() was told. */
void mock_trace_reset(void);

#endif
