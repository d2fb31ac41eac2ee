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

static inline void bf_count_locks(uint32_t change)
{
	struct bf_pcpu *pcpu = bf_this_pcpu();

	if (pcpu)
		pcpu->locks += change;
}

static inline void bf_lock(struct bf_lock *lock)
{
	bf_count_locks(1);
	while (atomic_flag_test_and_set_explicit(&lock->held, memory_order_acquire))
		bf_hw_pause();
}

static inline void bf_unlock(struct bf_lock *lock)
{
	atomic_flag_clear_explicit(&lock->held, memory_order_release);
	bf_count_locks(-1u);
}

#endif
