/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Chains: what a slot with hooks runs. Made from the registry, immutable once published but for
 * one thing: a link can be made to pass always.
 */
#ifndef BFVMM_CHAIN_H
#define BFVMM_CHAIN_H

#include <bfvmm/family.h>
#include <bfvmm/hooks.h>

/** A hook in a chain. */
struct bf_link {
	bf_any_fn fn; /**< changes to one that passes when the hook has gone */
	void *ctx;
	struct bf_ext_stats *stats; /**< of the extension, by vCPU */
	struct bf_ext *ext;
	uint64_t number; /**< of the hook */
	/** Of a hook on second-level faults: fn calls it for these kinds, in the view */
	bf_any_fn inner;
	const struct bf_view *view;
	uint32_t kinds;
};

/** Some links, as long as they pass. */
struct bf_links {
	const struct bf_link *first, *end;
};

/** The typed hooks for keys from @c first up to the next segment. */
struct bf_segment_links {
	uint64_t first;
	struct bf_links pre, post;
};

struct bf_chain {
	struct bf_slot slot;            /**< what vm->slots points to */
	const struct bf_slot *base;     /**< asked when all pass and there are no typed hooks */
	const struct bf_family *family; /**< NULL without typed hooks */
	struct bf_links exit;           /**< see bf_hook_exit(), bf_hook_every_exit() */
	uint32_t segments;              /**< at least 1 with a family; the first begins at 0 */
	struct bf_segment_links *segment;
	struct bf_chain *next_retired;
	uint64_t retired_at[BF_MAX_CPUS]; /**< exit_seq of each vCPU */
	uint64_t memory[];                /**< of segments and links */
};

/**
 * Makes the chain for @p reason from the registry, which has to be locked.
 * @return 0 with @p chain, NULL if there is no hook, or BF_ENOMEM
 */
int bf_chain_make(const struct bf_vm *vm, enum bf_exit_reason reason, struct bf_chain **chain);

/** Makes the slots of a fresh @p vm: defaults, with the hooks that are there. */
int bf_slots_init(struct bf_vm *vm);

/** Makes and publishes the slot for @p reason anew. @return 0 or BF_ENOMEM (nothing changed) */
int bf_slot_rebuild(struct bf_vm *vm, enum bf_exit_reason reason);

/** Has the hook @p number pass from now on wherever @p vm calls it for @p reason. */
void bf_slot_silence(struct bf_vm *vm, enum bf_exit_reason reason, uint64_t number);

/** Frees all chains; no CPU may run guests. */
void bf_slots_fini(struct bf_vm *vm);

/** The function of every slot with hooks; @p ctx is the chain. */
enum bf_verdict bf_chain_run(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);

#endif
