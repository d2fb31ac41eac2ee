/* SPDX-License-Identifier: MIT */
/*
 * Exits in the middle of the delivery of an event: the event would be lost (SDM volume 3,
 * "Information for VM Exits During Event Delivery"), so the next entry delivers it again.
 */
#include <vmx/vmx.h>

enum {
	RAW_EXCEPTION = 0,
	RAW_INTERRUPT = 1,
	RAW_APIC_ACCESS = 44,
	RAW_EPT_VIOLATION = 48,
	RAW_EPT_MISCONFIGURATION = 49,
	RAW_PML_FULL = 62,
	RAW_SUB_PAGE = 66,
};

/* What VM-entry information takes over: bit 12 of the other kinds means something else. */
#define INFO_REPEATED (~VMX_INFO_NMI_UNBLOCK)

#define QUALIFICATION_NMI_UNBLOCK 0x1000u

/* Task switches consume their event: what comes of it is for whoever emulates the switch. */
static bool may_interrupt_delivery(uint32_t raw)
{
	return raw == RAW_EXCEPTION || raw == RAW_APIC_ACCESS || raw == RAW_EPT_VIOLATION ||
	       raw == RAW_EPT_MISCONFIGURATION || raw == RAW_PML_FULL || raw == RAW_SUB_PAGE;
}

static void change_nmi_blocking(bool on)
{
	uint64_t old = bf_hw_vmread(VMCS_GUEST_INTERRUPTIBILITY_STATE);
	uint64_t blocking = old & ~(uint64_t)VMX_BLOCKING_NMI;

	bf_hw_vmwrite(VMCS_GUEST_INTERRUPTIBILITY_STATE,
		      on ? blocking | VMX_BLOCKING_NMI : blocking);
}

/* An IRET that faults has ended NMI blocking already; if it is executed again, it is to do so. */
static bool iret_unblocked(uint32_t raw)
{
	uint32_t info;

	if (raw == RAW_EPT_VIOLATION || raw == RAW_PML_FULL || raw == RAW_SUB_PAGE)
		return bf_hw_vmread(VMCS_EXIT_QUALIFICATION) & QUALIFICATION_NMI_UNBLOCK;
	if (raw != RAW_EXCEPTION)
		return false;
	info = (uint32_t)bf_hw_vmread(VMCS_EXIT_INTERRUPTION_INFORMATION);
	return (info & VMX_INFO_VECTOR) != BF_VECTOR_DF && (info & VMX_INFO_NMI_UNBLOCK);
}

static void repeat(uint32_t info)
{
	uint32_t type = (info & VMX_INFO_TYPE) >> VMX_INFO_TYPE_SHIFT;

	if (type == BF_EVENT_NMI)
		change_nmi_blocking(false);
	if (info & VMX_INFO_ERROR_CODE)
		bf_hw_vmwrite(VMCS_ENTRY_EXCEPTION_ERROR_CODE,
			      bf_hw_vmread(VMCS_IDT_VECTORING_ERROR_CODE));
	if (type >= BF_EVENT_SOFT_INT)
		bf_hw_vmwrite(VMCS_ENTRY_INSTRUCTION_LENGTH,
			      bf_hw_vmread(VMCS_EXIT_INSTRUCTION_LENGTH));
	bf_hw_vmwrite(VMCS_ENTRY_INTERRUPTION_INFORMATION, info & INFO_REPEATED);
}

/* NMIs and machine checks come between instructions, in front of a trap that is pending. */
static bool is_fault_like(uint32_t raw)
{
	uint32_t info;

	if (raw != RAW_EXCEPTION)
		return true;
	info = (uint32_t)bf_hw_vmread(VMCS_EXIT_INTERRUPTION_INFORMATION);
	return (info & VMX_INFO_TYPE) >> VMX_INFO_TYPE_SHIFT != BF_EVENT_NMI &&
	       (info & VMX_INFO_VECTOR) != BF_VECTOR_MC;
}

/*
 * A fault-like exit of an instruction leaves no trap pending but what MOV SS keeps back. Some CPUs
 * forget that, and would raise a single step before the instruction that is yet to be executed.
 * VM entry wants the trap if TF is set and STI or MOV SS blocks.
 */
static void forget_traps(void)
{
	uint64_t blocking = bf_hw_vmread(VMCS_GUEST_INTERRUPTIBILITY_STATE);

	if (!(blocking & (VMX_BLOCKING_STI | VMX_BLOCKING_MOV_SS)))
		bf_hw_vmwrite(VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS, 0);
}

/* The exit took an interrupt or an NMI from the CPU, and the hook delivers something else. */
static void keep(struct bf_vcpu *vcpu, uint32_t raw)
{
	uint32_t info = (uint32_t)bf_hw_vmread(VMCS_EXIT_INTERRUPTION_INFORMATION);

	if (!(info & VMX_INFO_VALID))
		return;
	if (raw == RAW_EXCEPTION) {
		if ((info & VMX_INFO_TYPE) >> VMX_INFO_TYPE_SHIFT == BF_EVENT_NMI)
			bf_vcpu_pend(vcpu, BF_PENDING_NMI);
		return;
	}
	bf_vmx_hold(vcpu, info & VMX_INFO_VECTOR);
	bf_vmx_deliver_held(vcpu);
}

void bf_vmx_requeue(struct bf_vcpu *vcpu, uint32_t raw, bool injects)
{
	uint32_t info;

	if (injects && (raw == RAW_EXCEPTION || raw == RAW_INTERRUPT))
		keep(vcpu, raw);
	/* An instruction that is done has left the traps that are its own. */
	if (!may_interrupt_delivery(raw) || bf_vmx_of(vcpu)->moved_seq == vcpu->exit_seq)
		return;
	if (is_fault_like(raw))
		forget_traps();
	info = (uint32_t)bf_hw_vmread(VMCS_IDT_VECTORING_INFORMATION);
	if (info & VMX_INFO_VALID)
		repeat(info);
	else if (!injects && iret_unblocked(raw))
		change_nmi_blocking(true);
}
