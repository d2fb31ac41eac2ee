/* SPDX-License-Identifier: MIT */
/* MSRs whose value for the guest is not the one in the CPU. */
#include <stddef.h>
#include <bareframe/log.h>
#include <bfhw/hw.h>
#include <bfvmm/msr.h>
#include <svm/svm.h>

#define VM_CR_LOCK     (1u << 3)
#define VM_CR_SVMDIS   (1u << 4)
#define VM_CR_RESERVED (~0x1full)

/* After an exit the CPU has the VMM's values of these; VMLOAD gives the guest its own. */
static const struct switched {
	uint32_t msr;
	uint8_t field; /* enum svm_field */
	bool canonical;
} switched[] = {
	{MSR_IA32_FS_BASE, SVM_FS_BASE, true},
	{MSR_IA32_GS_BASE, SVM_GS_BASE, true},
	{MSR_IA32_KERNEL_GS_BASE, SVM_KERNEL_GS_BASE, true},
	{MSR_IA32_STAR, SVM_STAR, false},
	{MSR_IA32_LSTAR, SVM_LSTAR, true},
	{MSR_IA32_CSTAR, SVM_CSTAR, true},
	{MSR_IA32_FMASK, SVM_SFMASK, false},
	{MSR_IA32_SYSENTER_CS, SVM_SYSENTER_CS, false},
	{MSR_IA32_SYSENTER_ESP, SVM_SYSENTER_ESP, false},
	{MSR_IA32_SYSENTER_EIP, SVM_SYSENTER_EIP, false},
};

/* The same, on CPUs that have them in the VMCB. */
static const struct switched spec_ctrl = {MSR_SPEC_CTRL, SVM_SPEC_CTRL, false};
static const struct switched shadow_stack[] = {
	{MSR_IA32_S_CET, SVM_S_CET, false},
	{MSR_IA32_INTERRUPT_SSP_TABLE, SVM_ISST_ADDR, true},
};

static const struct switched *find(uint32_t msr)
{
	if (bf_svm_caps.spec_ctrl && msr == MSR_SPEC_CTRL)
		return &spec_ctrl;
	for (uint32_t i = 0; bf_svm_caps.shadow_stack && i < 2; i++)
		if (shadow_stack[i].msr == msr)
			return &shadow_stack[i];
	for (uint32_t i = 0; i < sizeof(switched) / sizeof(switched[0]); i++)
		if (switched[i].msr == msr)
			return &switched[i];
	return NULL;
}

static bool canonical(const union bf_vmcb *v, uint64_t value)
{
	uint32_t unused = v->cr4 & CR4_LA57 ? 7 : 16;

	return (uint64_t)((int64_t)(value << unused) >> unused) == value;
}

static uint64_t read_vm_cr(void)
{
	uint64_t value = 0;

	(void)bf_hw_rdmsr_safe(MSR_VM_CR, &value);
	return value | VM_CR_LOCK | VM_CR_SVMDIS;
}

int bf_svm_read_msr(struct bf_vcpu *vcpu, uint32_t msr, uint64_t *value)
{
	const struct switched *s = find(msr);

	if (s) {
		*value = bf_vmcb_read(&bf_svm(vcpu)->vmcb, s->field);
		return BF_SKIP;
	}
	switch (msr) {
	case MSR_IA32_EFER:
		*value = bf_svm_get(vcpu, BF_EFER);
		return BF_SKIP;
	case MSR_IA32_PAT:
		*value = bf_svm_get(vcpu, BF_PAT);
		return BF_SKIP;
	case MSR_IA32_DEBUGCTL:
		*value = bf_svm_get(vcpu, BF_DEBUGCTL);
		return BF_SKIP;
	case MSR_VM_CR:
		*value = read_vm_cr();
		return BF_SKIP;
	case MSR_VM_HSAVE_PA:
		*value = *bf_svm_guest_hsave(vcpu->pcpu);
		return BF_SKIP;
	default:
		return BF_PASS;
	}
}

static int write_switched(struct bf_vcpu *vcpu, const struct switched *s, uint64_t value)
{
	if (s->canonical && !canonical(&bf_svm(vcpu)->vmcb, value))
		return BF_INJECT;
	bf_svm_write(vcpu, s->field, value);
	return BF_SKIP;
}

static int write_hsave(struct bf_vcpu *vcpu, uint64_t value)
{
	if (value & (BF_PAGE_SIZE - 1) || value >> bf_svm_caps.pa_bits)
		return BF_INJECT;
	*bf_svm_guest_hsave(vcpu->pcpu) = value;
	return BF_SKIP;
}

static int write_patch_loader(uint64_t value)
{
	bf_warn("microcode update (patch at 0x%lx) ignored: load it before the VMM", value);
	return BF_SKIP;
}

int bf_svm_write_msr(struct bf_vcpu *vcpu, uint32_t msr, uint64_t value)
{
	const struct switched *s = find(msr);

	if (s)
		return write_switched(vcpu, s, value);
	switch (msr) {
	case MSR_IA32_EFER:
		return bf_svm_write_efer(vcpu, value);
	case MSR_IA32_PAT:
		return bf_svm_set(vcpu, BF_PAT, value) ? BF_INJECT : BF_SKIP;
	case MSR_IA32_DEBUGCTL:
		return bf_svm_set(vcpu, BF_DEBUGCTL, value) ? BF_INJECT : BF_SKIP;
	case MSR_VM_CR: /* SVMDIS is locked: the rest is of no consequence */
		return value & VM_CR_RESERVED ? BF_INJECT : BF_SKIP;
	case MSR_VM_HSAVE_PA:
		return write_hsave(vcpu, value);
	case MSR_PATCH_LOADER:
		return write_patch_loader(value);
	default:
		return BF_PASS;
	}
}
