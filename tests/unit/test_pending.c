/* SPDX-License-Identifier: MIT */
/* What waits for the next entry is done once, and not forgotten. */
#include <bareframe/vcpu.h>
#include <bfmock/guest.h>
#include <svm/svm.h>
#include "test.h"

static struct bf_vcpu *start(const struct mock_profile *profile)
{
	mock_reset(profile, 1);
	assert_int_equal(mock_vmm_start(""), 0);
	return mock_vcpu();
}

static void expect_runs(struct bf_vcpu *vcpu, int exits)
{
	while (exits--)
		assert_int_equal(mock_execute_cpuid(vcpu, 0, 0).end, MOCK_RETURNED);
}

/* One entry takes a flush and changed fields over; the next one asks for neither. */
static void svm_settles(void **state)
{
	struct bf_vcpu *vcpu = start(&mock_amd);
	const union bf_vmcb *vmcb = &bf_svm(vcpu)->vmcb;

	(void)state;
	expect_runs(vcpu, 2);
	assert_int_equal(vmcb->tlb_control, SVM_TLB_NOTHING);
	assert_int_equal(vmcb->clean, bf_svm_caps.clean);
	bf_svm_flush(vcpu);
	bf_svm_dirty(vcpu, SVM_CLEAN_ALL);
	bf_vcpu_regs(vcpu)->r12 = 1;
	bf_svm_pending(vcpu);
	assert_int_equal(vmcb->tlb_control, bf_svm_caps.flush);
	expect_runs(vcpu, 1);
	assert_int_equal(vmcb->tlb_control, SVM_TLB_NOTHING);
	assert_int_equal(vmcb->clean, bf_svm_caps.clean);
	assert_int_equal(atomic_load(&vcpu->pending), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(svm_settles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
