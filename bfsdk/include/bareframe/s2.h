/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Second-level access control: which guest-physical pages a guest may read, write and execute, and
 * what it finds there. Second-level tables are EPT (SDM volume 3, chapter 29) or NPT (APM volume
 * 2, 15.25).
 *
 * A *rule* takes rights from a range of pages. Any number of rules, of any number of extensions,
 * may lie on a page: a right is there if no rule takes it. What ends a rule gives back what no
 * other rule takes. Large pages are split for rules that need it, and merged when those end.
 *
 * A *view* is a set of second-level tables beside the base view, in which all vCPUs start. It
 * begins as a copy of the guest's memory with the rules for all views; it may have rules of its
 * own, and may show other pages in place of the guest's. Each vCPU runs on one view at a time.
 *
 * When a function here that changes something returns, no CPU uses an old translation any more:
 * all CPUs are brought into the VMM, the tables are changed, and each CPU drops what it has
 * cached before it enters its guest again. All that an extension has is given back when it is
 * disabled.
 *
 * An access that a rule of bf_s2_deny() forbids raises \#GP(0), and is named in the log, unless a
 * hook (bf_hook_s2(), bf_hook_exit()) makes something else of it. The VMM's own accesses to guest
 * memory (guest.h) do not count, and go to the guest's own page in each view.
 *
 * Not every combination of rights exists. No table grants writing without reading. NPT cannot
 * deny reads alone: a page that cannot be read is not present. EPT has execute-only pages if the
 * CPU says so (IA32_VMX_EPT_VPID_CAP bit 0).
 *
 * Context of all functions, unless they say otherwise: extension init, a hook, a life-cycle hook;
 * not a function that runs by bf_rendezvous(). After init only for extensions that have called
 * bf_s2_enable() or any of these in their init.
 *
 * They return 0, or, having changed nothing,
 * - BF_EINVAL: an argument makes no sense
 * - BF_ENOMEM: the page pool is used up
 * - BF_ENOTSUP: the CPU has no second-level tables, cannot deny just that, or cannot be called by
 *   others (see cpu.h); the log says which
 * - BF_ESTATE: not enabled in init, or the extension has been disabled
 * - BF_EBUSY: see bf_rendezvous()
 */
#ifndef BAREFRAME_S2_H
#define BAREFRAME_S2_H

#include <bareframe/verdict.h>

struct bf_ext;
struct bf_hook;
struct bf_view;
struct bf_s2_rule;

/** Rights to a page, and kinds of access. */
enum bf_s2_right {
	BF_S2_READ = 1,
	BF_S2_WRITE = 2,
	BF_S2_EXEC = 4,
	BF_S2_RWX = 7
};

/** An access that a rule or a hook takes the right to. */
struct bf_s2_access {
	uint64_t gpa;
	uint64_t gva; /**< the linear address, 0 where the CPU does not tell (NPT) */
	bool gva_valid;
	bool walk;    /**< by the walk of the guest's page tables for it; NPT: always a write */
	uint8_t kind; /**< one of enum bf_s2_right; what reads and writes is a write */
};

/** A range of guest-physical addresses, inclusive. Pages count as a whole if any of it does. */
#define BF_GPA(first, last) BF_RANGE(first, last)

/** The page at guest-physical address @p gpa. */
#define BF_GPA_PAGE(gpa) BF_RANGE((gpa) & ~0xfffull, (gpa) | 0xfffull)

/** How many rules an extension can have at a time, those of hooks included. */
#define BF_S2_RULES_MAX 512

/** How many views an extension can have at a time. */
#define BF_VIEWS_MAX 8

/** For calls after init: makes sure that they will find what they need. Context: init. */
int bf_s2_enable(struct bf_ext *ext);

/**
 * Takes @p rights (enum bf_s2_right, ORed) from @p range in @p view; NULL: in all views.
 * @param rule	receives the rule for bf_s2_allow(), may be NULL: then it stays
 */
int bf_s2_deny(struct bf_ext *ext, struct bf_view *view, struct bf_range range, uint32_t rights,
	       struct bf_s2_rule **rule);

/** Ends a rule; NULL is ignored, one that is gone is reported. Never fails. */
void bf_s2_allow(struct bf_s2_rule *rule);

/** @return the rights that @p vcpu has at @p gpa, as the CPU enforces them. Any context. */
uint32_t bf_s2_rights(const struct bf_vcpu *vcpu, uint64_t gpa);

/** Makes a view of the control VM. */
int bf_view_create(struct bf_ext *ext, struct bf_view **view);

