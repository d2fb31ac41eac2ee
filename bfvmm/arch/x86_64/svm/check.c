/* SPDX-License-Identifier: MIT */
/*
 * What VMRUN requires of a VMCB (APM volume 2, 15.5.1 "Canonicalization and Consistency Checks",
 * 15.20, 15.25.3), as a table: the field to name, what is wrong, and what would be right.
 */
#include <bfhw/hw.h>
#include <bfvmm/msr.h>
#include <svm/control_register.h>
#include <svm/svm.h>

#define EFER_KNOWN                                                                                 \
	(EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE | EFER_SVME | EFER_LMSLE | EFER_FFXSR |         \
	 EFER_TCE | 1ull << 17 | 1ull << 18 | 1ull << 20 | 1ull << 21)
#define CR3_LOW   0xfffull
#define PAT_MAX   7u /* UC- */
#define VECTOR_OF 4u
#define VECTOR_BR 5u

static bool beyond(uint64_t pa, uint64_t bytes)
{
	return pa >= (1ull << bf_svm_caps.pa_bits) - bytes + 1;
}

static bool unaligned(uint64_t pa)
{
	return pa & (BF_PAGE_SIZE - 1);
}

static bool in_long_mode(const union bf_vmcb *v)
{
	return (v->efer & EFER_LME) && (v->cr0 & CR0_PG);
}

static bool bad_pat(uint64_t pat)
{
	for (; pat; pat >>= 8)
		if ((pat & 0xff) > PAT_MAX || (pat & 0xff) == 2 || (pat & 0xff) == 3)
			return true;
	return false;
}

static bool event_type_bad(uint64_t e)
{
	uint64_t type = e & SVM_EVENT_TYPE;

	return (e & SVM_EVENT_VALID) && type != SVM_EVENT_INTR && type != SVM_EVENT_NMI &&
	       type != SVM_EVENT_EXCEPTION && type != SVM_EVENT_SOFT;
}

static bool event_vector_bad(const union bf_vmcb *v)
{
	uint64_t vector = v->eventinj & SVM_EVENT_VECTOR;

	if (!(v->eventinj & SVM_EVENT_VALID) ||
	    (v->eventinj & SVM_EVENT_TYPE) != SVM_EVENT_EXCEPTION)
		return false;
	if (bf_svm_mode(v) == BF_INSN_64 && (vector == VECTOR_OF || vector == VECTOR_BR))
		return true;
	return vector > 31 || vector == BF_VECTOR_NMI;
}

/* X(FIELD, what is wrong, what is right) */
#define RULES(X)                                                                                   \
	X(INTERCEPT_MISC2, !(v->intercept_misc2 & SVM_MISC2_VMRUN),                                \
	  "bit 0, the VMRUN intercept, must be 1")                                                 \
	X(GUEST_ASID, v->guest_asid == 0, "must not be 0, the VMM's own")                          \
	X(GUEST_ASID, v->guest_asid >= bf_svm_caps.asids,                                          \
	  "must be below the number of ASIDs, CPUID 0x8000000a EBX")                               \
	X(MSRPM_BASE_PA, beyond(v->msrpm_base_pa, BF_SVM_MSRPM_BYTES),                             \
	  "the map must lie below the CPU's physical-address limit")                               \
	X(MSRPM_BASE_PA, unaligned(v->msrpm_base_pa), "must be a multiple of 4096")                \
	X(IOPM_BASE_PA, beyond(v->iopm_base_pa, BF_SVM_IOPM_BYTES),                                \
	  "the map must lie below the CPU's physical-address limit")                               \
	X(IOPM_BASE_PA, unaligned(v->iopm_base_pa), "must be a multiple of 4096")                  \
	X(EFER, !(v->efer & EFER_SVME), "bit 12, SVME, must be 1")                                 \
	X(EFER, v->efer & ~(EFER_KNOWN | bf_svm_caps.live_efer), "reserved bits must be 0")        \
	X(CR0, v->cr0 >> 32, "bits 63:32 must be 0")                                               \
	X(CR0, (v->cr0 & (CR0_NW | CR0_CD)) == CR0_NW, "NW must not be 1 while CD is 0")           \
	X(CR3, in_long_mode(v) && v->cr3 >> bf_svm_caps.pa_bits,                                   \
	  "bits above the CPU's physical-address width must be 0 in long mode")                    \
	X(CR4, v->cr4 & ~bf_svm_cr4_bits(), "bits of features that the CPU lacks must be 0")       \
	X(CR4, in_long_mode(v) && !(v->cr4 & CR4_PAE),                                             \
	  "PAE must be 1 while EFER.LME and CR0.PG are")                                           \
	X(CR0, in_long_mode(v) && !(v->cr0 & CR0_PE),                                              \
	  "PE must be 1 while EFER.LME and CR0.PG are")                                            \
	X(CS_ATTRIB,                                                                               \
	  in_long_mode(v) && (v->cr4 & CR4_PAE) &&                                                 \
		  (bf_svm_access(v->cs_attrib) & (BF_AR_L | BF_AR_DB)) == (BF_AR_L | BF_AR_DB),    \
	  "L and D must not both be 1 in long mode")                                               \
	X(CR4, (v->cr4 & CR4_CET) && !(v->cr0 & CR0_WP), "CET must be 0 while CR0.WP is")          \
	X(DR6, v->dr6 >> 32, "bits 63:32 must be 0")                                               \
	X(DR7, v->dr7 >> 32, "bits 63:32 must be 0")                                               \
	X(CPL, v->cpl > 3, "is a privilege level, 0 to 3")                                         \
	X(EVENTINJ, event_type_bad(v->eventinj), "the type must be 0, 2, 3 or 4")                  \
	X(EVENTINJ, event_vector_bad(v),                                                           \
	  "the vector must be that of an exception which can occur in the guest's mode")           \
	X(NP_ENABLE, (v->np_enable & SVM_NP_ENABLE_BIT) && !bf_svm_caps.npt,                       \
	  "nested paging must be off on a CPU without it")                                         \
	X(NP_ENABLE, (v->np_enable & SVM_NP_ENABLE_BIT) && !(bf_hw_read_cr0() & CR0_PG),           \
	  "nested paging needs paging in the VMM")                                                 \
	X(N_CR3, (v->np_enable & SVM_NP_ENABLE_BIT) && beyond(v->n_cr3, BF_PAGE_SIZE),             \
	  "the root must lie below the CPU's physical-address limit")                              \
	X(N_CR3, (v->np_enable & SVM_NP_ENABLE_BIT) && (v->n_cr3 & CR3_LOW),                       \
	  "the root must be a multiple of 4096")                                                   \
	X(G_PAT, (v->np_enable & SVM_NP_ENABLE_BIT) && bad_pat(v->g_pat),                          \
	  "each byte must be a memory type: 0, 1, 4, 5, 6 or 7")

int bf_svm_check(const union bf_vmcb *v, struct bf_report *report)
{
#define X(FIELD, broken, text)                                                                     \
	if (broken)                                                                                \
		return bf_report(report, BF_EENTRY, "VMCB " #FIELD, bf_vmcb_read(v, SVM_##FIELD),  \
				 "%s", text);
	RULES(X)
#undef X
	return 0;
}

int bf_svm_entry_check(struct bf_vcpu *vcpu, struct bf_report *report)
{
	return bf_svm_check(&bf_svm(vcpu)->vmcb, report);
}
