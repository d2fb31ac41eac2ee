/* SPDX-License-Identifier: MIT */
/*
 * Which exits happen. The controls are always made anew from what the backend needs, what
 * hooks want and which windows are open, so that no order of changes can leave one behind.
 */
#include <bfhw/phys.h>
#include <bfvmm/call.h>
#include <vmx/vmx.h>

enum knob_kind {
	NO_KNOB, /* VMX has no such exit, or not without more than a switch */
	ALWAYS,  /* happens whether wanted or not, or there is nothing to switch */
	CONTROL, /* a control */
	SPECIAL, /* a bitmap or a mask, see update() */
};

#define VMX_CONTROL(group_, name)                                                                  \
	{                                                                                          \
		CONTROL, VMX_##group_, (uint32_t)VMX_##group_##_##name                             \
	}

/*
 * How each reason is switched. Windows are opened by who needs one; a guest whose window is always
 * open would exit before each instruction and never execute it.
 */
static const struct knob {
	uint8_t kind;
	uint8_t group;
	uint32_t bits;
} knobs[BF_EXIT_COUNT] = {
	[BF_EXIT_EXCEPTION] = {SPECIAL, 0, 0},
	[BF_EXIT_EXTERNAL_INTERRUPT] = VMX_CONTROL(PIN, EXTERNAL_INTERRUPT_EXITING),
	[BF_EXIT_NMI] = VMX_CONTROL(PIN, NMI_EXITING),
	[BF_EXIT_MACHINE_CHECK] = {SPECIAL, 0, 0},
	[BF_EXIT_TRIPLE_FAULT] = {ALWAYS, 0, 0},
	[BF_EXIT_INIT] = {ALWAYS, 0, 0},
	[BF_EXIT_SIPI] = {ALWAYS, 0, 0},
	[BF_EXIT_INTERRUPT_WINDOW] = {ALWAYS, 0, 0},
	[BF_EXIT_NMI_WINDOW] = {ALWAYS, 0, 0},
	[BF_EXIT_TASK_SWITCH] = {ALWAYS, 0, 0},
	[BF_EXIT_CPUID] = {ALWAYS, 0, 0},
	[BF_EXIT_HYPERCALL] = {ALWAYS, 0, 0},
	[BF_EXIT_VIRT_INSTRUCTION] = {ALWAYS, 0, 0},
	[BF_EXIT_GETSEC] = {ALWAYS, 0, 0},
	[BF_EXIT_HLT] = VMX_CONTROL(PROC, HLT_EXITING),
	[BF_EXIT_INVD] = {ALWAYS, 0, 0},
	[BF_EXIT_WBINVD] = VMX_CONTROL(PROC2, WBINVD_EXITING),
	[BF_EXIT_INVLPG] = VMX_CONTROL(PROC, INVLPG_EXITING),
	[BF_EXIT_INVPCID] = VMX_CONTROL(PROC, INVLPG_EXITING),
	[BF_EXIT_RDPMC] = VMX_CONTROL(PROC, RDPMC_EXITING),
	[BF_EXIT_RDTSC] = VMX_CONTROL(PROC, RDTSC_EXITING),
	[BF_EXIT_RDTSCP] = VMX_CONTROL(PROC, RDTSC_EXITING),
	[BF_EXIT_CR_READ] = {SPECIAL, 0, 0},
	[BF_EXIT_CR_WRITE] = {SPECIAL, 0, 0},
	[BF_EXIT_DR_ACCESS] = VMX_CONTROL(PROC, MOV_DR_EXITING),
	[BF_EXIT_IO] = {SPECIAL, 0, 0},
	[BF_EXIT_RDMSR] = {SPECIAL, 0, 0},
	[BF_EXIT_WRMSR] = {SPECIAL, 0, 0},
	[BF_EXIT_MONITOR] = VMX_CONTROL(PROC, MONITOR_EXITING),
	[BF_EXIT_MWAIT] = VMX_CONTROL(PROC, MWAIT_EXITING),
	[BF_EXIT_PAUSE] = VMX_CONTROL(PROC, PAUSE_EXITING),
	[BF_EXIT_UMWAIT] = VMX_CONTROL(PROC, RDTSC_EXITING),
	[BF_EXIT_XSETBV] = {ALWAYS, 0, 0},
	[BF_EXIT_XSAVES] = {SPECIAL, 0, 0},
	[BF_EXIT_RDRAND] = VMX_CONTROL(PROC2, RDRAND_EXITING),
	[BF_EXIT_RDSEED] = VMX_CONTROL(PROC2, RDSEED_EXITING),
	[BF_EXIT_GDTR_IDTR] = VMX_CONTROL(PROC2, DESCRIPTOR_TABLE_EXITING),
	[BF_EXIT_LDTR_TR] = VMX_CONTROL(PROC2, DESCRIPTOR_TABLE_EXITING),
	[BF_EXIT_S2_FAULT] = {ALWAYS, 0, 0},
	[BF_EXIT_S2_MISCONFIG] = {ALWAYS, 0, 0},
	[BF_EXIT_SINGLE_STEP] = {ALWAYS, 0, 0}, /* see step.c */
	[BF_EXIT_PREEMPTION_TICK] = VMX_CONTROL(PIN, PREEMPTION_TIMER),
	[BF_EXIT_ENTRY_FAILURE] = {ALWAYS, 0, 0},
	[BF_EXIT_VENDOR] = {ALWAYS, 0, 0},
};

