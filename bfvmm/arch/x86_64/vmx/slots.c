/* SPDX-License-Identifier: MIT */
/* What happens by default at exits that only VT-x has, or has in its own way. */
#include <stddef.h>
#include <bareframe/log.h>
#include <bfvmm/call.h>
#include <bfvmm/defaults.h>
#include <bfvmm/dispatch.h>
#include <bfvmm/s2.h>
#include <vmx/inject.h>

#define INVPCID_LAST_TYPE 3

enum {
	RAW_CR_ACCESS = 28,
	RAW_ENCLS = 60,
	RAW_PCONFIG = 65,
	RAW_LOADIWKEY = 69,
	RAW_ENCLV = 70,
	RAW_ENQCMD = 72,
	RAW_ENQCMDS = 73,
	RAW_BUS_LOCK = 74,
	RAW_INSTRUCTION_TIMEOUT = 75,
	RAW_SEAMCALL = 76,
	RAW_TDCALL = 77,
	RAW_RDMSRLIST = 78,
	RAW_WRMSRLIST = 79,
};

/* As bf_exit_dispatch(), for the exit that is being dispatched: it counts once. */
static enum bf_verdict dispatch_as(struct bf_vcpu *vcpu, uint32_t raw, enum bf_exit_reason reason)
{
	struct bf_exit exit = {.reason = reason, .raw = raw};
	const struct bf_slot *slot;

	vcpu->exits[reason]++;
	slot = atomic_load_explicit(&vcpu->vm->slots[reason], memory_order_acquire);
	return slot->fn(vcpu, &exit, slot->ctx);
}

static enum bf_exit_reason exception_reason(struct bf_vcpu *vcpu)
{
	uint32_t info = (uint32_t)bf_hw_vmread(VMCS_EXIT_INTERRUPTION_INFORMATION);

	if ((info & VMX_INFO_TYPE) >> VMX_INFO_TYPE_SHIFT == BF_EVENT_NMI)
		return BF_EXIT_NMI;
	if ((info & VMX_INFO_VECTOR) == BF_VECTOR_MC &&
	    bf_vmx_is_on(bf_vmx_of(vcpu), BF_EXIT_MACHINE_CHECK))
		return BF_EXIT_MACHINE_CHECK;
	if ((info & VMX_INFO_VECTOR) == BF_VECTOR_DB && bf_vmx_stepped(vcpu))
		return BF_EXIT_SINGLE_STEP;
	return BF_EXIT_EXCEPTION;
}

static enum bf_exit_reason cr_reason(struct bf_vcpu *vcpu)
{
	struct bf_cr_access access;

	bf_vmx_decode_cr(vcpu, &access);
	return access.write ? BF_EXIT_CR_WRITE : BF_EXIT_CR_READ;
}

/*
 * An exception in the middle of an event's delivery is that of no instruction: there is none to
 * skip, but the event to deliver again.
 */
static enum bf_verdict exception(struct bf_vcpu *vcpu, uint32_t raw, enum bf_exit_reason reason)
{
	enum bf_verdict verdict = dispatch_as(vcpu, raw, reason);

	if (verdict == BF_SKIP && (bf_hw_vmread(VMCS_IDT_VECTORING_INFORMATION) & VMX_INFO_VALID))
		verdict = BF_DONE;
	return verdict;
}

/*
 * The exit has taken the NMI and blocks further ones until an IRET. A kick is of no interest to
 * hooks: what it announces is pending.
 */
static enum bf_verdict exception_or_nmi(struct bf_vcpu *vcpu, uint32_t raw)
{
	enum bf_exit_reason reason = exception_reason(vcpu);

	if (reason != BF_EXIT_NMI)
		return exception(vcpu, raw, reason);
	bool kick = bf_kick_take(vcpu->pcpu);

	bf_hw_unblock_nmis();
	if (!kick)
		return dispatch_as(vcpu, raw, reason);
	vcpu->exits[reason]++;
	return BF_DONE;
}

static enum bf_verdict unsorted(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	(void)ctx;
	if (exit->raw == RAW_CR_ACCESS)
		return dispatch_as(vcpu, exit->raw, cr_reason(vcpu));
	return exception_or_nmi(vcpu, exit->raw);
}

enum bf_verdict bf_vmx_vendor(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	(void)ctx;
	switch (exit->raw) {
	case RAW_BUS_LOCK:
	case RAW_INSTRUCTION_TIMEOUT:
		return BF_DONE;
	case RAW_ENCLS:
	case RAW_PCONFIG:
	case RAW_LOADIWKEY:
	case RAW_ENCLV:
	case RAW_ENQCMD:
	case RAW_ENQCMDS:
	case RAW_SEAMCALL:
	case RAW_TDCALL:
	case RAW_RDMSRLIST:
	case RAW_WRMSRLIST:
		bf_vcpu_inject_exception(vcpu, BF_VECTOR_UD, 0);
		return BF_INJECT;
	default:
		bf_error("vCPU %u: unknown exit, raw 0x%x, RIP 0x%lx", vcpu->index, exit->raw,
			 bf_hw_vmread(VMCS_GUEST_RIP));
		return BF_STOP;
	}
}

