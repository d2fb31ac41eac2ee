/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The hot path between a backend's exit stub and a handler, and the way back.
 *
 * A backend's C entry does, in this order:
 * @code
 *	exit.raw = …; exit.reason = table[…];
 *	verdict = bf_exit_dispatch(vcpu, &exit);
 *	if (verdict == BF_SKIP)
 *		advance(vcpu);
 *	else if (verdict != BF_DONE)
 *		bf_exit_verdict(vcpu, &exit, verdict);
 *	if (vcpu->pending)
 *		bf_vcpu_pending(vcpu);
 * @endcode
 * The stub then enters the guest. An NMI that comes between the test of @c pending and the
 * entry is seen by the NMI handler, which moves RIP back to the test (see nmi.h).
 */
#ifndef BFVMM_DISPATCH_H
#define BFVMM_DISPATCH_H

#include <bfvmm/vcpu.h>

/** Calls the handler of @p exit. */
static inline enum bf_verdict bf_exit_dispatch(struct bf_vcpu *vcpu, struct bf_exit *exit)
{
	const struct bf_slot *slot;

	vcpu->exit_seq++;
	vcpu->exits[exit->reason]++;
	slot = atomic_load_explicit(&vcpu->vm->slots[exit->reason], memory_order_acquire);
	return slot->fn(vcpu, exit, slot->ctx);
}

/** Carries out the rarer verdicts: BF_INJECT, BF_STOP, and complains of what is none. */
void bf_exit_verdict(struct bf_vcpu *vcpu, struct bf_exit *exit, enum bf_verdict verdict);

/** Does the work in @c vcpu->pending. May not return: BF_PENDING_STOP leaves the VMM. */
void bf_vcpu_pending(struct bf_vcpu *vcpu);

/** Asks the CPU for the exits that hooks want, and for no others that can be had without. */
void bf_vcpu_set_intercepts(struct bf_vcpu *vcpu);

/** @return the text of an enum bf_exit_reason. */
const char *bf_exit_name(uint32_t reason);

#endif
