/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Hooks: how an extension takes part in exits and life-cycle events.
 */
#ifndef BAREFRAME_HOOK_H
#define BAREFRAME_HOOK_H

#include <bareframe/exit.h>
#include <bareframe/vcpu.h>
#include <bfabi/error.h>

struct bf_ext;
struct bf_hook;

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

/** A CPUID execution. Inputs may be changed by a hook before, results by one after. */
struct bf_cpuid {
	uint32_t leaf;    /**< EAX at the instruction; upper half ignored */
	uint32_t subleaf; /**< ECX at the instruction */
	uint32_t eax, ebx, ecx, edx;
};

/** An inclusive range of CPUID leaves. */
struct bf_leaf_range {
	uint32_t first, last;
};

#define BF_LEAF(first_, last_) ((struct bf_leaf_range){(first_), (last_)})
#define BF_LEAF_ALL            BF_LEAF(0, 0xffffffffu)

/** BF_PASS, or BF_SKIP with results in @p io, or BF_INJECT, BF_STOP; BF_DONE leaves RIP alone. */
typedef enum bf_verdict (*bf_cpuid_fn)(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx);

/**
 * Runs @p fn before the default result of CPUID is made, for leaves in @p range.
 *
 * Context: extension init, or a life-cycle hook. Does not block.
 * @param ctx	  the caller's, passed to @p fn
 * @param handle  receives the hook for bf_unhook(), may be NULL
 * @return 0, BF_EINVAL (empty range, no fn), BF_ENOMEM
 */
int bf_hook_cpuid(struct bf_ext *ext, enum bf_vm_set vms, struct bf_leaf_range range,
		  bf_cpuid_fn fn, void *ctx, int priority, struct bf_hook **handle);

/** As bf_hook_cpuid(), but @p fn sees and may change the result; its verdict must be BF_PASS. */
int bf_hook_cpuid_post(struct bf_ext *ext, enum bf_vm_set vms, struct bf_leaf_range range,
		       bf_cpuid_fn fn, void *ctx, int priority, struct bf_hook **handle);

typedef enum bf_verdict (*bf_exit_fn)(struct bf_vcpu *vcpu, struct bf_exit *exit, void *ctx);

/**
 * Runs @p fn before the default handling of every exit with @p reason, and asks the CPU for
 * those exits while the hook is there.
 *
 * @return 0, BF_EINVAL, BF_ENOMEM, BF_ENOTSUP if this CPU cannot make such exits, or if the VMM
 * could not carry out the instruction when @p fn passes it on
 */
int bf_hook_exit(struct bf_ext *ext, enum bf_vm_set vms, enum bf_exit_reason reason, bf_exit_fn fn,
		 void *ctx, int priority, struct bf_hook **handle);

/**
 * Removes a hook; NULL is ignored. It may still be running on another CPU when this returns.
 * With no memory left for the shorter chain the hook stays in place.
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
