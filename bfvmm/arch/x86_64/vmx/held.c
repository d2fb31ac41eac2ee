/* SPDX-License-Identifier: MIT */
/* NMIs and interrupts that wait until the guest can take them. */
#include <bfvmm/msr.h>
#include <vmx/inject.h>

#define BLOCKING_SHADOW (VMX_BLOCKING_STI | VMX_BLOCKING_MOV_SS)

static bool virtual_nmis(void)
{
	return bf_vmx_caps.may[VMX_PIN] & VMX_PIN_VIRTUAL_NMIS;
}

/* Without virtual NMIs nothing tells whether the guest blocks the NMIs that are injected. */
bool bf_vmx_can_kick(void)
{
	return (bf_vmx_caps.may[VMX_PIN] & VMX_PIN_NMI_EXITING) && virtual_nmis();
}

/* They come at any instruction, but for those behind an exit for an NMI. */
void bf_vmx_take_nmis(void)
{
	bf_hw_unblock_nmis();
}

static void deliver_nmi(void)
{
	const struct bf_event nmi = {.type = BF_EVENT_NMI, .vector = BF_VECTOR_NMI};

	bf_vmx_program_event(&nmi);
}

static void set_late(struct bf_vcpu *vcpu, bool late)
{
	struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);

	if (v->nmi_late == late)
		return;
	v->nmi_late = late;
	bf_vmx_update_controls(vcpu);
}

/* Blocking by STI need not keep NMIs back, but some CPUs refuse to enter with both. */
static bool nmi_blocked(void)
{
	uint64_t blocking = bf_hw_vmread(VMCS_GUEST_INTERRUPTIBILITY_STATE);

	return bf_vmx_event_programmed() || (blocking & (BLOCKING_SHADOW | VMX_BLOCKING_NMI)) ||
	       bf_hw_vmread(VMCS_GUEST_ACTIVITY_STATE) == VMX_WAIT_FOR_SIPI;
}

/*
 * NMIs are the guest's own as long as it runs: NMI exiting is off, unless CPUs kick each other or
 * a hook wants to see NMIs. One that hits the VMM while the guest blocks NMIs turns it on, with
 * virtual NMIs and their window, until that is delivered. CPUs without virtual NMIs use the
 * interrupt window instead, in which a guest is hardly ever inside its NMI handler, and deliver
 * then.
 */
void bf_vmx_inject_nmi(struct bf_vcpu *vcpu)
{
	bool blocked = nmi_blocked();

	if (!blocked)
		deliver_nmi();
	set_late(vcpu, blocked);
}

void bf_vmx_nmi_window(struct bf_vcpu *vcpu)
{
	if (!bf_vmx_of(vcpu)->nmi_late)
		return;
	if (virtual_nmis()) {
		bf_vmx_inject_nmi(vcpu);
		return;
	}
	if (bf_vmx_event_programmed())
		return;
	deliver_nmi();
	set_late(vcpu, false);
}

void bf_vmx_hold(struct bf_vcpu *vcpu, uint8_t vector)
{
	bf_vmx_of(vcpu)->held[vector / 64] |= 1ull << vector % 64;
}

/* @return the highest vector held, -1 if none. */
static int highest(const struct bf_vmx_vcpu *v)
{
	for (int i = 3; i >= 0; i--)
		if (v->held[i])
			return 64 * i + 63 - __builtin_clzll(v->held[i]);
	return -1;
}

static bool takes_interrupts(void)
{
	return (bf_hw_vmread(VMCS_GUEST_RFLAGS) & RFLAGS_IF) &&
	       !(bf_hw_vmread(VMCS_GUEST_INTERRUPTIBILITY_STATE) & BLOCKING_SHADOW) &&
	       bf_hw_vmread(VMCS_GUEST_ACTIVITY_STATE) <= VMX_HLT && !bf_vmx_event_programmed();
}

void bf_vmx_deliver_held(struct bf_vcpu *vcpu)
{
	struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);
	int vector = highest(v);

	if (vector >= 0 && takes_interrupts()) {
		const struct bf_event event = {.type = BF_EVENT_INTERRUPT, .vector = vector};

		bf_vmx_program_event(&event);
		v->held[vector / 64] &= ~(1ull << vector % 64);
		vector = highest(v);
	}
	if (v->irq_window == (vector >= 0))
		return;
	v->irq_window = vector >= 0;
	bf_vmx_update_controls(vcpu);
}
