/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The rules of SDM volume 3, chapter "VM Entries", as tables. A list of rules is
 *	X(id, FIELD, condition, "what the manual wants")
 * where the condition speaks of v, the field's value, and c, the check that is going on.
 */
#ifndef BFVMM_VMX_CHECK_H
#define BFVMM_VMX_CHECK_H

#include <bfvmm/msr.h>
#include <vmx/vmx.h>

/** What many rules refer to, read once. */
struct bf_vmx_check {
	const struct bf_vmx_caps *caps;
	uint32_t ctl[VMX_GROUPS]; /**< VMX_PROC2 is 0 unless it is activated */
	bool unrestricted;
	bool ia32e; /**< the guest will be in IA-32e mode */
	bool v86;   /**< the guest will be in virtual-8086 mode */
	uint64_t cr0, cr4, rflags;
	uint32_t event; /**< ENTRY_INTERRUPTION_INFORMATION, 0 if not valid */
	uint32_t blocking, activity;
};

struct bf_vmx_rule {
	uint32_t field;
	bool (*holds)(const struct bf_vmx_check *c, uint64_t v);
	const char *text;
};

#define RULE_FUNCTION(id, field, condition, text)                                                  \
	static bool id(const struct bf_vmx_check *c, uint64_t v)                                   \
	{                                                                                          \
		(void)c;                                                                           \
		(void)v;                                                                           \
		return condition;                                                                  \
	}
#define RULE_ENTRY(id, field, condition, text) {VMCS_##field, id, text},

/** Defines the table @p name from the list @p RULES. */
#define RULE_TABLE(name, RULES)                                                                    \
	RULES(RULE_FUNCTION)                                                                       \
	const struct bf_vmx_rule name[] = {RULES(RULE_ENTRY){0, 0, 0}};

extern const struct bf_vmx_rule bf_vmx_control_rules[];
extern const struct bf_vmx_rule bf_vmx_event_rules[];
extern const struct bf_vmx_rule bf_vmx_host_rules[];
extern const struct bf_vmx_rule bf_vmx_guest_rules[];
extern const struct bf_vmx_rule bf_vmx_run_state_rules[];

/** The rules on segment registers; @return BF_EENTRY or 0. */
int bf_vmx_check_segments(const struct bf_vmx_check *c, struct bf_report *report);

/** Fills @p report for a rule that is broken. @return BF_EENTRY */
int bf_vmx_broken(struct bf_report *report, uint32_t field, uint64_t value, const char *text);

/** @return the value of a field, 0 where the CPU has none. */
uint64_t bf_vmx_check_read(uint32_t field);

/* In conditions: a field, and whether a control is 1. */
#define F(field)    bf_vmx_check_read(VMCS_##field)
#define PIN(name)   (!!(c->ctl[VMX_PIN] & VMX_PIN_##name))
#define PROC(name)  (!!(c->ctl[VMX_PROC] & VMX_PROC_##name))
#define PROC2(name) (!!(c->ctl[VMX_PROC2] & VMX_PROC2_##name))
#define EXIT(name)  (!!(c->ctl[VMX_EXIT] & VMX_EXIT_##name))
#define ENTRY(name) (!!(c->ctl[VMX_ENTRY] & VMX_ENTRY_##name))

/* Any of @p bits is 1. */
#define HAS(value, bits) (((value) & (bits)) != 0)

/* "if a then b" */
#define IF(a, b) (!(a) || (b))

bool bf_vmx_physical(const struct bf_vmx_check *c, uint64_t address, uint64_t alignment);
bool bf_vmx_canonical(const struct bf_vmx_check *c, uint64_t address);
bool bf_vmx_pat_types(uint64_t pat);

/** All bits of @p fixed0 are 1 in @p v and no others than those of @p fixed1. */
static inline bool bf_vmx_fixed(uint64_t v, uint64_t fixed0, uint64_t fixed1)
{
	return (v & fixed0) == fixed0 && !(v & ~fixed1);
}

#define EFER_DEFINED (EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE)

#endif
