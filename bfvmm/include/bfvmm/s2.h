/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Second-level tables: EPT or NPT, whichever the backend's format describes. Every view has
 * tables of its own; what they hold follows from RAM, memory types and rules alone.
 *
 * Rules, views and tables are guarded by one lock. They change while no CPU runs a guest: before
 * any does, or inside a rendezvous. Two things happen at any time: memory that is touched for the
 * first time is added, and a vCPU's private view, which nobody else runs on, is changed.
 */
#ifndef BFVMM_S2_H
#define BFVMM_S2_H

#include <bareframe/s2.h>
#include <bfvmm/hv.h>
#include <bfvmm/lock.h>

#define BF_S2_OF_HOOK   (1ull << 63)
#define BF_S2_OPEN_MAX  6u
#define BF_S2_SPARE_MAX (2u * BF_S2_OPEN_MAX)

/** What a rule is for. */
enum bf_s2_rule_kind {
	BF_S2_RULE_DENY,  /**< of bf_s2_deny() */
	BF_S2_RULE_HOOK,  /**< of bf_hook_s2() */
	BF_S2_RULE_MMIO,  /**< of bf_hook_mmio() */
	BF_S2_RULE_REMAP, /**< of bf_view_remap(): takes nothing */
	BF_S2_RULE_KINDS
};

/** A rule. Its range has whole pages. */
struct bf_s2_rule {
	struct bf_s2_rule *next;
	struct bf_ext *ext;
	const struct bf_view *view; /**< NULL: all views */
	struct bf_range range;
	enum bf_s2_rule_kind kind;
	uint32_t denied;
	uint64_t page;   /**< physical address of what a remap shows */
	uint64_t number; /**< the handle; of a hook: its number with BF_S2_OF_HOOK */
	bool over;       /**< was to end when that was not possible */
};

/** A page that a private view opens. */
struct bf_s2_open {
	uint64_t gpa;
	uint32_t rights; /**< that hooks do not take here */
};

/** Second-level tables. */
struct bf_view {
	struct bf_view *next;
	struct bf_ext *ext; /**< NULL: the VMM's own */
	uint64_t root;      /**< physical address, 0: not made yet */
	/**
	 * Of a private view, else NULL: what it is a copy of. Nothing but open pages can be
	 * executed in it.
	 */
	const struct bf_view *of;
	uint32_t vcpu; /**< its index, of a private view */
	uint32_t open_count;
	struct bf_s2_open open[BF_S2_OPEN_MAX];
	void *spare[BF_S2_SPARE_MAX]; /**< so that opening pages needs no allocation */
	uint32_t spares;
	bool opening; /**< take tables from there */
};

/** What the rules of a view come to. */
struct bf_s2_sum {
	uint32_t denied; /**< by rules of bf_s2_deny() */
	uint32_t hooked; /**< by those of hooks */
	bool mmio;       /**< some hook emulates a device here */
	uint64_t page;   /**< physical address of the page that the view shows, 0: the guest's */
};

/** Guards rules, views and tables. */
extern struct bf_lock bf_s2_lock;

/** Forgets all rules and views. */
void bf_s2_rules_reset(void);

/** Puts @p rule into the list, numbers it, or takes it out. Changes no table. Locked. */
void bf_s2_rule_link(struct bf_s2_rule *rule);
void bf_s2_rule_unlink(struct bf_s2_rule *rule);

/** @return the first rule, or the one with @p number, or NULL. Locked. */
struct bf_s2_rule *bf_s2_rules(void);
struct bf_s2_rule *bf_s2_rule_find(uint64_t number);

/**
 * Adds the rules of @p view for all of [gpa, gpa + bytes) up.
 * @return false if some rule is on a part of it only. Locked.
 */
bool bf_s2_sum(const struct bf_view *view, uint64_t gpa, uint64_t bytes, struct bf_s2_sum *sum);

