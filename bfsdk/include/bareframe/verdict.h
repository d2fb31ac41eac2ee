/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What hooks of every kind have in common: verdicts, priorities, sets of VMs, ranges.
 */
#ifndef BAREFRAME_VERDICT_H
#define BAREFRAME_VERDICT_H

#include <bareframe/vcpu.h>

/** What a handler wants done. */
enum bf_verdict {
	BF_PASS,   /**< ask the next hook, in the end the default */
	BF_DONE,   /**< handled: resume where RIP is */
	BF_SKIP,   /**< handled: advance past the instruction */
	BF_INJECT, /**< deliver the event given to bf_vcpu_inject() */
	BF_STOP,   /**< this VM cannot go on */
	BF_VERDICT_COUNT
};

/** Hooks of one point run in rising order; equal priorities in order of registration. */
enum bf_priority {
	BF_PRIO_FIRST = 0,
	BF_PRIO_NORMAL = 500,
	BF_PRIO_LAST = 1000
};

/** Which VMs a hook is for. */
enum bf_vm_set {
	BF_CONTROL_VM = 1,
	BF_ALL_VMS = 3
};

/** An inclusive range of what a hook is about: leaves, ports, registers, addresses … */
struct bf_range {
	uint64_t first, last;
};

#define BF_RANGE(first_, last_) ((struct bf_range){(first_), (last_)})
#define BF_RANGE_ALL            BF_RANGE(0, UINT64_MAX)

#endif