static enum bf_verdict entry_failure(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	(void)exit;
	(void)ctx;
	return bf_vmx_entry_failed(vcpu);
}

/* No kick: the NMI is the guest's. */
static enum bf_verdict nmi(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	(void)exit;
	(void)ctx;
	bf_vcpu_pend(vcpu, BF_PENDING_NMI);
	return BF_DONE;
}

static enum bf_verdict nmi_window(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	(void)exit;
	(void)ctx;
	bf_vmx_nmi_window(vcpu);
	return BF_DONE;
}

static enum bf_verdict interrupt_window(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	(void)exit;
	(void)ctx;
	if (!(bf_vmx_caps.may[VMX_PIN] & VMX_PIN_VIRTUAL_NMIS))
		bf_vmx_nmi_window(vcpu);
	bf_vmx_deliver_held(vcpu);
	return BF_DONE;
}

/* The exit has acknowledged the interrupt: the guest has to get it. */
static enum bf_verdict interrupt(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	uint32_t info = (uint32_t)bf_hw_vmread(VMCS_EXIT_INTERRUPTION_INFORMATION);

	(void)exit;
	(void)ctx;
	if (info & VMX_INFO_VALID)
		bf_vmx_hold(vcpu, info & VMX_INFO_VECTOR);
	bf_vmx_deliver_held(vcpu);
	return BF_DONE;
}

static enum bf_verdict misconfigured(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	uint64_t gpa = bf_hw_vmread(VMCS_GUEST_PHYSICAL_ADDRESS);
	uint32_t level = 0;
	uint64_t entry = bf_s2_lookup(vcpu->vm, gpa, &level);

	(void)exit;
	(void)ctx;
	bf_error("vCPU %u: EPT entry 0x%lx of level %u for 0x%lx is misconfigured", vcpu->index,
		 entry, level, gpa);
	return BF_STOP;
}

static enum bf_verdict tick(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	(void)vcpu;
	(void)exit;
	(void)ctx;
	bf_hw_vmwrite(VMCS_VMX_PREEMPTION_TIMER_VALUE, VMX_TICK);
	return BF_DONE;
}

/* Drops more than it must: every translation of the guest, whatever the type. */
static enum bf_verdict invpcid(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	uint32_t info = (uint32_t)bf_hw_vmread(VMCS_EXIT_INSTRUCTION_INFORMATION);
	uint64_t type = bf_gpr_get(vcpu, info >> 28);

	(void)exit;
	(void)ctx;
	if (!bf_vmx_in_64bit_code(vcpu))
		type = (uint32_t)type;
	/* Some CPUs let the exit come before what user space gets. */
	if (bf_vcpu_get(vcpu, BF_CPL) || type > INVPCID_LAST_TYPE)
		return bf_raise_gp(vcpu);
	bf_vmx_flush_vpid(vcpu);
	return BF_SKIP;
}

static const struct bf_slot slots[BF_SLOT_COUNT] = {
	[BF_EXIT_EXCEPTION] = {.fn = bf_vmx_reflect},
	[BF_EXIT_MACHINE_CHECK] = {.fn = bf_vmx_reflect},
	[BF_EXIT_EXTERNAL_INTERRUPT] = {.fn = interrupt},
	[BF_EXIT_NMI] = {.fn = nmi},
	[BF_EXIT_INIT] = {.fn = bf_vmx_init_signal},
	[BF_EXIT_SIPI] = {.fn = bf_vmx_sipi},
	[BF_EXIT_INTERRUPT_WINDOW] = {.fn = interrupt_window},
	[BF_EXIT_NMI_WINDOW] = {.fn = nmi_window},
	[BF_EXIT_S2_MISCONFIG] = {.fn = misconfigured},
	[BF_EXIT_SINGLE_STEP] = {.fn = bf_vmx_step_ends},
	[BF_EXIT_PREEMPTION_TICK] = {.fn = tick},
	[BF_EXIT_ENTRY_FAILURE] = {.fn = entry_failure},
	[BF_EXIT_INVPCID] = {.fn = invpcid},
	[BF_EXIT_VENDOR] = {.fn = bf_vmx_vendor},
	[BF_EXIT_UNSORTED] = {.fn = unsorted},
};

const struct bf_slot *bf_vmx_slot(enum bf_exit_reason reason)
{
	return reason < BF_SLOT_COUNT && slots[reason].fn ? &slots[reason] : NULL;
}
