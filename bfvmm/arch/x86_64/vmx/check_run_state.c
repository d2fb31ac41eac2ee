/* SPDX-License-Identifier: MIT */
/* SDM volume 3, "Checks on Guest Non-Register State". */
#include <vmx/check.h>

#define BLOCKING_SHADOW  (VMX_BLOCKING_STI | VMX_BLOCKING_MOV_SS)
#define BLOCKING_DEFINED 0x1fu
#define PENDING_RESERVED 0xfffffffffffea7f0ull /* 11 and 16 are defined on newer CPUs */
#define DEBUGCTL_BTF     0x2ull
#define AR_DPL           0x60u

static bool activity_offered(const struct bf_vmx_check *c, uint64_t v)
{
	if (v > VMX_WAIT_FOR_SIPI)
		return false;
	return v == VMX_ACTIVE || (c->caps->misc >> (VMX_MISC_ACTIVITY_SHIFT + v - 1) & 1);
}

/* Single steps are pending exactly if they would be, where they cannot be delivered at once. */
static bool single_step(const struct bf_vmx_check *c, uint64_t v)
{
	bool stepping = (c->rflags & RFLAGS_TF) && !(F(GUEST_IA32_DEBUGCTL) & DEBUGCTL_BTF);

	if (!(c->blocking & BLOCKING_SHADOW) && c->activity != VMX_HLT)
		return true;
	return stepping == !!(v & VMX_PENDING_BS);
}

#define RULES(X)                                                                                   \
	X(activity, GUEST_ACTIVITY_STATE, activity_offered(c, v),                                  \
	  "0, or a state up to 3 that IA32_VMX_MISC offers")                                       \
	X(halt_cpl, GUEST_ACTIVITY_STATE, IF(v == VMX_HLT, !(F(GUEST_SS_ACCESS_RIGHTS) & AR_DPL)), \
	  "HLT needs CPL 0")                                                                       \
	X(shadow_active, GUEST_ACTIVITY_STATE,                                                     \
	  IF(HAS(c->blocking, BLOCKING_SHADOW), v == VMX_ACTIVE),                                  \
	  "active while STI or MOV SS blocks")                                                     \
	X(blocking, GUEST_INTERRUPTIBILITY_STATE, !(v & ~(uint64_t)BLOCKING_DEFINED),              \
	  "bits 31:5 are 0")                                                                       \
	X(one_shadow, GUEST_INTERRUPTIBILITY_STATE, (v & BLOCKING_SHADOW) != BLOCKING_SHADOW,      \
	  "STI and MOV SS do not both block")                                                      \
	X(sti_if, GUEST_INTERRUPTIBILITY_STATE,                                                    \
	  IF(HAS(v, VMX_BLOCKING_STI), HAS(c->rflags, RFLAGS_IF)), "STI blocks only with IF 1")    \
	X(smi, GUEST_INTERRUPTIBILITY_STATE, !(v & VMX_BLOCKING_SMI),                              \
	  "no blocking by SMI outside SMM")                                                        \
	X(pending, GUEST_PENDING_DEBUG_EXCEPTIONS, !(v & PENDING_RESERVED), "reserved bits are 0") \
	X(pending_step, GUEST_PENDING_DEBUG_EXCEPTIONS, single_step(c, v),                         \
	  "BS equals TF without BTF while STI or MOV SS blocks, or halted")                        \
	X(link, VMCS_LINK_POINTER, v == UINT64_MAX || bf_vmx_physical(c, v, BF_PAGE_SIZE),         \
	  "all ones, or aligned to 4 KiB and within the physical-address width")

RULE_TABLE(bf_vmx_run_state_rules, RULES)
