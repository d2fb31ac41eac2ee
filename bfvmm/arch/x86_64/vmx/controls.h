/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The VM-execution, VM-exit and VM-entry controls (SDM volume 3, "VM-Execution Control Fields"
 * and the two sections behind it).
 */
#ifndef BFVMM_VMX_CONTROLS_H
#define BFVMM_VMX_CONTROLS_H

#include <bfabi/types.h>

/* The groups: each has a field and a capability MSR. */
enum vmx_group {
	VMX_PIN,
	VMX_PROC,
	VMX_PROC2,
	VMX_EXIT,
	VMX_ENTRY,
	VMX_GROUPS
};

/* X(GROUP, NAME, bit) */
#define VMX_CONTROLS(X)                                                                            \
	X(PIN, EXTERNAL_INTERRUPT_EXITING, 0)                                                      \
	X(PIN, NMI_EXITING, 3)                                                                     \
	X(PIN, VIRTUAL_NMIS, 5)                                                                    \
	X(PIN, PREEMPTION_TIMER, 6)                                                                \
	X(PIN, POSTED_INTERRUPTS, 7)                                                               \
	X(PROC, INTERRUPT_WINDOW_EXITING, 2)                                                       \
	X(PROC, TSC_OFFSETTING, 3)                                                                 \
	X(PROC, HLT_EXITING, 7)                                                                    \
	X(PROC, INVLPG_EXITING, 9)                                                                 \
	X(PROC, MWAIT_EXITING, 10)                                                                 \
	X(PROC, RDPMC_EXITING, 11)                                                                 \
	X(PROC, RDTSC_EXITING, 12)                                                                 \
	X(PROC, CR3_LOAD_EXITING, 15)                                                              \
	X(PROC, CR3_STORE_EXITING, 16)                                                             \
	X(PROC, TERTIARY_CONTROLS, 17)                                                             \
	X(PROC, CR8_LOAD_EXITING, 19)                                                              \
	X(PROC, CR8_STORE_EXITING, 20)                                                             \
	X(PROC, TPR_SHADOW, 21)                                                                    \
	X(PROC, NMI_WINDOW_EXITING, 22)                                                            \
	X(PROC, MOV_DR_EXITING, 23)                                                                \
	X(PROC, UNCONDITIONAL_IO_EXITING, 24)                                                      \
	X(PROC, IO_BITMAPS, 25)                                                                    \
	X(PROC, MONITOR_TRAP_FLAG, 27)                                                             \
	X(PROC, MSR_BITMAPS, 28)                                                                   \
	X(PROC, MONITOR_EXITING, 29)                                                               \
	X(PROC, PAUSE_EXITING, 30)                                                                 \
	X(PROC, SECONDARY_CONTROLS, 31)                                                            \
	X(PROC2, VIRTUALIZE_APIC_ACCESSES, 0)                                                      \
	X(PROC2, ENABLE_EPT, 1)                                                                    \
	X(PROC2, DESCRIPTOR_TABLE_EXITING, 2)                                                      \
	X(PROC2, ENABLE_RDTSCP, 3)                                                                 \
	X(PROC2, VIRTUALIZE_X2APIC_MODE, 4)                                                        \
	X(PROC2, ENABLE_VPID, 5)                                                                   \
	X(PROC2, WBINVD_EXITING, 6)                                                                \
	X(PROC2, UNRESTRICTED_GUEST, 7)                                                            \
	X(PROC2, APIC_REGISTER_VIRTUALIZATION, 8)                                                  \
	X(PROC2, VIRTUAL_INTERRUPT_DELIVERY, 9)                                                    \
	X(PROC2, PAUSE_LOOP_EXITING, 10)                                                           \
	X(PROC2, RDRAND_EXITING, 11)                                                               \
	X(PROC2, ENABLE_INVPCID, 12)                                                               \
	X(PROC2, ENABLE_VM_FUNCTIONS, 13)                                                          \
	X(PROC2, VMCS_SHADOWING, 14)                                                               \
	X(PROC2, ENABLE_ENCLS_EXITING, 15)                                                         \
	X(PROC2, RDSEED_EXITING, 16)                                                               \
	X(PROC2, ENABLE_PML, 17)                                                                   \
	X(PROC2, EPT_VIOLATION_VE, 18)                                                             \
	X(PROC2, CONCEAL_VMX_FROM_PT, 19)                                                          \
	X(PROC2, ENABLE_XSAVES, 20)                                                                \
	X(PROC2, MODE_BASED_EXECUTE, 22)                                                           \
	X(PROC2, SUB_PAGE_WRITE_PERMISSIONS, 23)                                                   \
	X(PROC2, PT_USES_GUEST_PHYSICAL, 24)                                                       \
	X(PROC2, TSC_SCALING, 25)                                                                  \
	X(PROC2, ENABLE_USER_WAIT_AND_PAUSE, 26)                                                   \
	X(PROC2, ENABLE_PCONFIG, 27)                                                               \
	X(PROC2, ENABLE_ENCLV_EXITING, 28)                                                         \
	X(EXIT, SAVE_DEBUG_CONTROLS, 2)                                                            \
	X(EXIT, HOST_ADDRESS_SPACE_SIZE, 9)                                                        \
	X(EXIT, LOAD_PERF_GLOBAL_CTRL, 12)                                                         \
	X(EXIT, ACKNOWLEDGE_INTERRUPT, 15)                                                         \
	X(EXIT, SAVE_PAT, 18)                                                                      \
	X(EXIT, LOAD_PAT, 19)                                                                      \
	X(EXIT, SAVE_EFER, 20)                                                                     \
	X(EXIT, LOAD_EFER, 21)                                                                     \
	X(EXIT, SAVE_PREEMPTION_TIMER, 22)                                                         \
	X(EXIT, LOAD_CET, 28)                                                                      \
	X(EXIT, LOAD_PKRS, 29)                                                                     \
	X(ENTRY, LOAD_DEBUG_CONTROLS, 2)                                                           \
	X(ENTRY, IA32E_MODE_GUEST, 9)                                                              \
	X(ENTRY, ENTRY_TO_SMM, 10)                                                                 \
	X(ENTRY, DEACTIVATE_DUAL_MONITOR, 11)                                                      \
	X(ENTRY, LOAD_PERF_GLOBAL_CTRL, 13)                                                        \
	X(ENTRY, LOAD_PAT, 14)                                                                     \
	X(ENTRY, LOAD_EFER, 15)                                                                    \
	X(ENTRY, LOAD_BNDCFGS, 16)                                                                 \
	X(ENTRY, LOAD_CET, 20)                                                                     \
	X(ENTRY, LOAD_PKRS, 22)

