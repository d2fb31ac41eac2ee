/* SPDX-License-Identifier: MIT */
/**
 * @file
 * EXITCODE values (APM volume 2, appendix C) and what they mean to the generic VMM.
 */
#ifndef SVM_EXITCODE_H
#define SVM_EXITCODE_H

#include <bareframe/exit.h>

/**
 * X(NAME, code, reason): exits that bf_svm_exit_*() pass on without a second look. They are made
 * by an instruction, so never in the middle of an event's delivery, and each code has one reason.
 */
#define SVM_PLAIN_EXITS(X)                                                                         \
	X(RDPMC, 0x6f, RDPMC)                                                                      \
	X(PUSHF, 0x70, PUSHF_POPF)                                                                 \
	X(POPF, 0x71, PUSHF_POPF)                                                                  \
	X(CPUID, 0x72, CPUID)                                                                      \
	X(RSM, 0x73, RSM)                                                                          \
	X(IRET, 0x74, IRET)                                                                        \
	X(SWINT, 0x75, SOFT_INTERRUPT)                                                             \
	X(INVD, 0x76, INVD)                                                                        \
	X(PAUSE, 0x77, PAUSE)                                                                      \
	X(HLT, 0x78, HLT)                                                                          \
	X(INVLPG, 0x79, INVLPG)                                                                    \
	X(INVLPGA, 0x7a, VIRT_INSTRUCTION)                                                         \
	X(IOIO, 0x7b, IO)

/** X(NAME, code, reason): exits below 0x100 that are not one of a numbered family. */
#define SVM_EXITS(X)                                                                               \
	X(INTR, 0x60, EXTERNAL_INTERRUPT)                                                          \
	X(NMI, 0x61, NMI)                                                                          \
	X(SMI, 0x62, SMI)                                                                          \
	X(INIT, 0x63, INIT)                                                                        \
	X(VINTR, 0x64, INTERRUPT_WINDOW)                                                           \
	X(CR0_SEL_WRITE, 0x65, CR_WRITE)                                                           \
	X(IDTR_READ, 0x66, GDTR_IDTR)                                                              \
	X(GDTR_READ, 0x67, GDTR_IDTR)                                                              \
	X(LDTR_READ, 0x68, LDTR_TR)                                                                \
	X(TR_READ, 0x69, LDTR_TR)                                                                  \
	X(IDTR_WRITE, 0x6a, GDTR_IDTR)                                                             \
	X(GDTR_WRITE, 0x6b, GDTR_IDTR)                                                             \
	X(LDTR_WRITE, 0x6c, LDTR_TR)                                                               \
	X(TR_WRITE, 0x6d, LDTR_TR)                                                                 \
	X(RDTSC, 0x6e, RDTSC)                                                                      \
	SVM_PLAIN_EXITS(X)                                                                         \
	X(MSR, 0x7c, RDMSR)                                                                        \
	X(TASK_SWITCH, 0x7d, TASK_SWITCH)                                                          \
	X(FERR_FREEZE, 0x7e, VENDOR)                                                               \
	X(SHUTDOWN, 0x7f, TRIPLE_FAULT)                                                            \
	X(VMRUN, 0x80, VIRT_INSTRUCTION)                                                           \
	X(VMMCALL, 0x81, HYPERCALL)                                                                \
	X(VMLOAD, 0x82, VIRT_INSTRUCTION)                                                          \
	X(VMSAVE, 0x83, VIRT_INSTRUCTION)                                                          \
	X(STGI, 0x84, VIRT_INSTRUCTION)                                                            \
	X(CLGI, 0x85, VIRT_INSTRUCTION)                                                            \
	X(SKINIT, 0x86, VIRT_INSTRUCTION)                                                          \
	X(RDTSCP, 0x87, RDTSCP)                                                                    \
	X(ICEBP, 0x88, VENDOR)                                                                     \
	X(WBINVD, 0x89, WBINVD)                                                                    \
	X(MONITOR, 0x8a, MONITOR)                                                                  \
	X(MWAIT, 0x8b, MWAIT)                                                                      \
	X(MWAIT_CONDITIONAL, 0x8c, MWAIT)                                                          \
	X(XSETBV, 0x8d, XSETBV)                                                                    \
	X(RDPRU, 0x8e, VENDOR)                                                                     \
	X(EFER_WRITE_TRAP, 0x8f, VENDOR)                                                           \
	X(INVLPGB, 0xa0, VENDOR)                                                                   \
	X(INVLPGB_ILLEGAL, 0xa1, VENDOR)                                                           \
	X(INVPCID, 0xa2, INVPCID)                                                                  \
	X(MCOMMIT, 0xa3, VENDOR)                                                                   \
	X(TLBSYNC, 0xa4, VENDOR)                                                                   \
	X(BUSLOCK, 0xa5, VENDOR)                                                                   \
	X(IDLE_HLT, 0xa6, HLT)

enum svm_exitcode {
	VMEXIT_CR0_READ = 0x00, /* + number of the register */
	VMEXIT_CR0_WRITE = 0x10,
	VMEXIT_DR0_READ = 0x20,
	VMEXIT_DR0_WRITE = 0x30,
	VMEXIT_EXCP0 = 0x40, /* + vector */
#define X(NAME, code, reason) VMEXIT_##NAME = (code),
	SVM_EXITS(X)
#undef X
	VMEXIT_NPF = 0x400,
};

/* EXITCODE is 64 bits wide, but not in every implementation: only the low half is looked at. */
#define VMEXIT_INVALID 0xffffffffu

#define VMEXIT_PLAIN_FIRST VMEXIT_RDPMC
#define VMEXIT_PLAIN_LAST  VMEXIT_IOIO

/** enum bf_exit_reason by exit code, below 0x100. */
extern const uint8_t bf_svm_reasons[256];

/** The plain exits, from VMEXIT_PLAIN_FIRST. */
extern const struct bf_exit bf_svm_plain_exits[VMEXIT_PLAIN_LAST - VMEXIT_PLAIN_FIRST + 1];

#endif
