/* SPDX-License-Identifier: MIT */
/*
 * Events for the guest (SDM volume 3, "VM-Entry Controls for Event Injection"). A VM entry
 * delivers one. An exception of the current instruction comes first, then NMIs, then
 * interrupts; what cannot be delivered now waits for a window.
 */
#include <bfvmm/msr.h>
#include <bfvmm/panic.h>
#include <vmx/inject.h>

#define BIT(vector) (1u << (vector))

#define VECTOR_CP 21
#define VECTOR_VE 20

/* SDM volume 3, table 6-5: the classes that double faults are made of. */
#define CONTRIBUTORY                                                                               \
	(BIT(BF_VECTOR_DE) | BIT(10) | BIT(11) | BIT(12) | BIT(BF_VECTOR_GP) | BIT(VECTOR_CP))
#define PAGE_FAULTS (BIT(BF_VECTOR_PF) | BIT(VECTOR_VE))

/* Exceptions that push an error code, in protected mode. */
#define WITH_ERROR_CODE                                                                            \
	(BIT(BF_VECTOR_DF) | BIT(10) | BIT(11) | BIT(12) | BIT(BF_VECTOR_GP) | BIT(BF_VECTOR_PF) | \
	 BIT(17) | BIT(VECTOR_CP))

/* Exceptions that are no faults, or not always: they leave RF alone. */
#define NOT_FAULTS (BIT(BF_VECTOR_DB) | BIT(BF_VECTOR_DF) | BIT(BF_VECTOR_MC))

#define DR7_GD         0x2000ull
#define DEBUGCTL_LBR   0x1ull
#define DEBUGCTL_BTF   0x2ull
#define DEBUGCTL_TR    0x40ull
#define MAX_ERROR_CODE 0xffffu

static bool in(uint32_t set, uint8_t vector)
{
	return vector < 32 && (set >> vector & 1);
}

bool bf_vmx_event_programmed(void)
{
	return bf_hw_vmread(VMCS_ENTRY_INTERRUPTION_INFORMATION) & VMX_INFO_VALID;
}

static bool is_software(uint8_t type)
{
	return type == BF_EVENT_SOFT_INT || type == BF_EVENT_PRIV_SOFT ||
	       type == BF_EVENT_SOFT_EXCEPTION;
}

static uint32_t error_code_bit(const struct bf_event *event)
{
	bool pushes = event->type == BF_EVENT_EXCEPTION && in(WITH_ERROR_CODE, event->vector);

	return pushes && (bf_hw_vmread(VMCS_GUEST_CR0) & CR0_PE) ? VMX_INFO_ERROR_CODE : 0;
}

void bf_vmx_program_event(const struct bf_event *event)
{
	uint32_t info = VMX_INFO_VALID | (uint32_t)event->type << VMX_INFO_TYPE_SHIFT |
			event->vector | error_code_bit(event);

	if (info & VMX_INFO_ERROR_CODE)
		bf_hw_vmwrite(VMCS_ENTRY_EXCEPTION_ERROR_CODE, event->error_code & MAX_ERROR_CODE);
	if (is_software(event->type))
		bf_hw_vmwrite(VMCS_ENTRY_INSTRUCTION_LENGTH, event->length);
	bf_hw_vmwrite(VMCS_ENTRY_INTERRUPTION_INFORMATION, info);
}

/* What a debug exception does besides, and VM entry does not. */
static void debug_exception(void)
{
	uint64_t debugctl = bf_hw_vmread(VMCS_GUEST_IA32_DEBUGCTL);
	uint64_t blocking = bf_hw_vmread(VMCS_GUEST_INTERRUPTIBILITY_STATE);

	/* Blocking ends with the delivery. VM entry insists that a single step be pending while
	 * TF is set and either blocks, although it would drop that. */
	bf_hw_vmwrite(VMCS_GUEST_INTERRUPTIBILITY_STATE,
		      blocking & ~(uint64_t)(VMX_BLOCKING_STI | VMX_BLOCKING_MOV_SS));
	bf_hw_vmwrite(VMCS_GUEST_DR7, bf_hw_vmread(VMCS_GUEST_DR7) & ~DR7_GD);
	bf_hw_vmwrite(VMCS_GUEST_IA32_DEBUGCTL,
		      debugctl & ~(DEBUGCTL_LBR | DEBUGCTL_BTF | DEBUGCTL_TR));
}

/* The RFLAGS that a fault pushes have RF set, so that IRET does not break there again. */
static void side_effects(const struct bf_event *event)
{
	if (event->type != BF_EVENT_EXCEPTION)
		return;
	if (event->vector == BF_VECTOR_DB)
		debug_exception();
	else if (!in(NOT_FAULTS, event->vector))
		bf_hw_vmwrite(VMCS_GUEST_RFLAGS, bf_hw_vmread(VMCS_GUEST_RFLAGS) | RFLAGS_RF);
}

/* The second exception while the first was being delivered: one of the two, or a double fault. */
static void combine(uint8_t first, struct bf_event *second)
{
	bool severe = in(CONTRIBUTORY | PAGE_FAULTS, second->vector);

	if (second->type != BF_EVENT_EXCEPTION)
		return;
	if (first == BF_VECTOR_DF && severe)
		bf_panic("triple fault: exception %u while a double fault is delivered",
			 second->vector);
	if ((in(CONTRIBUTORY, first) && in(CONTRIBUTORY, second->vector)) ||
	    (in(PAGE_FAULTS, first) && severe))
		*second = (struct bf_event){
			.type = BF_EVENT_EXCEPTION, .vector = BF_VECTOR_DF, .has_error = 1};
}

/*
 * An event is already on its way: it was re-queued, or is the NMI of this exit. An exception of
 * the instruction goes first; a software interrupt comes again with its instruction.
 */
static void displace(struct bf_vcpu *vcpu, struct bf_event *event)
{
	struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);
	uint32_t info = (uint32_t)bf_hw_vmread(VMCS_ENTRY_INTERRUPTION_INFORMATION);
	uint8_t vector = info & VMX_INFO_VECTOR;

	if (!(info & VMX_INFO_VALID))
		return;
	switch ((info & VMX_INFO_TYPE) >> VMX_INFO_TYPE_SHIFT) {
	case BF_EVENT_NMI:
		v->nmi_late = true;
		break;
	case BF_EVENT_INTERRUPT:
		bf_vmx_hold(vcpu, vector);
		v->irq_window = true;
		break;
	case BF_EVENT_EXCEPTION:
		combine(vector, event);
		return;
	default:
		return;
	}
	bf_vmx_update_controls(vcpu);
}

void bf_vmx_inject(struct bf_vcpu *vcpu)
{
	struct bf_event event = vcpu->event;

	if (event.type == BF_EVENT_NMI) {
		bf_vmx_inject_nmi(vcpu);
	} else if (event.type == BF_EVENT_INTERRUPT) {
		bf_vmx_hold(vcpu, event.vector);
		bf_vmx_deliver_held(vcpu);
	} else {
		displace(vcpu, &event);
		side_effects(&event);
		bf_vmx_program_event(&event);
	}
}
