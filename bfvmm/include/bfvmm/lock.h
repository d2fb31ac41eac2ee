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

struct bf_lock {
	atomic_flag held;
};

#define BF_LOCK_INIT                                                                               \
	{                                                                                          \
		ATOMIC_FLAG_INIT                                                                   \
	}

/** Changes the number of locks that this CPU holds. */
void bf_count_locks(int32_t change);

static inline void bf_lock(struct bf_lock *lock)
{
	bf_count_locks(1);
	while (atomic_flag_test_and_set_explicit(&lock->held, memory_order_acquire))
		bf_hw_pause();
}

static inline void bf_unlock(struct bf_lock *lock)
{
	atomic_flag_clear_explicit(&lock->held, memory_order_release);
	bf_count_locks(-1);
}

#endif
