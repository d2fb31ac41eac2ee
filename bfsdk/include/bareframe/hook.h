/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Hooks: how an extension takes part in exits and life-cycle events. Hooks that know the operands
 * of an instruction are in typed.h.
 */
#ifndef BAREFRAME_HOOK_H
#define BAREFRAME_HOOK_H

#include <bareframe/exit.h>
#include <bareframe/typed.h>
#include <bareframe/verdict.h>
#include <bfabi/error.h>

/** How many hooks an extension can have at a time; beyond that registration fails, BF_ENOMEM. */
#define BF_HOOKS_MAX 512

/** Sees an exit; its operands are read with bf_vcpu_get(). */
typedef enum bf_verdict (*bf_exit_fn)(struct bf_vcpu *vcpu, struct bf_exit *exit, void *ctx);

/**
 * Runs @p fn before the typed hooks and the default handling of every exit with @p reason, and
 * asks the CPU for all of those exits while the hook is there.
 *
 * Context: as typed hooks.
 * @param ctx	  the caller's, passed to @p fn
 * @param handle  receives the hook for bf_unhook(), may be NULL
 * @return 0, BF_EINVAL, BF_ENOMEM, BF_ENOTSUP if this CPU cannot make such exits, or if the VMM
 * could not carry out the instruction when @p fn passes it on
 */
int bf_hook_exit(struct bf_ext *ext, enum bf_vm_set vms, enum bf_exit_reason reason, bf_exit_fn fn,
		 void *ctx, int priority, struct bf_hook **handle);

/**
 * Runs @p fn at every exit that happens, before the hooks on its reason; asks the CPU for no exit
 * that would not happen without it.
 *
 * @return 0, BF_EINVAL, BF_ENOMEM
 */
int bf_hook_every_exit(struct bf_ext *ext, enum bf_vm_set vms, bf_exit_fn fn, void *ctx,
		       int priority, struct bf_hook **handle);

/**
 * Removes a hook, and gives back the exits that nobody else wants; NULL is ignored. Callable from
 * the hook itself. The hook may still be running on another CPU when this returns; it does not
 * run again at an exit that begins later.
 */
void bf_unhook(struct bf_hook *hook);

/** Moments in the VMM's life; see bf_hook_event(). */
enum bf_life_event {
	BF_LIFE_CPU_START, /**< on the CPU, before its first entry */
	BF_LIFE_CPU_STOP,  /**< on the CPU, after its last exit */
	BF_LIFE_VMM_STOP,  /**< once, after the last CPU has gone bare */
	BF_LIFE_COUNT
};

/** @p cpu is the index of the CPU, 0 for BF_LIFE_VMM_STOP. */
typedef void (*bf_life_fn)(enum bf_life_event event, uint32_t cpu, void *ctx);

/** Calls @p fn at each @p event. @return 0, BF_EINVAL, BF_ENOMEM */
int bf_hook_event(struct bf_ext *ext, enum bf_life_event event, bf_life_fn fn, void *ctx,
		  struct bf_hook **handle);

#endif