/* Control registers, by the bit of their number; writes of the other two go by masks. */
static const struct {
	uint32_t load, store;
} cr_controls[16] = {
	[3] = {VMX_PROC_CR3_LOAD_EXITING, VMX_PROC_CR3_STORE_EXITING},
	[8] = {VMX_PROC_CR8_LOAD_EXITING, VMX_PROC_CR8_STORE_EXITING},
};

#define MASKED_CRS (1u << 0 | 1u << 4)

/* Controls without which others must not or cannot be 1. */
static const struct {
	uint8_t group, needs_group;
	uint32_t bits, needs;
} needs[] = {
	{VMX_PROC, VMX_PIN, VMX_PROC_NMI_WINDOW_EXITING, VMX_PIN_VIRTUAL_NMIS},
	{VMX_PIN, VMX_PIN, VMX_PIN_VIRTUAL_NMIS, VMX_PIN_NMI_EXITING},
	{VMX_PIN, VMX_PIN, VMX_PIN_NMI_EXITING, VMX_PIN_VIRTUAL_NMIS},
	{VMX_PIN, VMX_EXIT, VMX_PIN_EXTERNAL_INTERRUPT_EXITING, VMX_EXIT_ACKNOWLEDGE_INTERRUPT},
	{VMX_PIN, VMX_EXIT, VMX_PIN_PREEMPTION_TIMER, VMX_EXIT_SAVE_PREEMPTION_TIMER},
};

static const uint32_t field_of[VMX_GROUPS] = {
	[VMX_PIN] = VMCS_PIN_BASED_CONTROLS,
	[VMX_PROC] = VMCS_PROCESSOR_CONTROLS,
	[VMX_PROC2] = VMCS_SECONDARY_PROCESSOR_CONTROLS,
	[VMX_EXIT] = VMCS_EXIT_CONTROLS,
};

#define VECTOR_BIT(vector) (1u << (vector))

static bool may(enum vmx_group group, uint32_t bits)
{
	return (bf_vmx_caps.may[group] & bits) == bits;
}

static bool xsaves(void)
{
	return bf_vmx_caps.use[VMX_PROC2] & VMX_PROC2_ENABLE_XSAVES;
}

