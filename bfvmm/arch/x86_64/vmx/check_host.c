/* SPDX-License-Identifier: MIT */
/* SDM volume 3, "Checks on the Host-State Area" and those on the address-space size. */
#include <vmx/check.h>

#define RPL_TI 7u

static bool host_cr3(const struct bf_vmx_check *c, uint64_t v)
{
	return !(v >> c->caps->pa_bits);
}

static bool host_efer(uint64_t v, bool host64)
{
	uint64_t both = host64 ? EFER_LMA | EFER_LME : 0;

	return !(v & ~EFER_DEFINED) && (v & (EFER_LMA | EFER_LME)) == both;
}

#define SELECTOR_TEXT  "RPL and TI are 0"
#define CANONICAL_TEXT "a canonical address"

#define RULES(X)                                                                                   \
	X(cr0, HOST_CR0, bf_vmx_fixed(v, c->caps->cr0_fixed0, c->caps->cr0_fixed1),                \
	  "the bits of IA32_VMX_CR0_FIXED0 are 1, no others than those of FIXED1")                 \
	X(cr4, HOST_CR4, bf_vmx_fixed(v, c->caps->cr4_fixed0, c->caps->cr4_fixed1),                \
	  "the bits of IA32_VMX_CR4_FIXED0 are 1, no others than those of FIXED1")                 \
	X(cet, HOST_CR4, IF(HAS(v, CR4_CET), HAS(F(HOST_CR0), CR0_WP)), "CET needs CR0.WP")        \
	X(cr3, HOST_CR3, host_cr3(c, v), "within the physical-address width")                      \
	X(sysenter_esp, HOST_IA32_SYSENTER_ESP, bf_vmx_canonical(c, v), CANONICAL_TEXT)            \
	X(sysenter_eip, HOST_IA32_SYSENTER_EIP, bf_vmx_canonical(c, v), CANONICAL_TEXT)            \
	X(pat, HOST_IA32_PAT, IF(EXIT(LOAD_PAT), bf_vmx_pat_types(v)),                             \
	  "each byte is a memory type: 0, 1, 4, 5, 6 or 7")                                        \
	X(efer, HOST_IA32_EFER, IF(EXIT(LOAD_EFER), host_efer(v, EXIT(HOST_ADDRESS_SPACE_SIZE))),  \
	  "reserved bits 0; LMA and LME equal \"host address-space size\"")                        \
	X(es, HOST_ES_SELECTOR, !(v & RPL_TI), SELECTOR_TEXT)                                      \
	X(cs, HOST_CS_SELECTOR, !(v & RPL_TI), SELECTOR_TEXT)                                      \
	X(ss, HOST_SS_SELECTOR, !(v & RPL_TI), SELECTOR_TEXT)                                      \
	X(ds, HOST_DS_SELECTOR, !(v & RPL_TI), SELECTOR_TEXT)                                      \
	X(fs, HOST_FS_SELECTOR, !(v & RPL_TI), SELECTOR_TEXT)                                      \
	X(gs, HOST_GS_SELECTOR, !(v & RPL_TI), SELECTOR_TEXT)                                      \
	X(tr, HOST_TR_SELECTOR, !(v & RPL_TI), SELECTOR_TEXT)                                      \
	X(cs_null, HOST_CS_SELECTOR, v, "not null")                                                \
	X(tr_null, HOST_TR_SELECTOR, v, "not null")                                                \
	X(ss_null, HOST_SS_SELECTOR, IF(!EXIT(HOST_ADDRESS_SPACE_SIZE), v),                        \
	  "not null with a 32-bit host")                                                           \
	X(fs_base, HOST_FS_BASE, bf_vmx_canonical(c, v), CANONICAL_TEXT)                           \
	X(gs_base, HOST_GS_BASE, bf_vmx_canonical(c, v), CANONICAL_TEXT)                           \
	X(gdtr_base, HOST_GDTR_BASE, bf_vmx_canonical(c, v), CANONICAL_TEXT)                       \
	X(idtr_base, HOST_IDTR_BASE, bf_vmx_canonical(c, v), CANONICAL_TEXT)                       \
	X(tr_base, HOST_TR_BASE, bf_vmx_canonical(c, v), CANONICAL_TEXT)                           \
	X(size, EXIT_CONTROLS, EXIT(HOST_ADDRESS_SPACE_SIZE),                                      \
	  "\"host address-space size\" is 1 when a 64-bit VMM enters")                             \
	X(pae, HOST_CR4, IF(EXIT(HOST_ADDRESS_SPACE_SIZE), HAS(v, CR4_PAE)),                       \
	  "PAE is 1 with a 64-bit host")                                                           \
	X(rip, HOST_RIP, bf_vmx_canonical(c, v), CANONICAL_TEXT)                                   \
	X(s_cet, HOST_IA32_S_CET, IF(EXIT(LOAD_CET), bf_vmx_canonical(c, v) && !(v & 0x3c0)),      \
	  "canonical; bits 9:6 are 0")                                                             \
	X(ssp, HOST_SSP, IF(EXIT(LOAD_CET), bf_vmx_canonical(c, v) && !(v & 3)),                   \
	  "canonical and aligned to 4 bytes")                                                      \
	X(ssp_table, HOST_IA32_INTERRUPT_SSP_TABLE, IF(EXIT(LOAD_CET), bf_vmx_canonical(c, v)),    \
	  CANONICAL_TEXT)

RULE_TABLE(bf_vmx_host_rules, RULES)
