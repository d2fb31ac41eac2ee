/* SPDX-License-Identifier: MIT */
/* SDM volume 3, "Checks on VMX Controls": event injection. */
#include <vmx/check.h>

#define INFO_RESERVED 0x7ffff000u
#define MAX_LENGTH    15u

/* Exceptions that push an error code; 21 where the CPU has CET. */
#define WITH_ERROR_CODE (1u << 8 | 1u << 10 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 14 | 1u << 17)
#define VECTOR_CP       21

static uint32_t type_of(const struct bf_vmx_check *c)
{
	return (c->event & VMX_INFO_TYPE) >> VMX_INFO_TYPE_SHIFT;
}

static bool injecting(const struct bf_vmx_check *c)
{
	return c->event;
}

static bool is_type(const struct bf_vmx_check *c, uint32_t type)
{
	return c->event && type_of(c) == type;
}

static bool is_software(const struct bf_vmx_check *c)
{
	return c->event && type_of(c) >= BF_EVENT_SOFT_INT && type_of(c) < VMX_TYPE_OTHER;
}

static uint32_t vector(const struct bf_vmx_check *c)
{
	return c->event & VMX_INFO_VECTOR;
}

static bool monitor_trap(const struct bf_vmx_check *c)
{
	return c->caps->may[VMX_PROC] & VMX_PROC_MONITOR_TRAP_FLAG;
}

static bool error_code_right(const struct bf_vmx_check *c)
{
	bool has = c->event & VMX_INFO_ERROR_CODE;
	bool real = c->unrestricted && !(c->cr0 & CR0_PE);
	uint32_t number = vector(c);

	if (!c->event)
		return true;
	if (!is_type(c, BF_EVENT_EXCEPTION) || real)
		return !has;
	if (c->caps->basic & VMX_BASIC_ANY_ERROR)
		return true;
	if (number == VECTOR_CP && c->caps->cet)
		return has;
	return has == (number < 32 && (WITH_ERROR_CODE >> number & 1));
}

static bool length_right(const struct bf_vmx_check *c, uint64_t v)
{
	uint64_t least = c->caps->misc & VMX_MISC_LENGTH_0 ? 0 : 1;

	return !is_software(c) || (v >= least && v <= MAX_LENGTH);
}

#define RULES(X)                                                                                   \
	X(type, ENTRY_INTERRUPTION_INFORMATION,                                                    \
	  !is_type(c, 1) && IF(is_type(c, VMX_TYPE_OTHER), monitor_trap(c)),                       \
	  "the type of event is defined; 7 needs the monitor trap flag")                           \
	X(nmi_vector, ENTRY_INTERRUPTION_INFORMATION,                                              \
	  IF(is_type(c, BF_EVENT_NMI), vector(c) == BF_VECTOR_NMI), "an NMI has vector 2")         \
	X(exception_vector, ENTRY_INTERRUPTION_INFORMATION,                                        \
	  IF(is_type(c, BF_EVENT_EXCEPTION), vector(c) < 32),                                      \
	  "a hardware exception has a vector up to 31")                                            \
	X(other_vector, ENTRY_INTERRUPTION_INFORMATION,                                            \
	  IF(is_type(c, VMX_TYPE_OTHER), !vector(c)), "an event of type 7 has vector 0")           \
	X(deliver_error, ENTRY_INTERRUPTION_INFORMATION, error_code_right(c),                      \
	  "an error code goes with just those exceptions, in protected mode, that push one")       \
	X(info_reserved, ENTRY_INTERRUPTION_INFORMATION, !(c->event & INFO_RESERVED),              \
	  "bits 30:12 are 0")                                                                      \
	X(error_code, ENTRY_EXCEPTION_ERROR_CODE,                                                  \
	  IF(HAS(c->event, VMX_INFO_ERROR_CODE), !(v >> 16)), "bits 31:16 are 0")                  \
	X(length, ENTRY_INSTRUCTION_LENGTH, length_right(c, v),                                    \
	  "1 to 15 for software interrupts and exceptions (0 if IA32_VMX_MISC[30])")               \
	X(needs_if, GUEST_RFLAGS, IF(is_type(c, BF_EVENT_INTERRUPT), HAS(v, RFLAGS_IF)),           \
	  "IF is 1 when an external interrupt is injected")                                        \
	X(needs_no_shadow, GUEST_INTERRUPTIBILITY_STATE,                                           \
	  IF(is_type(c, BF_EVENT_INTERRUPT), !(v & (VMX_BLOCKING_STI | VMX_BLOCKING_MOV_SS))),     \
	  "no blocking by STI or MOV SS when an external interrupt is injected")                   \
	X(nmi_no_shadow, GUEST_INTERRUPTIBILITY_STATE,                                             \
	  IF(is_type(c, BF_EVENT_NMI), !(v & (VMX_BLOCKING_STI | VMX_BLOCKING_MOV_SS))),           \
	  "no blocking by MOV SS, and on some CPUs none by STI, when an NMI is injected")          \
	X(nmi_no_nmi, GUEST_INTERRUPTIBILITY_STATE,                                                \
	  IF(is_type(c, BF_EVENT_NMI) && PIN(VIRTUAL_NMIS), !(v & VMX_BLOCKING_NMI)),              \
	  "no blocking by NMI when an NMI is injected with \"virtual NMIs\"")                      \
	X(halted, GUEST_ACTIVITY_STATE,                                                            \
	  IF(injecting(c) && v == VMX_HLT,                                                         \
	     type_of(c) == BF_EVENT_INTERRUPT || type_of(c) == BF_EVENT_NMI ||                     \
		     type_of(c) == VMX_TYPE_OTHER ||                                               \
		     (type_of(c) == BF_EVENT_EXCEPTION &&                                          \
		      (vector(c) == BF_VECTOR_DB || vector(c) == BF_VECTOR_MC))),                  \
	  "only interrupts, NMIs, #DB, #MC and MTF exits are injected into the HLT state")         \
	X(shut_down, GUEST_ACTIVITY_STATE,                                                         \
	  IF(injecting(c) && v == VMX_SHUTDOWN,                                                    \
	     type_of(c) == BF_EVENT_NMI ||                                                         \
		     (type_of(c) == BF_EVENT_EXCEPTION && vector(c) == BF_VECTOR_MC)),             \
	  "only NMIs and #MC are injected into the shutdown state")                                \
	X(waiting, GUEST_ACTIVITY_STATE, IF(injecting(c), v != VMX_WAIT_FOR_SIPI),                 \
	  "nothing is injected into the wait-for-SIPI state")

RULE_TABLE(bf_vmx_event_rules, RULES)
