/* SPDX-License-Identifier: MIT */
/*
 * The page-attribute table. With nested paging the guest has its own, in G_PAT; but there are
 * implementations that ignore G_PAT and have the guest write the one and only MSR. As the VMM
 * never writes that MSR, one that has changed since the launch is the guest's.
 */
#include <bfhw/hw.h>
#include <bfvmm/msr.h>
#include <svm/svm.h>

#define PAT_ENTRY_MAX 7u

static bool shared(const struct bf_svm_vcpu *svm, uint64_t msr)
{
	return !(svm->vmcb.np_enable & SVM_NP_ENABLE_BIT) || msr != svm->host_pat;
}

static bool valid(uint64_t pat)
{
	for (uint32_t i = 0; i < 64; i += 8) {
		uint64_t type = pat >> i & 0xff;

		if (type > PAT_ENTRY_MAX || type == 2 || type == 3)
			return false;
	}
	return true;
}

uint64_t bf_svm_pat(const struct bf_svm_vcpu *svm)
{
	uint64_t msr = bf_hw_rdmsr(MSR_IA32_PAT);

	return shared(svm, msr) ? msr : svm->vmcb.g_pat;
}

int bf_svm_set_pat(struct bf_vcpu *vcpu, uint64_t value)
{
	if (!valid(value))
		return BF_EINVAL;
	if (shared(bf_svm(vcpu), bf_hw_rdmsr(MSR_IA32_PAT)))
		bf_hw_wrmsr(MSR_IA32_PAT, value);
	bf_svm_write(vcpu, SVM_G_PAT, value);
	return 0;
}
