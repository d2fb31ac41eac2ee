/* SPDX-License-Identifier: MIT */
/*
 * Events for the guest (SDM volume 3, "VM-Entry Controls for Event Injection"). A VM entry
 * delivers one. An exception of the current instruction comes first, then NMIs, then
 * interrupts; what cannot be delivered now waits for a window.
 */
#include <bfvmm/event.h>
#include <bfvmm/msr.h>
#include <vmx/inject.h>

#define BIT(vector) (1u << (vector))

#define VECTOR_CP        21
#define VECTOR_LAST_CODE VECTOR_CP /* of those with an error code, on this kind of CPU */

/* Exceptions that are no faults, or not always: they leave RF alone. */
#define NOT_FAULTS (BIT(BF_VECTOR_DB) | BIT(BF_VECTOR_DF) | BIT(BF_VECTOR_MC))

#define DR7_GD         0x2000ull
#define DEBUGCTL_LBR   0x1ull
#define DEBUGCTL_BTF   0x2ull
#define DEBUGCTL_TR    0x40ull
#define MAX_ERROR_CODE 0xffffu

bool bf_vmx_event_programmed(void)
{
	return bf_hw_vmread(VMCS_ENTRY_INTERRUPTION_INFORMATION) & VMX_INFO_VALID;
}

static bool is_software(uint8_t type)
{
	return type == BF_EVENT_SOFT_INT || type == BF_EVENT_PRIV_SOFT ||
	       type == BF_EVENT_SOFT_EXCEPTION;
}

static bool pushes_error_code(const struct bf_event *event)
{
	if (event->type != BF_EVENT_EXCEPTION || event->vector > VECTOR_LAST_CODE ||
	    (event->vector == VECTOR_CP && !bf_vmx_caps.cet))
		return false;
	return bf_exception_has_error(event->vector);
}

static uint32_t error_code_bit(const struct bf_event *event)
{
	return pushes_error_code(event) && (bf_hw_vmread(VMCS_GUEST_CR0) & CR0_PE)
		       ? VMX_INFO_ERROR_CODE
		       : 0;
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
	else if (!(NOT_FAULTS >> event->vector & 1))
		bf_hw_vmwrite(VMCS_GUEST_RFLAGS, bf_hw_vmread(VMCS_GUEST_RFLAGS) | RFLAGS_RF);
}

/* The second exception while the first was being delivered. @return whether one is left */
static bool combine(struct bf_vcpu *vcpu, uint8_t first, struct bf_event *second)
{
	if (second->type != BF_EVENT_EXCEPTION)
		return true;
	switch (bf_exceptions_combine(first, second->vector)) {
	case BF_TRIPLE_FAULT:
		bf_hw_vmwrite(VMCS_ENTRY_INTERRUPTION_INFORMATION, 0);
		bf_triple_fault(vcpu);
		return false;
	case BF_DOUBLE_FAULT:
		*second = (struct bf_event){.type = BF_EVENT_EXCEPTION, .vector = BF_VECTOR_DF};
		return true;
	default:
		return true;
	}
}

/*
 * An event is already on its way: it was re-queued, or is the NMI of this exit. An exception of
 * the instruction goes first; a software interrupt comes again with its instruction.
 * @return whether @event is still to be delivered
 */
static bool displace(struct bf_vcpu *vcpu, struct bf_event *event)
{
	struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);
	uint32_t info = (uint32_t)bf_hw_vmread(VMCS_ENTRY_INTERRUPTION_INFORMATION);
	uint8_t vector = info & VMX_INFO_VECTOR;

	if (!(info & VMX_INFO_VALID))
		return true;
	switch ((info & VMX_INFO_TYPE) >> VMX_INFO_TYPE_SHIFT) {
	case BF_EVENT_NMI:
		v->nmi_late = true;
		break;
	case BF_EVENT_INTERRUPT:
		bf_vmx_hold(vcpu, vector);
		v->irq_window = true;
		break;
	case BF_EVENT_EXCEPTION:
		return combine(vcpu, vector, event);
	default:
		return true;
	}
	bf_vmx_update_controls(vcpu);
	return true;
}

/* A CPU that halts takes no exception of an instruction: it has to run for that. */
static void wake(void)
{
	if (bf_hw_vmread(VMCS_GUEST_ACTIVITY_STATE) == VMX_HLT)
		bf_hw_vmwrite(VMCS_GUEST_ACTIVITY_STATE, VMX_ACTIVE);
}

void bf_vmx_inject(struct bf_vcpu *vcpu)
{
	struct bf_event event;

	if (!bf_event_take(vcpu, &event))
		return;
	if (event.type == BF_EVENT_NMI) {
		bf_vmx_inject_nmi(vcpu);
	} else if (event.type == BF_EVENT_INTERRUPT) {
		bf_vmx_hold(vcpu, event.vector);
		bf_vmx_deliver_held(vcpu);
	} else if (displace(vcpu, &event)) {
		wake();
		side_effects(&event);
		bf_vmx_program_event(&event);
	}
}