/** Ends a view with all rules and pages of it; vCPUs that run on it go on in the base view. */
void bf_view_destroy(struct bf_view *view);

/** @return the view that all vCPUs start in; it has no owner, and cannot be destroyed. */
struct bf_view *bf_view_base(void);

/**
 * Shows @p page in place of the guest's page at @p gpa, in @p view, which must not be the base.
 * The latest of several counts.
 * @param page	of bf_page_alloc(); NULL: the guest's own again
 */
int bf_view_remap(struct bf_view *view, uint64_t gpa, void *page);

/**
 * Has @p vcpu run on @p view from its next entry on.
 * Context: a hook of @p vcpu, or BF_LIFE_CPU_START; every start of a CPU begins in the base view.
 */
void bf_vcpu_set_view(struct bf_vcpu *vcpu, struct bf_view *view);

/** @return the view of @p vcpu. */
struct bf_view *bf_vcpu_view(const struct bf_vcpu *vcpu);

typedef enum bf_verdict (*bf_s2_fn)(struct bf_vcpu *vcpu, struct bf_s2_access *access, void *ctx);

/**
 * Calls @p fn at accesses of @p kinds (enum bf_s2_right, ORed) to the pages of @p range, in
 * @p view; NULL: in all views. While it is there, the pages lack just those rights, as far as the
 * CPU has such pages; other accesses to them that exit therefore go on unseen. Pages that nobody
 * hooks cost nothing.
 *
 * Verdicts: BF_PASS lets the access happen when all hooks have passed: see below. BF_DONE has the
 * guest execute the instruction again, for which something should have changed: the view of the
 * vCPU, a rule, a register. BF_SKIP leaves the instruction out. BF_INJECT and BF_STOP as always.
 *
 * A data access that passes is made by the emulator, in memory of the guest's own, whatever the
 * view shows. What the emulator does not know (vector instructions, pushes, page walks, delivery
 * of events) the CPU executes itself, on a private view of the vCPU, in which the page can be
 * accessed and only the page of the instruction be executed; when the vCPU executes any other
 * page, a handler of an interrupt for instance, that view is left. Until then further accesses of
 * that code to that page are not seen; other hooked pages are. Execution that passes goes on in
 * the same way: an execute hook sees the arrival at a page, not each instruction in it.
 *
 * A hook is called once for an instruction and page, but again when the instruction is executed
 * again: after BF_DONE, and when a string instruction goes on behind an interrupt or after 4096
 * bytes.
 *
 * bf_unhook() ends it; when that returns no CPU lacks rights on its account. Both want a context
 * as all functions here.
 * @param handle  receives the hook, may be NULL
 * @return as the functions here; BF_ENOMEM also for too many hooks
 */
int bf_hook_s2(struct bf_ext *ext, struct bf_view *view, struct bf_range range, uint32_t kinds,
	       bf_s2_fn fn, void *ctx, int priority, struct bf_hook **handle);

/** One access to a device of bf_hook_mmio(). */
struct bf_mmio {
	uint64_t gpa;
	uint8_t size; /**< bytes: 1, 2, 4, 8; one of 16 is two of 8 */
	bool write;
	uint64_t value; /**< out of a read, in of a write; bits beyond the size are 0 */
};

typedef enum bf_verdict (*bf_mmio_fn)(struct bf_vcpu *vcpu, struct bf_mmio *access, void *ctx);

/**
 * Makes a device of @p range, in all views, whether there is memory or not: its pages lack all
 * rights, and each read and write of an instruction, each element of a string instruction, is
 * given to @p fn. What reads and writes, locked or not, gives a read and then a write.
 * An access belongs to the range that its first byte is in.
 *
 * Verdicts: BF_SKIP, the access is made: of a read, @c value is what the guest gets. BF_PASS: the
 * next hook, in the end the guest's memory, or where there is none all ones. All others end
 * the instruction there.
 *
 * Instructions that the emulator does not know (vector, x87, pushes) reach what is at these
 * addresses without the VMM; executing there raises \#GP(0).
 * @return as bf_hook_s2()
 */
int bf_hook_mmio(struct bf_ext *ext, struct bf_range range, bf_mmio_fn fn, void *ctx, int priority,
		 struct bf_hook **handle);

/** @return a zeroed page of 4096 bytes at an address of 4096, or NULL. As bf_alloc(). */
void *bf_page_alloc(void);

/** Gives it back: no view may show it any more. NULL is ignored. */
void bf_page_free(void *page);

#endif
