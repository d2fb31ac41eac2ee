/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What an extension did that no code may do.
 */
#ifndef BFVMM_TRIP_H
#define BFVMM_TRIP_H

#include <stdbool.h>
#include <bfabi/types.h>

/** An exception in code that runs under a guard. */
struct bf_trip {
	uint64_t vector, error_code;
	uint64_t rip;
	uint64_t address; /**< CR2, of \#PF and \#DF */
	bool stack;       /**< the stack has run into its guard page */
};

#endif
