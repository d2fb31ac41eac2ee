/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Typed hooks: the operands of what exited, decoded, on both vendors the same.
 *
 * For each NAME below there are two functions:
 * @code
 *	int bf_hook_NAME(ext, vms, range, fn, ctx, priority, &handle);
 *	int bf_hook_NAME_post(ext, vms, range, fn, ctx, priority, &handle);
 * @endcode
 * The first runs @c fn before the default: it may look, change the inputs (BF_PASS), give the
 * results itself (BF_SKIP), leave RIP where it is (BF_DONE), raise an event (BF_INJECT), or end
 * the VM (BF_STOP). The second runs @c fn when the default has made its results, which it may
 * change; it must return BF_PASS. Behind a verdict that ends the chain, and behind a default that
 * raises an exception, no post hook runs. bf_hook_exception_post() is refused for that reason.
 *
 * A hook asks the CPU for the exits in its range while it is there, and for no others. Ranges are
 * inclusive, over what each structure says; BF_RANGE_ALL is all of it.
 *
 * Context: extension init, a life-cycle hook, or another hook. Takes a lock, allocates, does not
 * wait for other CPUs: they see the change at their next entry.
 *
 * @return 0, or
 * - BF_EINVAL: no ext or fn, an empty range, a range beyond the last key
 * - BF_ENOMEM: the page pool is used up; nothing has changed
 * - BF_ENOTSUP: this CPU cannot make such exits, for part of the range, or nothing can run behind
 *   the default; the log says which
 */
#ifndef BAREFRAME_TYPED_H
#define BAREFRAME_TYPED_H

#include <stdbool.h>
#include <bareframe/verdict.h>

struct bf_ext;
struct bf_hook;

/** CPUID. Range: leaves. */
struct bf_cpuid {
	uint32_t leaf;               /**< in: EAX; its upper half never counts */
	uint32_t subleaf;            /**< in: ECX */
	uint32_t eax, ebx, ecx, edx; /**< out */
};

#define BF_LEAF(first, last) BF_RANGE(first, last)
#define BF_LEAF_ALL          BF_LEAF(0, 0xffffffffu)

/** RDMSR and WRMSR. Range: MSR numbers. The privilege check has been made. */
struct bf_msr {
	uint32_t number; /**< in: ECX */
	uint64_t value;  /**< out of a read, in of a write: EDX:EAX */
};

#define BF_MSR(first, last) BF_RANGE(first, last)
#define BF_MSR_ALL          BF_MSR(0, 0xffffffffu)

/**
 * IN, OUT, INS, OUTS: one element at a time, the string and REP forms too. Range: ports. The
 * permission check (CPL, IOPL, TSS bitmap) has been made. An access of several bytes belongs to
 * the range if its first port does.
 */
struct bf_port_io {
	uint16_t port;
	uint8_t size;   /**< bytes: 1, 2, 4 */
	bool write;     /**< OUT, OUTS */
	bool string;    /**< one element of INS or OUTS */
	uint32_t value; /**< out of a read, in of a write; bits beyond the size are 0 */
};

#define BF_PORT(first, last) BF_RANGE(first, last)
#define BF_PORT_ALL          BF_PORT(0, 0xffffu)

/**
 * MOV from and to CR0, CR2, CR3, CR4, CR8, with CLTS and LMSW as writes of CR0; SMSW is seen by
 * nobody. Range: register numbers. VMX has no exits for reads of CR0 and CR4 and none at all for
 * CR2; a write of CR0 or CR4 that changes no bit need not exit.
 */
struct bf_cr {
	uint8_t cr;
	uint8_t gpr;    /**< in: general register of the MOV, 4 is RSP */
	uint64_t value; /**< out of a read, in of a write: the whole register's */
};

#define BF_CR(first, last) BF_RANGE(first, last)

/** MOV from and to debug registers. Range: register numbers, DR4 and DR5 as written. */
struct bf_dr {
	uint8_t dr;
	uint8_t gpr; /**< in: general register of the MOV, 4 is RSP */
	bool write;
	uint64_t value; /**< out of a read, in of a write */
};

#define BF_DR(first, last) BF_RANGE(first, last)
#define BF_DR_ALL          BF_DR(0, 7)

/** XSETBV. Range: indexes. The CPU has not checked the value yet. */
struct bf_xsetbv {
	uint32_t index; /**< in: ECX */
	uint64_t value; /**< in: EDX:EAX */
};

/**
 * An exception of the guest, before it is delivered. Range: vectors, without NMI (2) and \#MC (18),
 * which have reasons of their own. BF_PASS delivers it, changed or not; BF_DONE swallows it.
 */
