/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The virtual machine control block: every field from one table (APM volume 2, appendix B).
 */
#ifndef SVM_VMCB_H
#define SVM_VMCB_H

#include <bfabi/types.h>

/* Groups of the VMCB clean field (APM volume 2, 15.15.3). */
#define SVM_CLEAN_NONE 0x000u /**< loaded at every VMRUN, or by VMLOAD */
#define SVM_CLEAN_I    0x001u
#define SVM_CLEAN_IOPM 0x002u
#define SVM_CLEAN_ASID 0x004u
#define SVM_CLEAN_TPR  0x008u
#define SVM_CLEAN_NP   0x010u
#define SVM_CLEAN_CRX  0x020u
#define SVM_CLEAN_DRX  0x040u
#define SVM_CLEAN_DT   0x080u
#define SVM_CLEAN_SEG  0x100u
#define SVM_CLEAN_CR2  0x200u
#define SVM_CLEAN_LBR  0x400u
#define SVM_CLEAN_AVIC 0x800u
#define SVM_CLEAN_ALL  0xfffu

/** X(member, NAME, offset, bits, clean group): the control area. */
#define SVM_CONTROL_FIELDS(X)                                                                      \
	X(intercept_cr_read, INTERCEPT_CR_READ, 0x000, 16, I)                                      \
	X(intercept_cr_write, INTERCEPT_CR_WRITE, 0x002, 16, I)                                    \
	X(intercept_dr_read, INTERCEPT_DR_READ, 0x004, 16, I)                                      \
	X(intercept_dr_write, INTERCEPT_DR_WRITE, 0x006, 16, I)                                    \
	X(intercept_exception, INTERCEPT_EXCEPTION, 0x008, 32, I)                                  \
	X(intercept_misc1, INTERCEPT_MISC1, 0x00c, 32, I)                                          \
	X(intercept_misc2, INTERCEPT_MISC2, 0x010, 32, I)                                          \
	X(intercept_misc3, INTERCEPT_MISC3, 0x014, 32, I)                                          \
	X(pause_filter_threshold, PAUSE_FILTER_THRESHOLD, 0x03c, 16, I)                            \
	X(pause_filter_count, PAUSE_FILTER_COUNT, 0x03e, 16, I)                                    \
	X(iopm_base_pa, IOPM_BASE_PA, 0x040, 64, IOPM)                                             \
	X(msrpm_base_pa, MSRPM_BASE_PA, 0x048, 64, IOPM)                                           \
	X(tsc_offset, TSC_OFFSET, 0x050, 64, I)                                                    \
	X(guest_asid, GUEST_ASID, 0x058, 32, ASID)                                                 \
	X(tlb_control, TLB_CONTROL, 0x05c, 8, NONE)                                                \
	X(vintr, VINTR, 0x060, 64, TPR)                                                            \
	X(interrupt_shadow, INTERRUPT_SHADOW, 0x068, 64, NONE)                                     \
	X(exitcode, EXITCODE, 0x070, 32, NONE)                                                     \
	X(exitcode_high, EXITCODE_HIGH, 0x074, 32, NONE)                                           \
	X(exitinfo1, EXITINFO1, 0x078, 64, NONE)                                                   \
	X(exitinfo2, EXITINFO2, 0x080, 64, NONE)                                                   \
	X(exitintinfo, EXITINTINFO, 0x088, 64, NONE)                                               \
	X(np_enable, NP_ENABLE, 0x090, 64, NP)                                                     \
	X(avic_apic_bar, AVIC_APIC_BAR, 0x098, 64, AVIC)                                           \
	X(ghcb_pa, GHCB_PA, 0x0a0, 64, NONE)                                                       \
	X(eventinj, EVENTINJ, 0x0a8, 64, NONE)                                                     \
	X(n_cr3, N_CR3, 0x0b0, 64, NP)                                                             \
	X(lbr_virtualization, LBR_VIRTUALIZATION_ENABLE, 0x0b8, 64, LBR)                           \
	X(clean, VMCB_CLEAN, 0x0c0, 64, NONE)                                                      \
	X(nrip, NRIP, 0x0c8, 64, NONE)                                                             \
	X(bytes_fetched, NUMBER_OF_BYTES_FETCHED, 0x0d0, 8, NONE)                                  \
	X(avic_backing_page, AVIC_BACKING_PAGE, 0x0e0, 64, AVIC)                                   \
	X(avic_logical_table, AVIC_LOGICAL_TABLE, 0x0f0, 64, AVIC)                                 \
	X(avic_physical_table, AVIC_PHYSICAL_TABLE, 0x0f8, 64, AVIC)                               \
	X(vmsa, VMSA_POINTER, 0x108, 64, NONE)

