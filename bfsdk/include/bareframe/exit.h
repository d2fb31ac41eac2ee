/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Vendor-neutral exit reasons.
 */
#ifndef BAREFRAME_EXIT_H
#define BAREFRAME_EXIT_H

#include <bfabi/types.h>

/** X(NAME, "text"): the one list of reasons, dense from 0. Append only: tools print by number. */
#define BF_EXIT_REASONS(X)                                                                         \
	X(EXCEPTION, "exception")                                                                  \
	X(EXTERNAL_INTERRUPT, "external interrupt")                                                \
	X(NMI, "NMI")                                                                              \
	X(SMI, "SMI")                                                                              \
	X(MACHINE_CHECK, "machine check")                                                          \
	X(TRIPLE_FAULT, "triple fault")                                                            \
	X(INIT, "INIT signal")                                                                     \
	X(SIPI, "start-up IPI")                                                                    \
	X(INTERRUPT_WINDOW, "interrupt window")                                                    \
	X(NMI_WINDOW, "NMI window")                                                                \
	X(TASK_SWITCH, "task switch")                                                              \
	X(CPUID, "CPUID")                                                                          \
	X(HYPERCALL, "hypercall")                                                                  \
	X(VIRT_INSTRUCTION, "VMX or SVM instruction")                                              \
	X(GETSEC, "GETSEC")                                                                        \
	X(HLT, "HLT")                                                                              \
	X(INVD, "INVD")                                                                            \
	X(WBINVD, "WBINVD")                                                                        \
	X(INVLPG, "INVLPG")                                                                        \
	X(INVPCID, "INVPCID")                                                                      \
	X(RDPMC, "RDPMC")                                                                          \
	X(RDTSC, "RDTSC")                                                                          \
	X(RDTSCP, "RDTSCP")                                                                        \
	X(RSM, "RSM")                                                                              \
	X(CR_READ, "control-register read")                                                        \
	X(CR_WRITE, "control-register write")                                                      \
	X(DR_ACCESS, "debug-register access")                                                      \
	X(IO, "port I/O")                                                                          \
	X(RDMSR, "RDMSR")                                                                          \
	X(WRMSR, "WRMSR")                                                                          \
	X(MONITOR, "MONITOR")                                                                      \
	X(MWAIT, "MWAIT")                                                                          \
	X(PAUSE, "PAUSE")                                                                          \
	X(UMWAIT, "UMWAIT or TPAUSE")                                                              \
	X(XSETBV, "XSETBV")                                                                        \
	X(XSAVES, "XSAVES or XRSTORS")                                                             \
	X(RDRAND, "RDRAND")                                                                        \
	X(RDSEED, "RDSEED")                                                                        \
	X(GDTR_IDTR, "GDTR or IDTR access")                                                        \
	X(LDTR_TR, "LDTR or TR access")                                                            \
	X(S2_FAULT, "second-level fault")                                                          \
	X(S2_MISCONFIG, "second-level misconfiguration")                                           \
	X(APIC_ACCESS, "APIC access")                                                              \
	X(TPR_THRESHOLD, "TPR below threshold")                                                    \
	X(SINGLE_STEP, "single step")                                                              \
	X(PREEMPTION_TICK, "preemption tick")                                                      \
	X(PML_FULL, "page-modification log full")                                                  \
	X(VMFUNC, "VMFUNC")                                                                        \
	X(SOFT_INTERRUPT, "software interrupt")                                                    \
	X(IRET, "IRET")                                                                            \
	X(PUSHF_POPF, "PUSHF or POPF")                                                             \
	X(ENTRY_FAILURE, "VM entry failure")                                                       \
	X(VENDOR, "vendor-specific")

enum bf_exit_reason {
#define X(name, text) BF_EXIT_##name,
	BF_EXIT_REASONS(X)
#undef X
	BF_EXIT_COUNT
};

/**
 * One exit. Details beyond the reason are read on demand with bf_vcpu_get(), so that an exit
 * costs only what its handler looks at.
 */
struct bf_exit {
	uint32_t reason; /**< enum bf_exit_reason */
	uint32_t raw;    /**< VMX basic exit reason, or SVM EXITCODE (low 32 bits) */
};

#endif
