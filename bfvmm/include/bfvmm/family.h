/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Families of typed hooks: how the operands of an exit are decoded, what happens by default, and
 * where results go. One table entry a family, in families.c; the code is beside the default
 * behaviour of the same instruction.
 */
#ifndef BFVMM_FAMILY_H
#define BFVMM_FAMILY_H

#include <bareframe/hook.h>
#include <bareframe/s2.h>

/** The operands of hooks on second-level faults. */
struct bf_s2_io {
	union {
		struct bf_s2_access access;
		struct bf_mmio mmio;
	};
	bool passed; /**< all hooks have passed */
};

/** The operands of any typed hook. */
union bf_hook_io {
	struct bf_s2_io s2;
#define X(name, TAG, io) struct io name;
	BF_TYPED_HOOKS(X)
#undef X
};

/**
 * One access of an instruction: hooks, and unless they know better perform().
 * @param key  what the ranges of hooks are about
 * @return BF_SKIP with the results in @p io; any other verdict ends the instruction
 */
typedef enum bf_verdict (*bf_each_fn)(void *ctx, uint64_t key, union bf_hook_io *io);

/** All functions run on the exit path, for an exit of @c reason. */
struct bf_family {
	const char *name;
	enum bf_exit_reason reason;
	uint64_t last; /**< highest key */
	/** Keys that exist, a bit each, where there are at most 64 of them; 0: all up to last. */
	uint64_t keys;

	/** Reads the operands. @return the key: what the ranges of hooks are about */
	uint64_t (*decode)(struct bf_vcpu *vcpu, struct bf_exit *exit, union bf_hook_io *io);
	/** What the bare machine does with them. @return BF_SKIP: finish(), and advance */
	enum bf_verdict (*perform)(struct bf_vcpu *vcpu, struct bf_exit *exit,
				   union bf_hook_io *io);
	/** Puts results where the instruction has them. May be NULL. */
	void (*finish)(struct bf_vcpu *vcpu, const union bf_hook_io *io);

	/**
	 * For instructions that may make several accesses, instead of decode() and finish():
	 * carries out the instruction of @p exit and has @p each run for every access. May be
	 * NULL.
	 */
	enum bf_verdict (*drive)(struct bf_vcpu *vcpu, struct bf_exit *exit, bf_each_fn each,
				 void *ctx);

	/** perform() never gives BF_SKIP, so that no hook could run behind it. */
	bool no_post;
};

extern const struct bf_family bf_families[BF_FAMILY_COUNT];

/**
 * Second-level faults. Keys are guest-physical addresses; those of accesses to emulated devices
 * have BF_S2_KEY_MMIO set. It has hooks of its own kind: see bf_hook_s2(), bf_hook_mmio().
 */
extern const struct bf_family bf_s2_family;

#define BF_S2_KEY_MMIO (1ull << 63)
#define BF_S2_GPA_LAST ((1ull << 52) - 1)

#endif
