/* SPDX-License-Identifier: MIT */
/*
 * Accesses memory where it is not aligned. Plain accesses are allowed to; those of CMPXCHG16B are
 * not, and fault.
 */
#include "broken.h"

static uint64_t memory[8] __attribute__((aligned(64)));

static RAW enum bf_verdict act(struct bf_ext *ext)
{
	char *odd = (char *)memory + 3;

	(void)ext;
	*(volatile uint64_t *)odd += 1;
	__asm__ volatile("lock cmpxchg16b (%0)" ::"r"(odd), "a"(0), "d"(0), "b"(0), "c"(0)
			 : "memory", "cc");
	return BF_PASS;
}

BROKEN(unaligned, act);
