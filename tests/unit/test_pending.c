/* SPDX-License-Identifier: MIT */
/* What waits for the next entry is done once, and not forgotten. */
#include <bareframe/vcpu.h>
#include <bfmock/guest.h>
#include <svm/exitcode.h>
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

static void svm_interrupt(struct bf_vcpu *vcpu, uint8_t vector)
{
	bf_vcpu_inject(vcpu, (struct bf_event){.type = BF_EVENT_INTERRUPT, .vector = vector});
	bf_vcpu_pend(vcpu, BF_PENDING_EVENT);
	bf_svm_pending(vcpu);
}

/* Interrupts that come while the guest takes none are all delivered, the highest first. */
static void svm_holds_interrupts(void **state)
{
	static const uint8_t order[] = {0xf3, 0x41, 0x31};
	const struct mock_exit window = {.reason = VMEXIT_VINTR};
	struct bf_vcpu *vcpu = start(&mock_amd);
	const union bf_vmcb *vmcb = &bf_svm(vcpu)->vmcb;

	(void)state;
	bf_vcpu_set(vcpu, BF_RFLAGS, 0x2);
	svm_interrupt(vcpu, 0x31);
	svm_interrupt(vcpu, 0xf3);
	svm_interrupt(vcpu, 0x41);
	expect_runs(vcpu, 1);
	bf_vcpu_set(vcpu, BF_RFLAGS, 0x202);
	for (size_t i = 0; i < sizeof(order); i++) {
		struct mock_result r = mock_guest_exit(vcpu, &window);

		assert_true(r.injected);
		assert_int_equal(r.type, BF_EVENT_INTERRUPT);
		assert_int_equal(r.vector, order[i]);
		assert_int_equal(!!(vmcb->vintr & SVM_VINTR_V_IRQ), i + 1 < sizeof(order));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(svm_settles),
		cmocka_unit_test(svm_holds_interrupts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
