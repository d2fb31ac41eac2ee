/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The data of the CPU that runs this code, found from the stack window that it runs on.
 */
#ifndef BFHW_THIS_CPU_H
#define BFHW_THIS_CPU_H

#include <bfabi/layout.h>
#include <bfabi/types.h>

struct bf_pcpu;

/** @return the pCPU; valid on every stack of the VMM, NULL before bf_pcpu_enter(). */
static inline struct bf_pcpu *bf_this_pcpu(void)
{
	uint64_t window = (uint64_t)__builtin_frame_address(0) & ~(BF_STACK_WINDOW - 1);

	return *(struct bf_pcpu **)(window + BF_STACK_INFO);
}

/** Makes @p pcpu the answer of bf_this_pcpu() on the window of the current stack. */
static inline void bf_set_this_pcpu(struct bf_pcpu *pcpu)
{
	uint64_t window = (uint64_t)__builtin_frame_address(0) & ~(BF_STACK_WINDOW - 1);

	*(struct bf_pcpu **)(window + BF_STACK_INFO) = pcpu;
}

#endif
