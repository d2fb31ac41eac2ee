/* SPDX-License-Identifier: MIT */
/*
 * Basic exit reasons (SDM volume 3, appendix C) to neutral ones. Exits are made of nothing but
 * an entry of this table: the hot path stores nothing.
 */
#include <vmx/vmx.h>

/*
 * X(raw, neutral). Two reasons take a look at more fields to be told apart, and go by UNSORTED,
 * whose slot does that: 0 is an exception or an NMI, 28 a control-register read or write.
 * 33, 34 and 41 only ever come with the entry-failure bit.
 */
#define REASONS(X)                                                                                 \
	X(0, UNSORTED) /* exception or NMI */                                                      \
	X(1, EXTERNAL_INTERRUPT)                                                                   \
	X(2, TRIPLE_FAULT)                                                                         \
	X(3, INIT)                                                                                 \
	X(4, SIPI)                                                                                 \
	X(5, SMI) /* I/O SMI */                                                                    \
	X(6, SMI)                                                                                  \
	X(7, INTERRUPT_WINDOW)                                                                     \
	X(8, NMI_WINDOW)                                                                           \
	X(9, TASK_SWITCH)                                                                          \
	X(10, CPUID)                                                                               \
	X(11, GETSEC)                                                                              \
	X(12, HLT)                                                                                 \
	X(13, INVD)                                                                                \
	X(14, INVLPG)                                                                              \
	X(15, RDPMC)                                                                               \
	X(16, RDTSC)                                                                               \
	X(17, RSM)                                                                                 \
	X(18, HYPERCALL)        /* VMCALL */                                                       \
	X(19, VIRT_INSTRUCTION) /* VMCLEAR */                                                      \
	X(20, VIRT_INSTRUCTION) /* VMLAUNCH */                                                     \
	X(21, VIRT_INSTRUCTION) /* VMPTRLD */                                                      \
	X(22, VIRT_INSTRUCTION) /* VMPTRST */                                                      \
	X(23, VIRT_INSTRUCTION) /* VMREAD */                                                       \
	X(24, VIRT_INSTRUCTION) /* VMRESUME */                                                     \
	X(25, VIRT_INSTRUCTION) /* VMWRITE */                                                      \
	X(26, VIRT_INSTRUCTION) /* VMXOFF */                                                       \
	X(27, VIRT_INSTRUCTION) /* VMXON */                                                        \
	X(28, UNSORTED)         /* control-register access */                                      \
	X(29, DR_ACCESS)                                                                           \
	X(30, IO)                                                                                  \
	X(31, RDMSR)                                                                               \
	X(32, WRMSR)                                                                               \
	X(33, ENTRY_FAILURE) /* invalid guest state */                                             \
	X(34, ENTRY_FAILURE) /* MSR loading */                                                     \
	X(35, VENDOR)                                                                              \
	X(36, MWAIT)                                                                               \
	X(37, SINGLE_STEP) /* monitor trap flag */                                                 \
	X(38, VENDOR)                                                                              \
	X(39, MONITOR)                                                                             \
	X(40, PAUSE)                                                                               \
	X(41, ENTRY_FAILURE) /* machine check during entry */                                      \
	X(42, VENDOR)                                                                              \
	X(43, TPR_THRESHOLD)                                                                       \
	X(44, APIC_ACCESS)                                                                         \
	X(45, VENDOR) /* virtualized EOI */                                                        \
	X(46, GDTR_IDTR)                                                                           \
	X(47, LDTR_TR)                                                                             \
	X(48, S2_FAULT)         /* EPT violation */                                                \
	X(49, S2_MISCONFIG)     /* EPT misconfiguration */                                         \
	X(50, VIRT_INSTRUCTION) /* INVEPT */                                                       \
	X(51, RDTSCP)                                                                              \
	X(52, PREEMPTION_TICK)                                                                     \
	X(53, VIRT_INSTRUCTION) /* INVVPID */                                                      \
	X(54, WBINVD)           /* and WBNOINVD */                                                 \
	X(55, XSETBV)                                                                              \
	X(56, VENDOR) /* APIC write */                                                             \
	X(57, RDRAND)                                                                              \
	X(58, INVPCID)                                                                             \
	X(59, VMFUNC)                                                                              \
	X(60, VENDOR) /* ENCLS */                                                                  \
	X(61, RDSEED)                                                                              \
	X(62, PML_FULL)                                                                            \
	X(63, XSAVES)                                                                              \
	X(64, XSAVES) /* XRSTORS */                                                                \
	X(65, VENDOR) /* PCONFIG */                                                                \
	X(66, VENDOR) /* sub-page permission */                                                    \
	X(67, UMWAIT)                                                                              \
	X(68, UMWAIT) /* TPAUSE */                                                                 \
	X(69, VENDOR) /* LOADIWKEY */                                                              \
	X(70, VENDOR) /* ENCLV */                                                                  \
	X(71, VENDOR)                                                                              \
	X(72, VENDOR) /* ENQCMD */                                                                 \
	X(73, VENDOR) /* ENQCMDS */                                                                \
	X(74, VENDOR) /* bus lock */                                                               \
	X(75, VENDOR) /* instruction timeout */                                                    \
	X(76, VENDOR) /* SEAMCALL */                                                               \
	X(77, VENDOR) /* TDCALL */                                                                 \
	X(78, VENDOR) /* RDMSRLIST */                                                              \
	X(79, VENDOR) /* WRMSRLIST */

#define VENDOR_1(n)  [n] = {.reason = BF_EXIT_VENDOR, .raw = (n)}
#define VENDOR_4(n)  VENDOR_1(n), VENDOR_1((n) + 1), VENDOR_1((n) + 2), VENDOR_1((n) + 3)
#define VENDOR_16(n) VENDOR_4(n), VENDOR_4((n) + 4), VENDOR_4((n) + 8), VENDOR_4((n) + 12)

const struct bf_exit bf_vmx_exits[256] = {
#define X(raw_, neutral) [raw_] = {.reason = BF_EXIT_##neutral, .raw = (raw_)},
	REASONS(X)
#undef X
		VENDOR_16(80),
	VENDOR_16(96),
	VENDOR_16(112),
	VENDOR_16(128),
	VENDOR_16(144),
	VENDOR_16(160),
	VENDOR_16(176),
	VENDOR_16(192),
	VENDOR_16(208),
	VENDOR_16(224),
	VENDOR_16(240),
};
