/* SPDX-License-Identifier: MIT */
/**
 * @file
 * A spin lock for cold paths. Interrupts are off in the VMM, so a holder is never preempted;
 * NMI handlers take no lock. A CPU knows how many it holds: see guard.h.
 */
#ifndef BFVMM_LOCK_H
#define BFVMM_LOCK_H

#include <stdatomic.h>
#include <bfhw/hw.h>
#include <bfhw/this_cpu.h>
#include <bfvmm/vcpu.h>

struct bf_lock {
	atomic_flag held;
};

#define BF_LOCK_INIT                                                                               \
	{                                                                                          \
		ATOMIC_FLAG_INIT                                                                   \
	}

/*
 * A stack that is nearly used up ends before the first lock is taken: what then faults is an
 * extension that can be disabled, not one that holds a lock.
 */
static inline void bf_lock(struct bf_lock *lock)
{
	struct bf_pcpu *pcpu = bf_this_pcpu();

	if (pcpu && !pcpu->locks)
		bf_hw_probe_stack();
	if (pcpu)
		pcpu->locks++;
	while (atomic_flag_test_and_set_explicit(&lock->held, memory_order_acquire))
		bf_hw_pause();
}

static inline void bf_unlock(struct bf_lock *lock)
{
	struct bf_pcpu *pcpu = bf_this_pcpu();

	atomic_flag_clear_explicit(&lock->held, memory_order_release);
	if (pcpu)
		pcpu->locks--;
}

#endif
