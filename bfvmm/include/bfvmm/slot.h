/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Slots: the one indirect call that an exit is dispatched through.
 */
#ifndef BFVMM_SLOT_H
#define BFVMM_SLOT_H

#include <bareframe/hook.h>

/** Slot of exits whose reason the backend has to find out: it then dispatches them by that. */
#define BF_EXIT_UNSORTED BF_EXIT_COUNT
#define BF_SLOT_COUNT    (BF_EXIT_COUNT + 1)

/** Handles an exit; never returns BF_PASS: behind it there is nobody left to ask. */
typedef enum bf_verdict (*bf_slot_fn)(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);

/** Immutable once published. */
struct bf_slot {
	bf_slot_fn fn;
	const void *ctx;
};

#endif
