/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The VMM's side of hooks: the registry. Extensions use bareframe/hook.h.
 */
#ifndef BFVMM_HOOKS_H
#define BFVMM_HOOKS_H

#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bfabi/hypercall.h>
#include <bfvmm/vcpu.h>

struct bf_family;

/** What one CPU knows of an extension; a cache line of its own. */
struct bf_ext_stats {
	uint64_t calls;  /**< of its hooks */
	uint64_t cycles; /**< of the TSC, in the exits that are timed: one in BF_TIMED_EXITS */
} __attribute__((aligned(64)));

#define BF_TIMED_EXITS 64u

/** An extension's part of the block of data that a VM or a vCPU has for all extensions. */
struct bf_ext_part {
	uint64_t offset;
	uint64_t bytes; /**< 0: it has none */
};

/** An extension as the VMM keeps it. */
struct bf_ext {
	const struct bf_extension *descriptor;
	struct bf_ext *next;
	struct bf_ext_stats *stats; /**< one a CPU; there once it has a hook */
	bool disabled;              /**< it misbehaved; none of its code runs any more */
	bool hungry;                /**< it has been refused memory */
	uint32_t hooks;             /**< that it has now */
	struct bf_ext_part vm_data, vcpu_data;
};

/**
 * Fills @p page, all but what the caller sets, with the extensions from number @p first on.
 * @return how many
 */
uint32_t bf_ext_account(const struct bf_vm *vm, uint32_t first, struct bf_ext_page *page);

/** Before the first extension's init. */
void bf_ext_data_reset(void);

/** Makes the zeroed data of a fresh VM or vCPU. @return 0 or BF_ENOMEM */
int bf_ext_data_make_vm(struct bf_vm *vm);
int bf_ext_data_make_vcpu(struct bf_vcpu *vcpu);

void bf_ext_data_free_vm(struct bf_vm *vm);

/** What a hook is called by. */
enum bf_hook_kind {
	BF_HOOK_EXIT,  /**< every exit of a reason */
	BF_HOOK_EVERY, /**< every exit */
	BF_HOOK_TYPED, /**< exits of a family, in a range */
	BF_HOOK_LIFE   /**< life-cycle events */
};

struct bf_hook {
	struct bf_hook *next; /**< in the registry: in the order that they run in */
	uint64_t number;      /**< rises from 1 in order of registration; the handle */
	struct bf_ext *ext;
	enum bf_hook_kind kind;
	enum bf_vm_set vms;
	int priority;
	uint32_t point;                 /**< exit reason, or life event */
	const struct bf_family *family; /**< of a typed hook */
	enum bf_hook_stage stage;
	struct bf_range range;
	bf_any_fn fn;
	bf_any_fn inner; /**< see struct bf_link */
	uint32_t kinds;
	const struct bf_view *view;
	bf_life_fn life;
	void *ctx;
};

/** Forgets all hooks. */
void bf_hooks_reset(void);

/** Adds a copy of @p hook. @return 0 or BF_ENOMEM, BF_EINVAL, BF_ENOTSUP */
int bf_hook_add(const struct bf_hook *hook, struct bf_hook **handle);

/** Removes every hook of @p ext: from now on none of them is called. */
void bf_hooks_remove(struct bf_ext *ext);

/**
 * @return the first hook of @p kind at @p point, in running order, behind @p after (NULL: from the
 * start). Hooks on every exit are at every point. The registry has to be locked.
 */
struct bf_hook *bf_hook_next(const struct bf_hook *after, enum bf_hook_kind kind, uint32_t point);

/**
 * What hooks want to exit: @p keys gets, for each reason, a bit for each key that they want, keys
 * from 63 on in bit 63. All bits: every such exit.
 */
void bf_hooks_wanted(uint64_t keys[BF_EXIT_COUNT]);

/** Gives the backend the ranges that hooks want of @p vm, where it keeps bitmaps for them. */
void bf_hooks_apply_ranges(struct bf_vm *vm);

/** Calls the life-cycle hooks of @p event. */
void bf_life_event(enum bf_life_event event, uint32_t cpu);

/** Checks and initialises all extensions of the image. @return 0 or the first failure */
int bf_extensions_init(struct bf_report *report);

/** @return the first extension, of a list in the order of initialisation. */
struct bf_ext *bf_extensions(void);

/** Forgets all extensions. */
void bf_extensions_reset(void);

#endif
