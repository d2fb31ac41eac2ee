/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Sets of CPUs that several CPUs change at once.
 */
#ifndef BFVMM_CPUSET_H
#define BFVMM_CPUSET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <bfabi/layout.h>
#include <bfabi/types.h>

#define BF_CPUSET_WORDS (BF_MAX_CPUS / 64)

struct bf_cpuset {
	_Atomic uint64_t word[BF_CPUSET_WORDS];
};

static inline uint64_t bf_cpuset_bit(uint32_t cpu)
{
	return 1ull << cpu % 64;
}

static inline bool bf_cpuset_has(const struct bf_cpuset *set, uint32_t cpu)
{
	return atomic_load(&set->word[cpu / 64]) & bf_cpuset_bit(cpu);
}

static inline void bf_cpuset_add(struct bf_cpuset *set, uint32_t cpu)
{
	atomic_fetch_or(&set->word[cpu / 64], bf_cpuset_bit(cpu));
}

/** Takes @p cpu out. @return whether it was in: only one of several that try sees true */
static inline bool bf_cpuset_take(struct bf_cpuset *set, uint32_t cpu)
{
	uint64_t bit = bf_cpuset_bit(cpu);

	return atomic_fetch_and(&set->word[cpu / 64], ~bit) & bit;
}

static inline bool bf_cpuset_empty(const struct bf_cpuset *set)
{
	uint64_t all = 0;

	for (uint32_t i = 0; i < BF_CPUSET_WORDS; i++)
		all |= atomic_load(&set->word[i]);
	return !all;
}

/** Makes @p to what @p from is, word by word. */
static inline void bf_cpuset_copy(struct bf_cpuset *to, const struct bf_cpuset *from)
{
	for (uint32_t i = 0; i < BF_CPUSET_WORDS; i++)
		atomic_store(&to->word[i], atomic_load(&from->word[i]));
}

/**
 * @return the first CPU in @p set from @p cpu on, or BF_MAX_CPUS:
 * for (c = bf_cpuset_next(s, 0); c < BF_MAX_CPUS; c = bf_cpuset_next(s, c + 1))
 */
static inline uint32_t bf_cpuset_next(const struct bf_cpuset *set, uint32_t cpu)
{
	while (cpu < BF_MAX_CPUS) {
		uint64_t left = atomic_load(&set->word[cpu / 64]) >> cpu % 64;

		if (left)
			return cpu + (uint32_t)__builtin_ctzll(left);
		cpu = (cpu / 64 + 1) * 64;
	}
	return BF_MAX_CPUS;
}

#endif
