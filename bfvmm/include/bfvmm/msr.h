/* SPDX-License-Identifier: MIT */
/**
 * @file
 * MSR numbers (SDM volume 4, APM volume 2 appendix A) and register bits that both vendors share.
 */
#ifndef BFVMM_MSR_H
#define BFVMM_MSR_H

/** X(NAME, number) */
#define BF_MSRS(X)                                                                                 \
	X(IA32_TSC, 0x10)                                                                          \
	X(IA32_APIC_BASE, 0x1b)                                                                    \
	X(IA32_FEATURE_CONTROL, 0x3a)                                                              \
	X(SPEC_CTRL, 0x48)                                                                         \
	X(IA32_BIOS_UPDT_TRIG, 0x79)                                                               \
	X(IA32_MTRRCAP, 0xfe)                                                                      \
	X(IA32_SYSENTER_CS, 0x174)                                                                 \
	X(IA32_SYSENTER_ESP, 0x175)                                                                \
	X(IA32_SYSENTER_EIP, 0x176)                                                                \
	X(IA32_DEBUGCTL, 0x1d9)                                                                    \
	X(IA32_MTRR_PHYSBASE0, 0x200)                                                              \
	X(IA32_MTRR_FIX64K_00000, 0x250)                                                           \
	X(IA32_MTRR_FIX16K_80000, 0x258)                                                           \
	X(IA32_MTRR_FIX16K_A0000, 0x259)                                                           \
	X(IA32_MTRR_FIX4K_C0000, 0x268)                                                            \
	X(IA32_PAT, 0x277)                                                                         \
	X(IA32_MTRR_DEF_TYPE, 0x2ff)                                                               \
	X(IA32_VMX_BASIC, 0x480)                                                                   \
	X(IA32_VMX_PINBASED_CTLS, 0x481)                                                           \
	X(IA32_VMX_PROCBASED_CTLS, 0x482)                                                          \
	X(IA32_VMX_EXIT_CTLS, 0x483)                                                               \
	X(IA32_VMX_ENTRY_CTLS, 0x484)                                                              \
	X(IA32_VMX_MISC, 0x485)                                                                    \
	X(IA32_VMX_CR0_FIXED0, 0x486)                                                              \
	X(IA32_VMX_CR0_FIXED1, 0x487)                                                              \
	X(IA32_VMX_CR4_FIXED0, 0x488)                                                              \
	X(IA32_VMX_CR4_FIXED1, 0x489)                                                              \
	X(IA32_VMX_VMCS_ENUM, 0x48a)                                                               \
	X(IA32_VMX_PROCBASED_CTLS2, 0x48b)                                                         \
	X(IA32_VMX_EPT_VPID_CAP, 0x48c)                                                            \
	X(IA32_VMX_TRUE_PINBASED_CTLS, 0x48d)                                                      \
	X(IA32_VMX_TRUE_PROCBASED_CTLS, 0x48e)                                                     \
	X(IA32_VMX_TRUE_EXIT_CTLS, 0x48f)                                                          \
	X(IA32_VMX_TRUE_ENTRY_CTLS, 0x490)                                                         \
	X(IA32_VMX_VMFUNC, 0x491)                                                                  \
	X(IA32_S_CET, 0x6a2)                                                                       \
	X(IA32_INTERRUPT_SSP_TABLE, 0x6a8)                                                         \
	X(IA32_PKRS, 0x6e1)                                                                        \
	X(IA32_XSS, 0xda0)                                                                         \
	X(IA32_EFER, 0xc0000080)                                                                   \
	X(IA32_STAR, 0xc0000081)                                                                   \
	X(IA32_LSTAR, 0xc0000082)                                                                  \
	X(IA32_CSTAR, 0xc0000083)                                                                  \
	X(IA32_FMASK, 0xc0000084)                                                                  \
	X(IA32_FS_BASE, 0xc0000100)                                                                \
	X(IA32_GS_BASE, 0xc0000101)                                                                \
	X(IA32_KERNEL_GS_BASE, 0xc0000102)                                                         \
	X(TSC_AUX, 0xc0000103)                                                                     \
	X(PATCH_LOADER, 0xc0010020)                                                                \
	X(VM_CR, 0xc0010114)                                                                       \
	X(VM_HSAVE_PA, 0xc0010117)

enum bf_msr_number {
#define X(name, number) MSR_##name = (number),
	BF_MSRS(X)
#undef X
};

#define CR0_PE 0x1ull
#define CR0_TS 0x8ull
#define CR0_NE 0x20ull
#define CR0_WP 0x10000ull
#define CR0_AM 0x40000ull
#define CR0_NW 0x20000000ull
#define CR0_CD 0x40000000ull
#define CR0_PG 0x80000000ull

#define CR4_TSD     0x4ull
#define CR4_DE      0x8ull
#define CR4_PSE     0x10ull
#define CR4_PAE     0x20ull
#define CR4_MCE     0x40ull
#define CR4_PGE     0x80ull
#define CR4_PCE     0x100ull
#define CR4_UMIP    0x800ull
#define CR4_LA57    0x1000ull
#define CR4_VMXE    0x2000ull
#define CR4_SMXE    0x4000ull
#define CR4_PCIDE   0x20000ull
#define CR4_OSXSAVE 0x40000ull
#define CR4_SMEP    0x100000ull
#define CR4_SMAP    0x200000ull
#define CR4_PKE     0x400000ull
#define CR4_CET     0x800000ull
#define CR4_PKS     0x1000000ull

#define EFER_SCE   0x1ull
#define EFER_LME   0x100ull
#define EFER_LMA   0x400ull
#define EFER_NXE   0x800ull
#define EFER_SVME  0x1000ull
#define EFER_LMSLE 0x2000ull
#define EFER_FFXSR 0x4000ull
#define EFER_TCE   0x8000ull

#define RFLAGS_FIXED 0x2ull
#define RFLAGS_CF    0x1ull
#define RFLAGS_PF    0x4ull
#define RFLAGS_AF    0x10ull
#define RFLAGS_ZF    0x40ull
#define RFLAGS_SF    0x80ull
#define RFLAGS_TF    0x100ull
#define RFLAGS_IF    0x200ull
#define RFLAGS_DF    0x400ull
#define RFLAGS_OF    0x800ull
#define RFLAGS_RF    0x10000ull
#define RFLAGS_VM    0x20000ull
#define RFLAGS_AC    0x40000ull

#endif