/* Acknowledging is part of the exit, and NMIs need a virtual way back. */
static bool control_offered(const struct knob *knob)
{
	if (!may(knob->group, knob->bits))
		return false;
	for (uint32_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (needs[i].group == knob->group && (needs[i].bits & knob->bits) &&
		    !may(needs[i].needs_group, needs[i].needs))
			return false;
	return true;
}

static uint64_t can_cr(bool write)
{
	uint64_t keys = write ? MASKED_CRS : 0;

	for (uint32_t i = 0; i < 16; i++) {
		uint32_t bits = write ? cr_controls[i].load : cr_controls[i].store;

		if (bits && may(VMX_PROC, bits))
			keys |= 1ull << i;
	}
	return keys;
}

static uint64_t can_special(enum bf_exit_reason reason)
{
	switch (reason) {
	case BF_EXIT_CR_READ:
	case BF_EXIT_CR_WRITE:
		return can_cr(reason == BF_EXIT_CR_WRITE);
	case BF_EXIT_IO:
		return may(VMX_PROC, VMX_PROC_IO_BITMAPS) ||
				       may(VMX_PROC, VMX_PROC_UNCONDITIONAL_IO_EXITING)
			       ? UINT64_MAX
			       : 0;
	case BF_EXIT_XSAVES:
		return xsaves() ? UINT64_MAX : 0;
	default:
		return UINT64_MAX;
	}
}

uint64_t bf_vmx_can_intercept(enum bf_exit_reason reason)
{
	const struct knob *knob = &knobs[reason];

	switch (knob->kind) {
	case ALWAYS:
		return UINT64_MAX;
	case CONTROL:
		return control_offered(knob) ? UINT64_MAX : 0;
	case SPECIAL:
		return can_special(reason);
	default:
		return 0;
	}
}

static void base_controls(const struct bf_vmx_vcpu *v, uint32_t *ctl)
{
	for (int group = 0; group < VMX_GROUPS; group++)
		ctl[group] = bf_vmx_caps.use[group];
	if (!v->eptp)
		ctl[VMX_PROC2] &= ~(VMX_PROC2_ENABLE_EPT | VMX_PROC2_UNRESTRICTED_GUEST);
	if (v->stepping && !bf_vmx_steps_by_tf(v))
		ctl[VMX_PROC] |= VMX_PROC_MONITOR_TRAP_FLAG;
	if (bf_kicks_on)
		ctl[VMX_PIN] |= VMX_PIN_NMI_EXITING | VMX_PIN_VIRTUAL_NMIS;
	if (v->irq_window)
		ctl[VMX_PROC] |= VMX_PROC_INTERRUPT_WINDOW_EXITING;
	if (v->nmi_late && may(VMX_PIN, VMX_PIN_VIRTUAL_NMIS))
		ctl[VMX_PROC] |= VMX_PROC_NMI_WINDOW_EXITING;
	else if (v->nmi_late)
		ctl[VMX_PROC] |= VMX_PROC_INTERRUPT_WINDOW_EXITING;
}

static void add_wanted(const struct bf_vmx_vcpu *v, uint32_t *ctl)
{
	for (uint32_t reason = 0; reason < BF_EXIT_COUNT; reason++)
		if (bf_vmx_is_on(v, reason) && knobs[reason].kind == CONTROL)
			ctl[knobs[reason].group] |= knobs[reason].bits;
	for (uint32_t i = 0; i < 16; i++) {
		if (v->keys[BF_EXIT_CR_WRITE] >> i & 1)
			ctl[VMX_PROC] |= cr_controls[i].load & bf_vmx_caps.may[VMX_PROC];
		if (v->keys[BF_EXIT_CR_READ] >> i & 1)
			ctl[VMX_PROC] |= cr_controls[i].store & bf_vmx_caps.may[VMX_PROC];
	}
	if (bf_vmx_is_on(v, BF_EXIT_IO))
		ctl[VMX_PROC] |= may(VMX_PROC, VMX_PROC_IO_BITMAPS)
					 ? VMX_PROC_IO_BITMAPS
					 : VMX_PROC_UNCONDITIONAL_IO_EXITING;
	for (uint32_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (ctl[needs[i].group] & needs[i].bits)
			ctl[needs[i].needs_group] |= needs[i].needs;
}

/* VMX_ENTRY is not among them: the CPU itself changes it with the guest's mode. */
static void write_controls(struct bf_vmx_vcpu *v, const uint32_t *ctl)
{
	for (int group = 0; group < VMX_ENTRY; group++) {
		if (ctl[group] == v->ctl[group])
			continue;
		v->ctl[group] = ctl[group];
		if (group != VMX_PROC2 || may(VMX_PROC, VMX_PROC_SECONDARY_CONTROLS))
			bf_hw_vmwrite(field_of[group], ctl[group]);
	}
}

static uint32_t exception_bitmap(const struct bf_vmx_vcpu *v)
{
	uint32_t vectors = (uint32_t)v->keys[BF_EXIT_EXCEPTION];

	if (bf_vmx_steps_by_tf(v))
		vectors |= VECTOR_BIT(BF_VECTOR_DB);
	return vectors | (bf_vmx_is_on(v, BF_EXIT_MACHINE_CHECK) ? VECTOR_BIT(BF_VECTOR_MC) : 0);
}

static void write_bitmaps(struct bf_vcpu *vcpu)
{
	const struct bf_vmx_vm *vm = vcpu->vm->arch;
	const struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);

	bf_hw_vmwrite(VMCS_EXCEPTION_BITMAP, exception_bitmap(v));
	if (v->ctl[VMX_PROC] & VMX_PROC_MSR_BITMAPS)
		bf_hw_vmwrite(VMCS_MSR_BITMAPS, bf_virt_to_phys(vm->msr));
	if (v->ctl[VMX_PROC] & VMX_PROC_IO_BITMAPS) {
		bf_hw_vmwrite(VMCS_IO_BITMAP_A, bf_virt_to_phys(vm->io));
		bf_hw_vmwrite(VMCS_IO_BITMAP_B, bf_virt_to_phys(vm->io + BF_PAGE_SIZE));
	}
	if (xsaves())
		bf_hw_vmwrite(VMCS_XSS_EXITING_BITMAP,
			      bf_vmx_is_on(v, BF_EXIT_XSAVES) ? UINT64_MAX : 0);
}

void bf_vmx_update_controls(struct bf_vcpu *vcpu)
{
	struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);
	uint32_t ctl[VMX_GROUPS];

	base_controls(v, ctl);
	add_wanted(v, ctl);
	write_controls(v, ctl);
	write_bitmaps(vcpu);
	bf_vmx_update_cr_masks(vcpu);
}

int bf_vmx_intercept(struct bf_vcpu *vcpu, enum bf_exit_reason reason, uint64_t keys)
{
	struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);

	if (!bf_vmx_can_intercept(reason))
		return BF_ENOTSUP;
	if (keys == v->keys[reason])
		return 0;
	v->keys[reason] = keys;
	if (reason == BF_EXIT_PREEMPTION_TICK && keys)
		bf_hw_vmwrite(VMCS_VMX_PREEMPTION_TIMER_VALUE, VMX_TICK);
	bf_vmx_update_controls(vcpu);
	return 0;
}
