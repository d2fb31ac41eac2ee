/* SPDX-License-Identifier: MIT */
/* The colder half of the exit path. */
#include <bareframe/log.h>
#include <bfvmm/call.h>
#include <bfvmm/dispatch.h>
#include <bfvmm/hooks.h>
#include <bfvmm/machine.h>
#include <bfvmm/panic.h>
#include <bfvmm/s2.h>

void bf_exit_verdict(struct bf_vcpu *vcpu, struct bf_exit *exit, enum bf_verdict verdict)
{
	switch (verdict) {
	case BF_DONE:
		return;
	case BF_SKIP:
		bf_hv->advance(vcpu);
		return;
	case BF_INJECT:
		bf_vcpu_pend(vcpu, BF_PENDING_EVENT);
		return;
	case BF_STOP:
		bf_panic("the control VM cannot go on: %s, raw exit 0x%x",
			 bf_exit_name(exit->reason), exit->raw);
	default:
		bf_panic("verdict %u of the handler for %s", verdict, bf_exit_name(exit->reason));
	}
}

void bf_vcpu_set_intercepts(struct bf_vcpu *vcpu)
{
	uint64_t keys[BF_EXIT_COUNT];

	bf_hooks_wanted(keys);
	for (uint32_t i = 0; i < BF_EXIT_COUNT; i++)
		(void)bf_hv->intercept(vcpu, i, keys[i]);
}

void bf_vcpu_pending(struct bf_vcpu *vcpu)
{
	/* The stub loads all registers after this. */
	(void)bf_vcpu_take(vcpu, BF_PENDING_REGS);
	/* Before the others: it may ask for any of them. */
	if (bf_vcpu_take(vcpu, BF_PENDING_CALL))
		bf_calls_serve();
	if (bf_vcpu_take(vcpu, BF_PENDING_STOP))
		bf_cpu_stop(vcpu);
	if (bf_vcpu_take(vcpu, BF_PENDING_RELEASE))
		bf_s2_release_due();
	if (bf_vcpu_take(vcpu, BF_PENDING_VIEW))
		bf_view_load(vcpu);
	if (bf_vcpu_take(vcpu, BF_PENDING_FLUSH))
		bf_hv->s2_flush(vcpu);
	if (bf_vcpu_take(vcpu, BF_PENDING_INTERCEPT))
		bf_vcpu_set_intercepts(vcpu);
	if (bf_vcpu_take(vcpu, BF_PENDING_EVENT))
		bf_hv->inject(vcpu);
	if (bf_vcpu_take(vcpu, BF_PENDING_NMI))
		bf_hv->inject_nmi(vcpu);
}

const char *bf_exit_name(uint32_t reason)
{
	static const char *const names[BF_EXIT_COUNT] = {
#define X(name, text) text,
		BF_EXIT_REASONS(X)
#undef X
	};

	return reason < BF_EXIT_COUNT ? names[reason] : "unknown";
}
