/* SPDX-License-Identifier: MIT */
/*
 * Single-stepping the guest: by the monitor trap flag where there is one, else by RFLAGS.TF with
 * debug exceptions intercepted.
 */
#include <bfvmm/msr.h>
#include <vmx/vmx.h>

#define BLOCKING_SHADOW (VMX_BLOCKING_STI | VMX_BLOCKING_MOV_SS)

static bool has_trap_flag(void)
{
	return bf_vmx_caps.may[VMX_PROC] & VMX_PROC_MONITOR_TRAP_FLAG;
}

bool bf_vmx_steps_by_tf(const struct bf_vmx_vcpu *v)
{
	return v->stepping && !has_trap_flag();
}

uint64_t bf_vmx_rflags(struct bf_vcpu *vcpu)
{
	const struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);
	uint64_t rflags = bf_hw_vmread(VMCS_GUEST_RFLAGS);

	return bf_vmx_steps_by_tf(v) && !v->guest_tf ? rflags & ~RFLAGS_TF : rflags;
}

int bf_vmx_set_rflags(struct bf_vcpu *vcpu, uint64_t value)
{
	struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);

	v->guest_tf = value & RFLAGS_TF;
	if (bf_vmx_steps_by_tf(v))
		value |= RFLAGS_TF;
	return bf_hw_vmwrite_safe(VMCS_GUEST_RFLAGS, value) ? 0 : BF_EINVAL;
}

/* With TF set and a shadow, VM entry wants the step to be pending (SDM 27.3.1.5). */
static void set_tf(struct bf_vcpu *vcpu, bool on)
{
	struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);
	uint64_t rflags = bf_hw_vmread(VMCS_GUEST_RFLAGS);
	uint64_t pending = bf_hw_vmread(VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS);
	bool shadow = bf_hw_vmread(VMCS_GUEST_INTERRUPTIBILITY_STATE) & BLOCKING_SHADOW;

	if (on)
		v->guest_tf = rflags & RFLAGS_TF;
	rflags = on || v->guest_tf ? rflags | RFLAGS_TF : rflags & ~RFLAGS_TF;
	if (shadow && (rflags & RFLAGS_TF))
		pending |= VMX_PENDING_BS;
	else if (!(rflags & RFLAGS_TF))
		pending &= ~(uint64_t)VMX_PENDING_BS;
	bf_hw_vmwrite(VMCS_GUEST_RFLAGS, rflags);
	bf_hw_vmwrite(VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS, pending);
}

void bf_vmx_step(struct bf_vcpu *vcpu, bool on)
{
	struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);

	if (v->stepping == on)
		return;
	if (!has_trap_flag())
		set_tf(vcpu, on);
	v->stepping = on;
	bf_vmx_update_controls(vcpu);
}

bool bf_vmx_stepped(struct bf_vcpu *vcpu)
{
	const struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);

	return bf_vmx_steps_by_tf(v) && (bf_hw_vmread(VMCS_EXIT_QUALIFICATION) & VMX_PENDING_BS);
}

/* Nobody steps on. A step that is the guest's too becomes its debug exception. */
enum bf_verdict bf_vmx_step_ends(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	const struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);
	bool own = bf_vmx_steps_by_tf(v) && v->guest_tf;

	bf_vmx_step(vcpu, false);
	return own ? bf_vmx_reflect(vcpu, exit, ctx) : BF_DONE;
}