struct bf_exception {
	uint8_t vector;
	uint8_t type; /**< in: enum bf_event_type */
	bool has_error;
	uint32_t error_code;
	uint64_t address; /**< \#PF: what CR2 will be */
};

#define BF_VECTOR(first, last) BF_RANGE(first, last)

/**
 * VMCALL and VMMCALL. Range: numbers in RAX. Seen before the VMM's own: those can be shadowed.
 * Any ring and mode may make the call; @c cpl says which. Without a hook that answers, numbers
 * that the VMM does not know raise \#UD.
 */
struct bf_hypercall {
	uint64_t number;      /**< in: RAX; of 32-bit code, EAX */
	uint64_t argument[4]; /**< in: RDI, RSI, RDX, RCX */
	uint64_t result;      /**< out: RAX, with BF_SKIP */
	uint8_t cpl;          /**< in */
};

#define BF_HYPERCALL(first, last) BF_RANGE(first, last)

/**
 * RDTSC, or RDTSCP: two hooks, but one VMX control has both exit. Range: BF_RANGE_ALL. The check
 * of CR4.TSD has been made.
 */
struct bf_tsc {
	uint64_t value; /**< out: EDX:EAX */
	uint32_t aux;   /**< out of RDTSCP: ECX */
};

/** RDPMC. Range: counters. */
struct bf_rdpmc {
	uint32_t counter; /**< in: ECX */
	uint64_t value;   /**< out: EDX:EAX */
};

/** INVLPG. Range: linear addresses. */
struct bf_invlpg {
	uint64_t address; /**< in: with the segment's base */
};

/** X(name, TAG, io): every typed hook. The tag is its enum bf_hook_family. */
#define BF_TYPED_HOOKS(X)                                                                          \
	X(cpuid, CPUID, bf_cpuid)                                                                  \
	X(msr_read, MSR_READ, bf_msr)                                                              \
	X(msr_write, MSR_WRITE, bf_msr)                                                            \
	X(io, IO, bf_port_io)                                                                      \
	X(cr_read, CR_READ, bf_cr)                                                                 \
	X(cr_write, CR_WRITE, bf_cr)                                                               \
	X(dr, DR, bf_dr)                                                                           \
	X(xsetbv, XSETBV, bf_xsetbv)                                                               \
	X(exception, EXCEPTION, bf_exception)                                                      \
	X(hypercall, HYPERCALL, bf_hypercall)                                                      \
	X(rdtsc, RDTSC, bf_tsc)                                                                    \
	X(rdtscp, RDTSCP, bf_tsc)                                                                  \
	X(rdpmc, RDPMC, bf_rdpmc)                                                                  \
	X(invlpg, INVLPG, bf_invlpg)

enum bf_hook_family {
#define X(name, TAG, io) BF_FAMILY_##TAG,
	BF_TYPED_HOOKS(X)
#undef X
	BF_FAMILY_COUNT
};

/** When a typed hook runs. */
enum bf_hook_stage {
	BF_HOOK_PRE, /**< before the default */
	BF_HOOK_POST /**< after it */
};

/** A handler whose operands are not named: pointers to them all look alike. */
typedef enum bf_verdict (*bf_any_fn)(struct bf_vcpu *vcpu, void *io, void *ctx);

/** Behind the typed functions, which know the type of @p fn; use those. */
int bf_hook_typed(struct bf_ext *ext, enum bf_hook_family family, enum bf_hook_stage stage,
		  enum bf_vm_set vms, struct bf_range range, bf_any_fn fn, void *ctx, int priority,
		  struct bf_hook **handle);

/** @cond the functions that the top of this file describes */
#define X(name, TAG, io)                                                                           \
	typedef enum bf_verdict (*bf_##name##_fn)(struct bf_vcpu *, struct io *, void *);          \
	static inline int bf_hook_##name(struct bf_ext *ext, enum bf_vm_set vms,                   \
					 struct bf_range range, bf_##name##_fn fn, void *ctx,      \
					 int priority, struct bf_hook **handle)                    \
	{                                                                                          \
		return bf_hook_typed(ext, BF_FAMILY_##TAG, BF_HOOK_PRE, vms, range, (bf_any_fn)fn, \
				     ctx, priority, handle);                                       \
	}                                                                                          \
	static inline int bf_hook_##name##_post(struct bf_ext *ext, enum bf_vm_set vms,            \
						struct bf_range range, bf_##name##_fn fn,          \
						void *ctx, int priority, struct bf_hook **handle)  \
	{                                                                                          \
		return bf_hook_typed(ext, BF_FAMILY_##TAG, BF_HOOK_POST, vms, range,               \
				     (bf_any_fn)fn, ctx, priority, handle);                        \
	}
BF_TYPED_HOOKS(X)
#undef X
/** @endcond */

#endif
