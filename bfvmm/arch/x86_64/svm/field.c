/* SPDX-License-Identifier: MIT */
/* The neutral fields of a vCPU, and how a change gets from the VMCB into the CPU. */
#include <bfhw/hw.h>
#include <bfvmm/msr.h>
#include <svm/control_register.h>
#include <svm/exit_info.h>
#include <svm/svm.h>

#define SEGMENT(NAME)                                                                              \
	[BF_##NAME##_SELECTOR] = SVM_##NAME##_SELECTOR, [BF_##NAME##_BASE] = SVM_##NAME##_BASE,    \
	[BF_##NAME##_LIMIT] = SVM_##NAME##_LIMIT, [BF_##NAME##_ACCESS] = SVM_##NAME##_ATTRIB

/* 0 (INTERCEPT_CR_READ, which is no neutral field): not a plain field of the VMCB. */
static const uint8_t plain[BF_FIELD_COUNT] = {
	[BF_RIP] = SVM_RIP,
	[BF_RSP] = SVM_RSP,
	[BF_RFLAGS] = SVM_RFLAGS,
	[BF_CR0] = SVM_CR0,
	[BF_CR2] = SVM_CR2,
	[BF_CR3] = SVM_CR3,
	[BF_CR4] = SVM_CR4,
	[BF_EFER] = SVM_EFER,
	[BF_DR6] = SVM_DR6,
	[BF_DR7] = SVM_DR7,
	[BF_PAT] = SVM_G_PAT,
	[BF_DEBUGCTL] = SVM_DBGCTL,
	[BF_TSC_OFFSET] = SVM_TSC_OFFSET,
	[BF_SYSENTER_CS] = SVM_SYSENTER_CS,
	[BF_SYSENTER_ESP] = SVM_SYSENTER_ESP,
	[BF_SYSENTER_EIP] = SVM_SYSENTER_EIP,
	SEGMENT(ES),
	SEGMENT(CS),
	SEGMENT(SS),
	SEGMENT(DS),
	SEGMENT(FS),
	SEGMENT(GS),
	SEGMENT(LDTR),
	SEGMENT(TR),
	[BF_GDTR_BASE] = SVM_GDTR_BASE,
	[BF_GDTR_LIMIT] = SVM_GDTR_LIMIT,
	[BF_IDTR_BASE] = SVM_IDTR_BASE,
	[BF_IDTR_LIMIT] = SVM_IDTR_LIMIT,
	[BF_CPL] = SVM_CPL,
};

static bool is_access(enum bf_field field)
{
	return field >= BF_ES_ACCESS && field <= BF_TR_ACCESS;
}

static uint64_t debugctl(const struct bf_svm_vcpu *svm)
{
	uint64_t value = svm->vmcb.dbgctl;

	/* Without LBR virtualization the guest writes the MSR itself. */
	if (!(svm->vmcb.lbr_virtualization & SVM_LBR_ENABLE_BIT))
		(void)bf_hw_rdmsr_safe(MSR_IA32_DEBUGCTL, &value);
	return value;
}

uint64_t bf_svm_get(struct bf_vcpu *vcpu, enum bf_field field)
{
	const struct bf_svm_vcpu *svm = bf_svm(vcpu);
	uint64_t value;

	switch (field) {
	case BF_EFER:
		return svm->vmcb.efer & ~EFER_SVME;
	case BF_RFLAGS:
		return svm->stepping && !svm->guest_tf ? svm->vmcb.rflags & ~RFLAGS_TF
						       : svm->vmcb.rflags;
	case BF_CR8: /* V_INTR_MASKING is off: the guest has the real task priority */
		return bf_hw_read_cr8();
	case BF_PAT:
		return bf_svm_pat(svm);
	case BF_DEBUGCTL:
		return debugctl(svm);
	case BF_SHADOW:
		return svm->vmcb.interrupt_shadow & SVM_INTERRUPT_SHADOW_BIT;
	default:
		break;
	}
	if (field >= BF_FIELD_COUNT || !plain[field])
		return bf_svm_exit_info(vcpu, field);
	value = bf_vmcb_read(&svm->vmcb, plain[field]);
	return is_access(field) ? bf_svm_access((uint16_t)value) : value;
}

static int set_cpl(struct bf_vcpu *vcpu, uint64_t value)
{
	union bf_vmcb *v = &bf_svm(vcpu)->vmcb;

	if (value > 3)
		return BF_EINVAL;
	bf_svm_write(vcpu, SVM_CPL, value);
	/* Some implementations take the CPL from SS.DPL, which is the same thing. */
	bf_svm_write(vcpu, SVM_SS_ATTRIB, (v->ss_attrib & ~(uint64_t)BF_AR_DPL) | value << 5);
	return 0;
}

static int set_debugctl(struct bf_vcpu *vcpu, uint64_t value)
{
	bf_svm_write(vcpu, SVM_DBGCTL, value);
	if (bf_svm_caps.lbrv)
		return 0;
	return bf_hw_wrmsr_safe(MSR_IA32_DEBUGCTL, value) ? 0 : BF_EINVAL;
}

static int set_cr8(uint64_t value)
{
	if (value > 0xf)
		return BF_EINVAL;
	bf_hw_write_cr8(value);
	return 0;
}

int bf_svm_set(struct bf_vcpu *vcpu, enum bf_field field, uint64_t value)
{
	switch (field) {
	case BF_CR0:
		return bf_svm_set_cr0(vcpu, value);
	case BF_CR3:
		return bf_svm_set_cr3(vcpu, value);
	case BF_CR4:
		return bf_svm_set_cr4(vcpu, value);
	case BF_CR8:
		return set_cr8(value);
	case BF_EFER:
		bf_svm_write(vcpu, SVM_EFER, value | EFER_SVME);
		bf_svm_flush(vcpu);
		return 0;
	case BF_RFLAGS:
		bf_svm(vcpu)->guest_tf = value & RFLAGS_TF;
		bf_svm_write(vcpu, SVM_RFLAGS, bf_svm(vcpu)->stepping ? value | RFLAGS_TF : value);
		return 0;
	case BF_PAT:
		return bf_svm_set_pat(vcpu, value);
	case BF_DEBUGCTL:
		return set_debugctl(vcpu, value);
	case BF_CPL:
		return set_cpl(vcpu, value);
	case BF_SHADOW:
		bf_svm_write(vcpu, SVM_INTERRUPT_SHADOW, !!(value & 3));
		return 0;
	default:
		break;
	}
	if (field >= BF_FIELD_COUNT || !plain[field])
		return BF_EINVAL;
	bf_svm_write(vcpu, plain[field], is_access(field) ? bf_svm_attrib((uint32_t)value) : value);
	return 0;
}
