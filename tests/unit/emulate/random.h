/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Numbers that are the same in every run.
 */
#ifndef BF_RANDOM_H
#define BF_RANDOM_H

#include <stdint.h>

/** @return the next number of the sequence that @p seed, not 0, stands for (xorshift64*). */
static inline uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * 0x2545f4914f6cdd1dull;
}

/** @return a number below @p limit. */
static inline uint32_t random_below(uint64_t *seed, uint32_t limit)
{
	return (uint32_t)((random_next(seed) >> 32) * limit >> 32);
}

#endif
