/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Guards: a fault in an extension's code ends the call, not the machine.
 *
 * The stack of the guarded code is dropped as it is. That is safe as long as the code holds no
 * lock of the VMM: who does when it faults is not saved.
 */
#ifndef BFVMM_GUARD_H
#define BFVMM_GUARD_H

#include <bfvmm/vcpu.h>

struct bf_ext;
struct bf_link;

/** Result of bf_guarded() when the call did not end by itself; fn must never return it. */
#define BF_TRIPPED UINT64_MAX

/**
 * Calls @p fn(@p ctx) under a guard; guards nest.
 * @param guard  bf_pcpu.guard of this CPU
 * @return its result, or BF_TRIPPED
 */
uint64_t bf_guarded(uint64_t (*fn)(void *ctx), void *ctx, uint64_t *guard);

/** Has the innermost bf_guarded() return BF_TRIPPED; @p guard is what it left in bf_pcpu.guard. */
_Noreturn void bf_guard_unwind(uint64_t guard);

/**
 * For handlers of exceptions that code has brought upon itself: does not return if an extension
 * runs on this CPU under a guard. Returns if the VMM itself is at fault.
 */
void bf_guard_trip(const struct bf_trip *why);

/**
 * Calls @p fn(@p ctx), code of @p ext that belongs to no exit, under a guard.
 * @return its result; BF_TRIPPED if the extension is disabled now
 */
uint64_t bf_call_ext(struct bf_ext *ext, uint64_t (*fn)(void *ctx), void *ctx);

/** @return the extension whose code runs on this CPU, or for which the VMM's does; else NULL. */
struct bf_ext *bf_running_ext(void);

/** @return its name, "?" if there is none. */
const char *bf_running_name(void);

/** Names @p ext, once, as one that asks for more @p what than it can have. */
void bf_blame_hunger(struct bf_ext *ext, const char *what);

/** Reports what tripped the guard last on this CPU, names @p ext, and disables it. */
void bf_blame_trip(struct bf_ext *ext);

/** The same for a verdict that the hook @p link must not give. */
void bf_blame_verdict(const struct bf_link *link, uint32_t verdict);

#endif