#define SVM_SAVE_SEGMENT(X, member, NAME, offset, clean)                                           \
	X(member##_selector, NAME##_SELECTOR, (offset) + 0, 16, clean)                             \
	X(member##_attrib, NAME##_ATTRIB, (offset) + 2, 16, clean)                                 \
	X(member##_limit, NAME##_LIMIT, (offset) + 4, 32, clean)                                   \
	X(member##_base, NAME##_BASE, (offset) + 8, 64, clean)

/** X(member, NAME, offset, bits, clean group): the state save area. */
#define SVM_SAVE_FIELDS(X)                                                                         \
	SVM_SAVE_SEGMENT(X, es, ES, 0x400, SEG)                                                    \
	SVM_SAVE_SEGMENT(X, cs, CS, 0x410, SEG)                                                    \
	SVM_SAVE_SEGMENT(X, ss, SS, 0x420, SEG)                                                    \
	SVM_SAVE_SEGMENT(X, ds, DS, 0x430, SEG)                                                    \
	SVM_SAVE_SEGMENT(X, fs, FS, 0x440, NONE)                                                   \
	SVM_SAVE_SEGMENT(X, gs, GS, 0x450, NONE)                                                   \
	SVM_SAVE_SEGMENT(X, gdtr, GDTR, 0x460, DT)                                                 \
	SVM_SAVE_SEGMENT(X, ldtr, LDTR, 0x470, NONE)                                               \
	SVM_SAVE_SEGMENT(X, idtr, IDTR, 0x480, DT)                                                 \
	SVM_SAVE_SEGMENT(X, tr, TR, 0x490, NONE)                                                   \
	X(cpl, CPL, 0x4cb, 8, SEG)                                                                 \
	X(efer, EFER, 0x4d0, 64, CRX)                                                              \
	X(cr4, CR4, 0x548, 64, CRX)                                                                \
	X(cr3, CR3, 0x550, 64, CRX)                                                                \
	X(cr0, CR0, 0x558, 64, CRX)                                                                \
	X(dr7, DR7, 0x560, 64, DRX)                                                                \
	X(dr6, DR6, 0x568, 64, DRX)                                                                \
	X(rflags, RFLAGS, 0x570, 64, NONE)                                                         \
	X(rip, RIP, 0x578, 64, NONE)                                                               \
	X(rsp, RSP, 0x5d8, 64, NONE)                                                               \
	X(s_cet, S_CET, 0x5e0, 64, NONE)                                                           \
	X(ssp, SSP, 0x5e8, 64, NONE)                                                               \
	X(isst_addr, ISST_ADDR, 0x5f0, 64, NONE)                                                   \
	X(rax, RAX, 0x5f8, 64, NONE)                                                               \
	X(star, STAR, 0x600, 64, NONE)                                                             \
	X(lstar, LSTAR, 0x608, 64, NONE)                                                           \
	X(cstar, CSTAR, 0x610, 64, NONE)                                                           \
	X(sfmask, SFMASK, 0x618, 64, NONE)                                                         \
	X(kernel_gs_base, KERNEL_GS_BASE, 0x620, 64, NONE)                                         \
	X(sysenter_cs, SYSENTER_CS, 0x628, 64, NONE)                                               \
	X(sysenter_esp, SYSENTER_ESP, 0x630, 64, NONE)                                             \
	X(sysenter_eip, SYSENTER_EIP, 0x638, 64, NONE)                                             \
	X(cr2, CR2, 0x640, 64, CR2)                                                                \
	X(g_pat, G_PAT, 0x668, 64, NP)                                                             \
	X(dbgctl, DBGCTL, 0x670, 64, LBR)                                                          \
	X(br_from, BR_FROM, 0x678, 64, LBR)                                                        \
	X(br_to, BR_TO, 0x680, 64, LBR)                                                            \
	X(lastexcpfrom, LASTEXCPFROM, 0x688, 64, LBR)                                              \
	X(lastexcpto, LASTEXCPTO, 0x690, 64, LBR)                                                  \
	X(spec_ctrl, SPEC_CTRL, 0x6e0, 64, NONE)

#define SVM_FIELDS(X) SVM_CONTROL_FIELDS(X) SVM_SAVE_FIELDS(X)

/** One page, at a physical address that is a multiple of 4 KiB. */
union bf_vmcb {
	uint8_t page[BF_PAGE_SIZE];
#define X(member, NAME, offset, bits, clean)                                                       \
	struct {                                                                                   \
		uint8_t before_##member[offset];                                                   \
		uint##bits##_t member;                                                             \
	} __attribute__((packed));
	SVM_FIELDS(X)
#undef X
};

/** SVM_RIP, SVM_CR0 …: an index into bf_vmcb_fields. */
enum svm_field {
#define X(member, NAME, offset, bits, clean) SVM_##NAME,
	SVM_FIELDS(X)
#undef X
	SVM_FIELD_COUNT
};

struct bf_vmcb_field {
	const char *name;
	uint16_t offset;
	uint16_t clean; /**< SVM_CLEAN_* */
	uint8_t bytes;
};

extern const struct bf_vmcb_field bf_vmcb_fields[SVM_FIELD_COUNT];

uint64_t bf_vmcb_read(const union bf_vmcb *vmcb, enum svm_field field);

/** Writes the field and nothing else: see bf_svm_write() for one that is in use. */
void bf_vmcb_write(union bf_vmcb *vmcb, enum svm_field field, uint64_t value);

/* INTERCEPT_MISC1 */
#define SVM_MISC1_INTR        (1u << 0)
#define SVM_MISC1_NMI         (1u << 1)
#define SVM_MISC1_SMI         (1u << 2)
#define SVM_MISC1_INIT        (1u << 3)
#define SVM_MISC1_VINTR       (1u << 4)
#define SVM_MISC1_CR0_SEL     (1u << 5) /**< writes that change more than TS and MP */
#define SVM_MISC1_GDTR_IDTR   (1u << 6 | 1u << 7 | 1u << 10 | 1u << 11)
#define SVM_MISC1_LDTR_TR     (1u << 8 | 1u << 9 | 1u << 12 | 1u << 13)
#define SVM_MISC1_RDTSC       (1u << 14)
#define SVM_MISC1_RDPMC       (1u << 15)
#define SVM_MISC1_PUSHF_POPF  (1u << 16 | 1u << 17)
#define SVM_MISC1_CPUID       (1u << 18)
#define SVM_MISC1_RSM         (1u << 19)
#define SVM_MISC1_IRET        (1u << 20)
#define SVM_MISC1_INTN        (1u << 21)
#define SVM_MISC1_INVD        (1u << 22)
#define SVM_MISC1_PAUSE       (1u << 23)
#define SVM_MISC1_HLT         (1u << 24)
#define SVM_MISC1_INVLPG      (1u << 25)
#define SVM_MISC1_INVLPGA     (1u << 26)
#define SVM_MISC1_IOIO_PROT   (1u << 27)
#define SVM_MISC1_MSR_PROT    (1u << 28)
#define SVM_MISC1_TASK_SWITCH (1u << 29)
#define SVM_MISC1_SHUTDOWN    (1u << 31)

/* INTERCEPT_MISC2 */
#define SVM_MISC2_VMRUN   (1u << 0)
#define SVM_MISC2_VMMCALL (1u << 1)
#define SVM_MISC2_VMLOAD  (1u << 2)
#define SVM_MISC2_VMSAVE  (1u << 3)
#define SVM_MISC2_STGI    (1u << 4)
#define SVM_MISC2_CLGI    (1u << 5)
#define SVM_MISC2_SKINIT  (1u << 6)
#define SVM_MISC2_RDTSCP  (1u << 7)
#define SVM_MISC2_WBINVD  (1u << 9)
#define SVM_MISC2_MONITOR (1u << 10)
#define SVM_MISC2_MWAIT   (1u << 11)
#define SVM_MISC2_XSETBV  (1u << 13)

/* INTERCEPT_MISC3 */
#define SVM_MISC3_INVPCID (1u << 2)

/* VINTR */
#define SVM_VINTR_V_IRQ          (1ull << 8)
#define SVM_VINTR_PRIO_MAX       (0xfull << 16)
#define SVM_VINTR_IGN_TPR        (1ull << 20)
#define SVM_VINTR_MASKING        (1ull << 24)
#define SVM_INTERRUPT_SHADOW_BIT 1ull

/* TLB_CONTROL */
#define SVM_TLB_NOTHING    0
#define SVM_TLB_FLUSH_ALL  1
#define SVM_TLB_FLUSH_ASID 3

/* NP_ENABLE, LBR_VIRTUALIZATION_ENABLE */
#define SVM_NP_ENABLE_BIT  1ull
#define SVM_LBR_ENABLE_BIT 1ull

/* EVENTINJ, EXITINTINFO (APM volume 2, 15.20) */
#define SVM_EVENT_VECTOR     0xffull
#define SVM_EVENT_TYPE       0x700ull
#define SVM_EVENT_TYPE_SHIFT 8
#define SVM_EVENT_INTR       (0ull << 8)
#define SVM_EVENT_NMI        (2ull << 8)
#define SVM_EVENT_EXCEPTION  (3ull << 8)
#define SVM_EVENT_SOFT       (4ull << 8)
#define SVM_EVENT_EV         (1ull << 11)
#define SVM_EVENT_VALID      (1ull << 31)
#define SVM_EVENT_CODE_SHIFT 32

#endif