/**
 * Builds the identity map of the control VM, in every view that there is: all RAM, and all else
 * below 4 GiB, with the memory types of this CPU's MTRRs, without the VMM's own memory, with the
 * rights that rules leave. Sets @c vm->s2_root to the base view's.
 * @return 0 or BF_ENOMEM
 */
int bf_s2_create(struct bf_vm *vm, const struct bf_s2_format *format);

/** Frees the tables of all views; no CPU may use them. */
void bf_s2_destroy(struct bf_vm *vm);

/** Makes the tables of @p view, and frees them. Locked. @return 0 or BF_ENOMEM */
int bf_s2_make_view(struct bf_view *view);
void bf_s2_free_view(struct bf_view *view);

/** @return the base view, with all others in a list behind it. */
struct bf_view *bf_s2_views(void);

/**
 * Has the tables of all views follow the rules in @p range. When rules have gone it cannot fail. No
 * CPU runs a guest. Locked.
 * @return 0 or BF_ENOMEM: take the new rules out, and call it again
 */
int bf_s2_apply(struct bf_range range);

/**
 * Makes @p gpa accessible in @p view after a fault that no rule explains: maps device memory above
 * 4 GiB on first use; puts a page of scrap under an address of the VMM, so that a stray access of
 * the control VM does no harm.
 * @return 0, BF_ENOMEM, or BF_EFAULT if the page was accessible already
 */
int bf_s2_fault_in(struct bf_view *view, uint64_t gpa);

/** As bf_s2_fault_in(), in the base view. */
int bf_s2_fault(struct bf_vm *vm, uint64_t gpa);

/** @return the leaf entry for @p gpa in the base view and its level, or 0. */
uint64_t bf_s2_lookup(const struct bf_vm *vm, uint64_t gpa, uint32_t *level);

/** @return the leaf entry for @p gpa, denied or not, 0 if there is none, and its level. */
uint64_t bf_s2_lookup_in(const struct bf_view *view, uint64_t gpa, uint32_t *level);

/** @return how a page's rights come out when @p rights are asked for; all without a format. */
uint32_t bf_s2_granted(uint32_t rights);

/** Gives back all rules and views of @p ext, now, or soon if a vCPU runs on this CPU. */
void bf_s2_release(struct bf_ext *ext);

/** Does what bf_s2_release() has put off: BF_PENDING_RELEASE. */
void bf_s2_release_due(void);

/**
 * Runs @p fn while no CPU runs a guest; all drop their translations afterwards.
 * @return as bf_rendezvous()
 */
int bf_s2_change(void (*fn)(uint32_t cpu, void *ctx), void *ctx);

/** @return whether @p ext may make changes now, and 0, or why not. In init, sees that it may. */
int bf_s2_may_change(const struct bf_ext *ext);

/** Adds a copy of @p from. @return 0 and its number, or as the functions of bareframe/s2.h */
int bf_s2_rule_add(const struct bf_s2_rule *from, uint64_t *number);

/** Ends the rule @p number. @return 0; BF_ENOENT; what bf_s2_change() returns */
int bf_s2_rule_end(uint64_t number);

/** The hook @p number is gone: so is its rule, now or, where that is impossible, soon. */
void bf_s2_unhooked(uint64_t number);

/** @return whether extensions may name this view. Locked. */
bool bf_view_is_listed(const struct bf_view *view);

/** Has the tables of @p view follow its open pages and the rules in @p range. Locked. */
int bf_s2_remake(struct bf_view *view, struct bf_range range);

/**
 * Private views, one a vCPU: there while there are hooks. @return 0 or BF_ENOMEM; nothing has
 * changed. Locked, as bf_s2_apply().
 */
int bf_s2_private_make(void);
/** Takes them away if no hook needs them any more. Locked. */
void bf_s2_private_trim(void);

/** Takes a view that goes out of use: vCPUs leave it, its tables are freed. Locked. */
void bf_view_drop(struct bf_view *view);

/** Has the backend use the tables that @p vcpu, which is current, is to run on. */
void bf_view_load(struct bf_vcpu *vcpu);

#endif
