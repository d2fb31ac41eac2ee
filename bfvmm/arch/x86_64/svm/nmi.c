/* SPDX-License-Identifier: MIT */
/*
 * NMIs that exit (APM volume 2, 15.13 and 15.21). The NMI of an exit is still pending in the CPU:
 * the VMM takes it while it sets GIF for a moment, and injects it if it is the guest's. The CPU
 * does not block NMIs after an injected one; the intercept of IRET tells when that would end.
 */
#include <bfhw/hw.h>
#include <bfvmm/call.h>
#include <svm/svm.h>

bool bf_svm_can_kick(void)
{
	return true;
}

void bf_svm_take_nmis(void)
{
	bf_hw_stgi();
	bf_hw_unblock_nmis();
	bf_hw_clgi();
}

bool bf_svm_nmi_is_kick(struct bf_vcpu *vcpu)
{
	bf_svm_take_nmis();
	if (bf_vcpu_take(vcpu, BF_PENDING_NMI))
		return false;
	vcpu->exit_seq++;
	vcpu->exits[BF_EXIT_NMI]++;
	return true;
}

uint32_t bf_svm_nmi_intercepts(const struct bf_vcpu *vcpu)
{
	return (bf_kicks_on ? SVM_MISC1_NMI : 0) | (bf_svm(vcpu)->nmi_masked ? SVM_MISC1_IRET : 0);
}

static void set_masked(struct bf_vcpu *vcpu, bool masked)
{
	uint64_t now = bf_svm(vcpu)->vmcb.intercept_misc1;

	bf_svm(vcpu)->nmi_masked = masked;
	bf_svm_write(vcpu, SVM_INTERCEPT_MISC1,
		     masked ? now | SVM_MISC1_IRET : now & ~(uint64_t)SVM_MISC1_IRET);
}

void bf_svm_nmi_injected(struct bf_vcpu *vcpu)
{
	/* Others come to the guest directly, which the CPU then blocks itself. */
	if (bf_svm(vcpu)->vmcb.intercept_misc1 & SVM_MISC1_NMI)
		set_masked(vcpu, true);
}

/* The guest is about to end its handler: IRET itself is still to be executed. */
static enum bf_verdict iret(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);

	(void)exit;
	(void)ctx;
	set_masked(vcpu, false);
	if (!svm->held_nmi)
		return BF_DONE;
	svm->held_nmi = false;
	svm->blocked_nmi = true;
	bf_svm_open_window(vcpu);
	return BF_DONE;
}

const struct bf_slot bf_svm_iret_slot = {.fn = iret};
