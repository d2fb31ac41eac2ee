/* SPDX-License-Identifier: MIT */
/* vCPU fields by neutral name. */
#include <bfvmm/msr.h>
#include <vmx/vmx.h>

#define SHADOW_BITS (VMX_BLOCKING_STI | VMX_BLOCKING_MOV_SS | VMX_BLOCKING_NMI)

enum {
	RAW_EXCEPTION = 0,
	RAW_INVLPG = 14
};

/* CPL is the DPL of SS, whatever the mode (SDM 25.4.1). */
#define AR_DPL_SHIFT 5
#define AR_DPL_MASK  3

#define SEGMENT(name)                                                                              \
	[BF_##name##_SELECTOR] = VMCS_GUEST_##name##_SELECTOR,                                     \
	[BF_##name##_BASE] = VMCS_GUEST_##name##_BASE,                                             \
	[BF_##name##_LIMIT] = VMCS_GUEST_##name##_LIMIT,                                           \
	[BF_##name##_ACCESS] = VMCS_GUEST_##name##_ACCESS_RIGHTS

/* Fields that are one field of the VMCS. 0, which is none of the guest's, where they are not. */
static const uint16_t direct[BF_FIELD_COUNT] = {
	SEGMENT(ES),
	SEGMENT(CS),
	SEGMENT(SS),
	SEGMENT(DS),
	SEGMENT(FS),
	SEGMENT(GS),
	SEGMENT(LDTR),
	SEGMENT(TR),
	[BF_RIP] = VMCS_GUEST_RIP,
	[BF_RSP] = VMCS_GUEST_RSP,
	[BF_CR3] = VMCS_GUEST_CR3,
	[BF_DR7] = VMCS_GUEST_DR7,
	[BF_DEBUGCTL] = VMCS_GUEST_IA32_DEBUGCTL,
	[BF_TSC_OFFSET] = VMCS_TSC_OFFSET,
	[BF_SYSENTER_CS] = VMCS_GUEST_IA32_SYSENTER_CS,
	[BF_SYSENTER_ESP] = VMCS_GUEST_IA32_SYSENTER_ESP,
	[BF_SYSENTER_EIP] = VMCS_GUEST_IA32_SYSENTER_EIP,
	[BF_GDTR_BASE] = VMCS_GUEST_GDTR_BASE,
	[BF_GDTR_LIMIT] = VMCS_GUEST_GDTR_LIMIT,
	[BF_IDTR_BASE] = VMCS_GUEST_IDTR_BASE,
	[BF_IDTR_LIMIT] = VMCS_GUEST_IDTR_LIMIT,
	[BF_EXIT_REASON] = VMCS_EXIT_REASON,
	[BF_EXIT_QUALIFICATION] = VMCS_EXIT_QUALIFICATION,
	[BF_EXIT_LENGTH] = VMCS_EXIT_INSTRUCTION_LENGTH,
	[BF_EXIT_GPA] = VMCS_GUEST_PHYSICAL_ADDRESS,
	[BF_EXIT_INTERRUPTION] = VMCS_EXIT_INTERRUPTION_INFORMATION,
	[BF_EXIT_ERROR_CODE] = VMCS_EXIT_INTERRUPTION_ERROR_CODE,
	[BF_EXIT_VECTORING] = VMCS_IDT_VECTORING_INFORMATION,
	[BF_EXIT_VECTORING_ERROR] = VMCS_IDT_VECTORING_ERROR_CODE,
};

static uint64_t pat(void)
{
	return bf_vmx_caps.pat ? bf_hw_vmread(VMCS_GUEST_IA32_PAT) : bf_hw_rdmsr(MSR_IA32_PAT);
}

static uint64_t cpl(void)
{
	return bf_hw_vmread(VMCS_GUEST_SS_ACCESS_RIGHTS) >> AR_DPL_SHIFT & AR_DPL_MASK;
}

/* Of page faults and INVLPG, too, which have it in the qualification. */
static uint64_t linear_address(void)
{
	uint16_t reason = (uint16_t)bf_hw_vmread(VMCS_EXIT_REASON);
	bool qualified = reason == RAW_EXCEPTION || reason == RAW_INVLPG;

	return bf_hw_vmread(qualified ? VMCS_EXIT_QUALIFICATION : VMCS_GUEST_LINEAR_ADDRESS);
}

static uint64_t get_special(struct bf_vcpu *vcpu, enum bf_field field)
{
	switch (field) {
	case BF_CR0:
		return bf_vmx_cr0(vcpu);
	case BF_CR2:
		return bf_hw_read_cr2();
	case BF_CR4:
		return bf_vmx_cr4(vcpu);
	case BF_CR8:
		return bf_hw_read_cr8();
	case BF_EFER:
		return bf_vmx_efer(vcpu);
	case BF_DR6:
		return bf_hw_read_dr6();
	case BF_RFLAGS:
		return bf_vmx_rflags(vcpu);
	case BF_PAT:
		return pat();
	case BF_CPL:
		return cpl();
	case BF_SHADOW:
		return bf_hw_vmread(VMCS_GUEST_INTERRUPTIBILITY_STATE) & SHADOW_BITS;
	case BF_EXIT_GVA:
		return linear_address();
	default:
		return 0;
	}
}

uint64_t bf_vmx_get(struct bf_vcpu *vcpu, enum bf_field field)
{
	uint64_t value = 0;

	if (field >= BF_FIELD_COUNT)
		return 0;
	if (!direct[field])
		return get_special(vcpu, field);
	(void)bf_hw_vmread_safe(direct[field], &value);
	return value;
}

static int set_cr8(uint64_t value)
{
	if (value > 0xf)
		return BF_EINVAL;
	bf_hw_write_cr8(value);
	return 0;
}

static int set_pat(struct bf_vcpu *vcpu, uint64_t value)
{
	int verdict = bf_vmx_write_msr(vcpu, MSR_IA32_PAT, value);

	if (verdict == BF_PASS)
		verdict = bf_hw_wrmsr_safe(MSR_IA32_PAT, value) ? BF_SKIP : BF_INJECT;
	return verdict == BF_SKIP ? 0 : BF_EINVAL;
}

static int set_shadow(uint64_t value)
{
	uint64_t old = bf_hw_vmread(VMCS_GUEST_INTERRUPTIBILITY_STATE);

	bf_hw_vmwrite(VMCS_GUEST_INTERRUPTIBILITY_STATE,
		      (old & ~(uint64_t)SHADOW_BITS) | (value & SHADOW_BITS));
	return 0;
}

static int set_special(struct bf_vcpu *vcpu, enum bf_field field, uint64_t value)
{
	switch (field) {
	case BF_CR0:
		return bf_vmx_set_cr0(vcpu, value);
	case BF_CR2:
		bf_hw_write_cr2(value);
		return 0;
	case BF_CR3:
		return bf_vmx_set_cr3(vcpu, value);
	case BF_CR4:
		return bf_vmx_set_cr4(vcpu, value);
	case BF_CR8:
		return set_cr8(value);
	case BF_EFER:
		return bf_vmx_set_efer(vcpu, value);
	case BF_DR6:
		bf_hw_write_dr6(value);
		return 0;
	case BF_RFLAGS:
		return bf_vmx_set_rflags(vcpu, value);
	case BF_PAT:
		return set_pat(vcpu, value);
	case BF_SHADOW:
		return set_shadow(value);
	default:
		return BF_EINVAL;
	}
}

int bf_vmx_set(struct bf_vcpu *vcpu, enum bf_field field, uint64_t value)
{
	if (field >= BF_FIELD_COUNT)
		return BF_EINVAL;
	if (!direct[field] || field == BF_CR3)
		return set_special(vcpu, field, value);
	if (vmcs_class(direct[field]) != VMCS_GUEST && field != BF_TSC_OFFSET)
		return BF_EINVAL;
	return bf_hw_vmwrite_safe(direct[field], value) ? 0 : BF_EINVAL;
}
