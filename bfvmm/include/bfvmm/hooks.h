/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The VMM's side of hooks; extensions use bareframe/hook.h.
 */
#ifndef BFVMM_HOOKS_H
#define BFVMM_HOOKS_H

#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bfvmm/vcpu.h>

/** An extension's part of the block of data that a VM or a vCPU has for all extensions. */
struct bf_ext_part {
	uint64_t offset;
	uint64_t bytes; /**< 0: it has none */
};

/** An extension as the VMM keeps it. */
struct bf_ext {
	const struct bf_extension *descriptor;
	struct bf_ext_part vm_data, vcpu_data;
};

/** Before the first extension's init. */
void bf_ext_data_reset(void);

/** Makes the zeroed data of a fresh VM or vCPU. @return 0 or BF_ENOMEM */
int bf_ext_data_make_vm(struct bf_vm *vm);
int bf_ext_data_make_vcpu(struct bf_vcpu *vcpu);

void bf_ext_data_free_vm(struct bf_vm *vm);

enum bf_hook_kind {
	BF_HOOK_EXIT,
	BF_HOOK_CPUID,
	BF_HOOK_CPUID_POST,
	BF_HOOK_LIFE
};

struct bf_hook {
	struct bf_hook *next; /**< in the registry: by kind of order they run in */
	uint64_t number;      /**< rises from 1 in order of registration */
	struct bf_ext *ext;
	enum bf_hook_kind kind;
	enum bf_vm_set vms;
	int priority;
	uint32_t point; /**< exit reason, or life event */
	struct bf_leaf_range leaves;
	union {
		bf_exit_fn exit;
		bf_cpuid_fn cpuid;
		bf_life_fn life;
	} fn;
	void *ctx;
};

/** Forgets all hooks. */
void bf_hooks_reset(void);

/** Adds a copy of @p hook. @return 0 or BF_ENOMEM, BF_EINVAL, BF_ENOTSUP */
int bf_hook_add(const struct bf_hook *hook, struct bf_hook **handle);

/**
 * @return the first hook, in running order, behind @p after (NULL: from the start). The registry
 * has to be locked.
 */
struct bf_hook *bf_hook_next(const struct bf_hook *after, enum bf_hook_kind kind, uint32_t point);

/** Makes the slots of a fresh @p vm: defaults, with the hooks that are there. */
int bf_slots_init(struct bf_vm *vm);

/** Makes and publishes the slot for @p reason anew. @return 0 or BF_ENOMEM (nothing changed) */
int bf_slot_rebuild(struct bf_vm *vm, enum bf_exit_reason reason);

/** Frees all chains; no CPU may run guests. */
void bf_slots_fini(struct bf_vm *vm);

/** @return the exit reasons that hooks want, a bit each. */
uint64_t bf_reasons_wanted(void);

/** Calls the life-cycle hooks of @p event. */
void bf_life_event(enum bf_life_event event, uint32_t cpu);

/** Checks and initialises all extensions of the image. @return 0 or the first failure */
int bf_extensions_init(struct bf_report *report);

#endif
