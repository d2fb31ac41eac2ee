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

/** This CPU is about to take a lock, and has given one back: see guard.h. */
void bf_lock_begins(void);
void bf_lock_ends(void);

static inline void bf_lock(struct bf_lock *lock)
{
	bf_lock_begins();
	while (atomic_flag_test_and_set_explicit(&lock->held, memory_order_acquire))
		bf_hw_pause();
}

static inline void bf_unlock(struct bf_lock *lock)
{
	atomic_flag_clear_explicit(&lock->held, memory_order_release);
	bf_lock_ends();
}

#endif
