/* SPDX-License-Identifier: MIT */
/* WRMSR to EFER. */
#include <bfhw/hw.h>
#include <bfvmm/msr.h>
#include <svm/svm.h>

/* Bits that the VMM needs in its own EFER, whatever the guest wants in its. */
#define VMM_BITS (EFER_LME | EFER_LMA | EFER_SVME | EFER_NXE)

/*
 * Asks the CPU which bits it takes: there are more than CPUID tells, and implementations differ
 * in whether the others fault or are dropped. @return false if WRMSR raises \#GP
 */
static bool accepted(uint64_t value, uint64_t *result)
{
	uint64_t own = bf_hw_rdmsr(MSR_IA32_EFER);
	bool ok = bf_hw_wrmsr_safe(MSR_IA32_EFER, value | (own & VMM_BITS));

	*result = bf_hw_rdmsr(MSR_IA32_EFER) & value;
	bf_hw_wrmsr(MSR_IA32_EFER, own);
	return ok;
}

int bf_svm_write_efer(struct bf_vcpu *vcpu, uint64_t value)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	uint64_t efer;

	/* The guest has no SVM: SVME is a reserved bit. */
	if (value & EFER_SVME)
		return BF_INJECT;
	if ((v->cr0 & CR0_PG) && ((value ^ v->efer) & EFER_LME))
		return BF_INJECT;
	if (!accepted(value & ~EFER_LMA, &efer))
		return BF_INJECT;
	/* LMA is read-only. */
	efer = (efer & ~EFER_LMA) | (v->efer & EFER_LMA);
	(void)bf_svm_set(vcpu, BF_EFER, efer);
	return BF_SKIP;
}