enum vmx_control {
#define X(group, name, bit) VMX_##group##_##name = 1ll << (bit),
	VMX_CONTROLS(X)
#undef X
};

/* GUEST_INTERRUPTIBILITY_STATE */
#define VMX_BLOCKING_STI    0x01u
#define VMX_BLOCKING_MOV_SS 0x02u
#define VMX_BLOCKING_SMI    0x04u
#define VMX_BLOCKING_NMI    0x08u

/* GUEST_ACTIVITY_STATE */
enum vmx_activity {
	VMX_ACTIVE,
	VMX_HLT,
	VMX_SHUTDOWN,
	VMX_WAIT_FOR_SIPI
};

/* GUEST_PENDING_DEBUG_EXCEPTIONS */
#define VMX_PENDING_BS 0x4000u

/* The three interruption-information fields; types are enum bf_event_type. */
#define VMX_INFO_VECTOR      0x000000ffu
#define VMX_INFO_TYPE        0x00000700u
#define VMX_INFO_TYPE_SHIFT  8
#define VMX_INFO_ERROR_CODE  0x00000800u
#define VMX_INFO_NMI_UNBLOCK 0x00001000u /* of exits: an IRET had ended NMI blocking */
#define VMX_INFO_VALID       0x80000000u
#define VMX_TYPE_OTHER       7u

/* IA32_FEATURE_CONTROL */
#define FEATURE_CONTROL_LOCK        0x1ull
#define FEATURE_CONTROL_OUTSIDE_SMX 0x4ull

/* IA32_VMX_BASIC */
#define VMX_BASIC_REVISION  0x7fffffffull
#define VMX_BASIC_PA_32     (1ull << 48)
#define VMX_BASIC_INS_OUTS  (1ull << 54) /* instruction information of strings */
#define VMX_BASIC_TRUE      (1ull << 55)
#define VMX_BASIC_ANY_ERROR (1ull << 56) /* error codes with any hardware exception */

/* IA32_VMX_MISC */
#define VMX_MISC_ACTIVITY_SHIFT 5 /* bit for HLT; the next for shutdown and wait-for-SIPI */
#define VMX_MISC_LENGTH_0       (1ull << 30)

/* IA32_VMX_EPT_VPID_CAP */
#define EPT_CAP_EXEC_ONLY        (1ull << 0)
#define EPT_CAP_WALK_4           (1ull << 6)
#define EPT_CAP_UC               (1ull << 8)
#define EPT_CAP_WB               (1ull << 14)
#define EPT_CAP_2M               (1ull << 16)
#define EPT_CAP_1G               (1ull << 17)
#define EPT_CAP_INVEPT           (1ull << 20)
#define EPT_CAP_AD               (1ull << 21)
#define EPT_CAP_INVEPT_SINGLE    (1ull << 25)
#define EPT_CAP_INVEPT_ALL       (1ull << 26)
#define VPID_CAP_INVVPID         (1ull << 32)
#define VPID_CAP_INVVPID_ADDRESS (1ull << 40)
#define VPID_CAP_INVVPID_SINGLE  (1ull << 41)
#define VPID_CAP_INVVPID_ALL     (1ull << 42)

#define VMX_TICK 0x100000u /* start value of the preemption timer */

enum vmx_inv {
	VMX_INV_ADDRESS = 0, /* INVVPID alone */
	VMX_INV_SINGLE = 1,
	VMX_INV_ALL = 2
};

#endif
