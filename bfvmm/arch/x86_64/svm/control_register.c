/* SPDX-License-Identifier: MIT */
#include <bfhw/hw.h>
#include <bfvmm/msr.h>
#include <svm/control_register.h>
#include <svm/svm.h>

#define CR3_PCID     0xfffull
#define CR3_NO_FLUSH (1ull << 63)

enum {
	EBX,
	ECX,
	EDX
};

/* Which CPUID bit announces which bit of CR4 (APM volume 3, appendix E). */
static const struct {
	uint8_t cr4_bit, leaf, reg, bit;
} announced[] = {
	{0, 1, EDX, 1},   /* VME */
	{1, 1, EDX, 1},   /* PVI */
	{2, 1, EDX, 4},   /* TSD */
	{3, 1, EDX, 2},   /* DE */
	{4, 1, EDX, 3},   /* PSE */
	{5, 1, EDX, 6},   /* PAE */
	{6, 1, EDX, 7},   /* MCE */
	{7, 1, EDX, 13},  /* PGE */
	{8, 1, EDX, 0},   /* PCE has no bit of its own */
	{9, 1, EDX, 24},  /* OSFXSR */
	{10, 1, EDX, 25}, /* OSXMMEXCPT */
	{11, 7, ECX, 2},  /* UMIP */
	{12, 7, ECX, 16}, /* LA57 */
	{16, 7, EBX, 0},  /* FSGSBASE */
	{17, 1, ECX, 17}, /* PCIDE */
	{18, 1, ECX, 26}, /* OSXSAVE */
	{20, 7, EBX, 7},  /* SMEP */
	{21, 7, EBX, 20}, /* SMAP */
	{22, 7, ECX, 3},  /* PKE */
	{23, 7, ECX, 7},  /* CET: shadow stacks */
	{23, 7, EDX, 20}, /* CET: indirect-branch tracking */
	{24, 7, ECX, 31}, /* PKS */
};

uint64_t bf_svm_cr4_bits(void)
{
	struct bf_hw_cpuid leaf[8] = {[1] = bf_hw_cpuid(1, 0), [7] = bf_hw_cpuid(7, 0)};
	uint64_t bits = bf_svm_caps.live_cr4;

	if (bf_hw_cpuid(0, 0).eax < 7)
		leaf[7] = (struct bf_hw_cpuid){0};
	for (uint32_t i = 0; i < sizeof(announced) / sizeof(announced[0]); i++) {
		const struct bf_hw_cpuid *l = &leaf[announced[i].leaf];
		const uint32_t regs[] = {[EBX] = l->ebx, [ECX] = l->ecx, [EDX] = l->edx};

		if (regs[announced[i].reg] >> announced[i].bit & 1)
			bits |= 1ull << announced[i].cr4_bit;
	}
	return bits;
}

static bool changes(uint64_t old, uint64_t value, uint64_t bits)
{
	return (old ^ value) & bits;
}

static bool cr0_allowed(const union bf_vmcb *v, uint64_t value)
{
	bool paging_on = (value & CR0_PG) && !(v->cr0 & CR0_PG);

	if (value >> 32)
		return false;
	if ((value & CR0_PG) && !(value & CR0_PE))
		return false;
	if ((value & CR0_NW) && !(value & CR0_CD))
		return false;
	if (paging_on && (v->efer & EFER_LME) &&
	    (!(v->cr4 & CR4_PAE) || bf_svm_access(v->cs_attrib) & BF_AR_L))
		return false;
	/* Paging cannot be left from 64-bit mode or with PCIDs on. */
	if (!(value & CR0_PG) && (v->cr0 & CR0_PG) && (v->cr4 & CR4_PCIDE))
		return false;
	if (!(value & CR0_PG) && (v->efer & EFER_LMA) && bf_svm_access(v->cs_attrib) & BF_AR_L)
		return false;
	return (value & CR0_WP) || !(v->cr4 & CR4_CET);
}

int bf_svm_set_cr0(struct bf_vcpu *vcpu, uint64_t value)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	uint64_t efer = v->efer & ~EFER_LMA;

	if (!cr0_allowed(v, value))
		return BF_EINVAL;
	if ((efer & EFER_LME) && (value & CR0_PG))
		efer |= EFER_LMA;
	if (changes(v->cr0, value, CR0_PG | CR0_WP | CR0_PE))
		bf_svm_flush(vcpu);
	bf_svm_write(vcpu, SVM_EFER, efer);
	bf_svm_write(vcpu, SVM_CR0, value);
	return 0;
}

int bf_svm_set_cr3(struct bf_vcpu *vcpu, uint64_t value)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;

	if (v->cr4 & CR4_PCIDE)
		value &= ~CR3_NO_FLUSH;
	if ((v->efer & EFER_LMA) && value >> bf_svm_caps.pa_bits)
		return BF_EINVAL;
	bf_svm_flush(vcpu);
	bf_svm_write(vcpu, SVM_CR3, value);
	return 0;
}

static bool cr4_allowed(const union bf_vmcb *v, uint64_t value)
{
	bool pcide_on = (value & CR4_PCIDE) && !(v->cr4 & CR4_PCIDE);

	if (value & ~bf_svm_cr4_bits())
		return false;
	if (v->efer & EFER_LMA) {
		if (!(value & CR4_PAE) || changes(v->cr4, value, CR4_LA57))
			return false;
	} else if (pcide_on) {
		return false;
	}
	if (pcide_on && (v->cr3 & CR3_PCID))
		return false;
	return (v->cr0 & CR0_WP) || !(value & CR4_CET);
}

int bf_svm_set_cr4(struct bf_vcpu *vcpu, uint64_t value)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;

	if (!cr4_allowed(v, value))
		return BF_EINVAL;
	bf_svm_flush(vcpu);
	bf_svm_write(vcpu, SVM_CR4, value);
	return 0;
}
