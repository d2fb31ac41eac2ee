/* SPDX-License-Identifier: MIT */
/* SDM volume 3, "Checks on the Guest State Area": registers, MSRs, descriptor tables, RIP. */
#include <vmx/check.h>

#define DEBUGCTL_RESERVED 0xffffffffffff0038ull
#define RFLAGS_RESERVED   0xffffffffffc08028ull
#define CR3_LAM           (3ull << 61)

static bool guest_cr0(const struct bf_vmx_check *c, uint64_t v)
{
	uint64_t lifted = c->unrestricted ? CR0_PE | CR0_PG : 0;

	return bf_vmx_fixed(v, c->caps->cr0_fixed0 & ~lifted, c->caps->cr0_fixed1);
}

static bool guest_efer(const struct bf_vmx_check *c, uint64_t v)
{
	bool lma = v & EFER_LMA, lme = v & EFER_LME;

	return lma == c->ia32e && IF(c->cr0 & CR0_PG, lma == lme);
}

static bool code64(const struct bf_vmx_check *c)
{
	return c->ia32e && (F(GUEST_CS_ACCESS_RIGHTS) & BF_AR_L);
}

/* Bits above the linear-address width are the same; the one below them may differ. */
static bool guest_rip(const struct bf_vmx_check *c, uint64_t v)
{
	if (!code64(c))
		return !(v >> 32);
	return !(v >> c->caps->va_bits) || !(~v >> c->caps->va_bits);
}

#define PDPTE_RESERVED 0x1e6ull

/* Used with EPT only; otherwise VM entry loads and checks them from memory. */
static bool pdpte(const struct bf_vmx_check *c, uint64_t v)
{
	bool used = PROC2(ENABLE_EPT) && (c->cr0 & CR0_PG) && (c->cr4 & CR4_PAE) && !c->ia32e;

	return !used || !(v & 1) || !((v & PDPTE_RESERVED) || v >> c->caps->pa_bits);
}

#define CANONICAL_TEXT "a canonical address"
#define PDPTE_TEXT     "reserved bits of a present PDPTE are 0"
#define LIMIT_TEXT     "bits 31:16 are 0"

#define RULES(X)                                                                                   \
	X(cr0_fixed, GUEST_CR0, guest_cr0(c, v),                                                   \
	  "the bits of IA32_VMX_CR0_FIXED0 are 1 (but PE and PG of an unrestricted guest)")        \
	X(cr0_paging, GUEST_CR0, IF(HAS(v, CR0_PG), HAS(v, CR0_PE)), "PG needs PE")                \
	X(cr4_fixed, GUEST_CR4, bf_vmx_fixed(v, c->caps->cr4_fixed0, c->caps->cr4_fixed1),         \
	  "the bits of IA32_VMX_CR4_FIXED0 are 1, no others than those of FIXED1")                 \
	X(cr4_cet, GUEST_CR4, IF(HAS(v, CR4_CET), HAS(c->cr0, CR0_WP)), "CET needs CR0.WP")        \
	X(debugctl, GUEST_IA32_DEBUGCTL, IF(ENTRY(LOAD_DEBUG_CONTROLS), !(v & DEBUGCTL_RESERVED)), \
	  "reserved bits are 0")                                                                   \
	X(ia32e_paging, GUEST_CR0, IF(c->ia32e, HAS(v, CR0_PG)), "PG is 1 in IA-32e mode")         \
	X(ia32e_pae, GUEST_CR4, IF(c->ia32e, HAS(v, CR4_PAE)), "PAE is 1 in IA-32e mode")          \
	X(pcide, GUEST_CR4, IF(!c->ia32e, !(v & CR4_PCIDE)), "PCIDE is 0 outside IA-32e mode")     \
	X(cr3, GUEST_CR3, !((v & ~CR3_LAM) >> c->caps->pa_bits),                                   \
	  "within the physical-address width")                                                     \
	X(dr7, GUEST_DR7, IF(ENTRY(LOAD_DEBUG_CONTROLS), !(v >> 32)), "bits 63:32 are 0")          \
	X(sysenter_esp, GUEST_IA32_SYSENTER_ESP, bf_vmx_canonical(c, v), CANONICAL_TEXT)           \
	X(sysenter_eip, GUEST_IA32_SYSENTER_EIP, bf_vmx_canonical(c, v), CANONICAL_TEXT)           \
	X(pat, GUEST_IA32_PAT, IF(ENTRY(LOAD_PAT), bf_vmx_pat_types(v)),                           \
	  "each byte is a memory type: 0, 1, 4, 5, 6 or 7")                                        \
	X(efer_bits, GUEST_IA32_EFER, IF(ENTRY(LOAD_EFER), !(v & ~EFER_DEFINED)),                  \
	  "reserved bits are 0")                                                                   \
	X(efer_mode, GUEST_IA32_EFER, IF(ENTRY(LOAD_EFER), guest_efer(c, v)),                      \
	  "LMA equals \"IA-32e mode guest\", and LME if CR0.PG is 1")                              \
	X(s_cet, GUEST_IA32_S_CET, IF(ENTRY(LOAD_CET), bf_vmx_canonical(c, v) && !(v & 0x3c0)),    \
	  "canonical; bits 9:6 are 0")                                                             \
	X(ssp, GUEST_SSP, IF(ENTRY(LOAD_CET), !(v & 3)), "aligned to 4 bytes")                     \
	X(ssp_table, GUEST_IA32_INTERRUPT_SSP_TABLE, IF(ENTRY(LOAD_CET), bf_vmx_canonical(c, v)),  \
	  CANONICAL_TEXT)                                                                          \
	X(gdtr_base, GUEST_GDTR_BASE, bf_vmx_canonical(c, v), CANONICAL_TEXT)                      \
	X(idtr_base, GUEST_IDTR_BASE, bf_vmx_canonical(c, v), CANONICAL_TEXT)                      \
	X(gdtr_limit, GUEST_GDTR_LIMIT, !(v >> 16), LIMIT_TEXT)                                    \
	X(idtr_limit, GUEST_IDTR_LIMIT, !(v >> 16), LIMIT_TEXT)                                    \
	X(rip, GUEST_RIP, guest_rip(c, v),                                                         \
	  "bits 63:32 are 0 outside 64-bit code; in it, those above the address width equal")      \
	X(rflags, GUEST_RFLAGS, (v & RFLAGS_FIXED) && !(v & RFLAGS_RESERVED),                      \
	  "reserved bits are 0, bit 1 is 1")                                                       \
	X(rflags_vm, GUEST_RFLAGS, IF(c->ia32e || !(c->cr0 & CR0_PE), !(v & RFLAGS_VM)),           \
	  "VM is 0 in IA-32e mode and in real mode")                                               \
	X(pdpte0, GUEST_PDPTE0, pdpte(c, v), PDPTE_TEXT)                                           \
	X(pdpte1, GUEST_PDPTE1, pdpte(c, v), PDPTE_TEXT)                                           \
	X(pdpte2, GUEST_PDPTE2, pdpte(c, v), PDPTE_TEXT)                                           \
	X(pdpte3, GUEST_PDPTE3, pdpte(c, v), PDPTE_TEXT)

RULE_TABLE(bf_vmx_guest_rules, RULES)
