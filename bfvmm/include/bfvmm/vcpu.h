/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Virtual machines, virtual CPUs and physical CPUs as the VMM keeps them.
 */
#ifndef BFVMM_VCPU_H
#define BFVMM_VCPU_H

#include <stdatomic.h>
#include <bareframe/hook.h>
#include <bfabi/boot.h>
#include <bfabi/switch.h>
#include <bfvmm/hv.h>
#include <bfvmm/lock.h>
#include <bfvmm/slot.h>
#include <bfvmm/trip.h>

/* Work to do before the next entry; bits of bf_vcpu.pending. */
#define BF_PENDING_EVENT     0x01u  /**< vcpu->event waits for injection */
#define BF_PENDING_NMI       0x02u  /**< an NMI hit the VMM: set by the NMI handler */
#define BF_PENDING_STOP      0x04u  /**< go back to the bare machine */
#define BF_PENDING_FLUSH     0x08u  /**< drop cached second-level translations */
#define BF_PENDING_INTERCEPT 0x10u  /**< intercepts have changed */
#define BF_PENDING_BACKEND   0x20u  /**< the backend's own; bf_vcpu_pending() leaves it alone */
#define BF_PENDING_REGS      0x40u  /**< vcpu->regs was written, see there */
#define BF_PENDING_CALL      0x80u  /**< another CPU calls, see call.h */
#define BF_PENDING_VIEW      0x100u /**< run on other second-level tables */
#define BF_PENDING_RELEASE   0x200u /**< give second-level rules back */

/**
 * One virtual CPU. The exit stubs know the offsets of the first two members (offsets.h).
 */
struct bf_vcpu {
	/**
	 * Filled by the exit stub. RBP and R12 … R15 keep their values through all C code, so that
	 * a stub may leave them in the CPU: who writes those here sets BF_PENDING_REGS.
	 */
	struct bf_regs regs;
	uint64_t host_stack;      /**< top of the stack of the pCPU that it runs on */
	_Atomic uint32_t pending; /**< BF_PENDING_*, tested once before each entry */
	uint32_t index;           /**< in its VM */
	struct bf_vm *vm;
	void *arch;            /**< the backend's own data */
	uint64_t exit_seq;     /**< exits so far; also tells that an old slot is out of use */
	struct bf_pcpu *pcpu;  /**< NULL while it runs nowhere */
	struct bf_event event; /**< see BF_PENDING_EVENT */
	uint64_t event_seq;    /**< exit_seq when it was given */
	uint64_t stale_page;   /**< guest-physical page of the last fault on a mapped page */
	uint32_t stale_faults; /**< and how many such faults it had in a row */
	struct bf_view *view;  /**< NULL: the base view */
	bool through;          /**< runs on its private view instead, see s2_through.h */
	uint64_t through_page; /**< linear page of the code that went there */
	void *ext_data;        /**< see bf_vcpu_data(), NULL without */
	uint64_t entered;      /**< TSC when its CPU came under the VMM */
	uint64_t ran;          /**< TSC cycles that it had been under it before that */
	const struct bf_link *running; /**< the hook that runs on it, NULL if none does */
	uint64_t exits[BF_SLOT_COUNT];
};

/** One virtual machine. */
struct bf_vm {
	const struct bf_slot *_Atomic slots[BF_SLOT_COUNT];
	uint32_t id; /**< 0 for the control VM */
	uint32_t vcpu_count;
	void *arch;       /**< the backend's own data */
	uint64_t s2_root; /**< physical address of the second-level tables, 0 without */
	void *ext_data;   /**< see bf_vm_data(), NULL without */
	struct bf_vcpu *vcpu[BF_MAX_CPUS]; /**< NULL where none has run yet */
};

struct bf_cpu_tables;
struct bf_ext;
struct bf_link;

/** One physical CPU. */
struct bf_pcpu {
	uint32_t index;
	uint16_t cs;                  /**< the code selector that it runs with */
	struct bf_vcpu *vcpu;         /**< the vCPU that it runs */
	struct bf_switch *sw;         /**< its way back */
	uint64_t back;                /**< address of the code that goes it */
	uint64_t stack_top;           /**< top of its main stack */
	struct bf_cpu_tables *tables; /**< GDT, IDT, TSS */
	void *arch;                   /**< the backend's own data */
	uint64_t guard;               /**< innermost bf_guarded() on this CPU, 0 without */
	struct bf_ext *suspect;       /**< runs outside of any exit: init, life-cycle hooks */
	struct bf_trip trip;          /**< what tripped the guard last */
	uint32_t locks;               /**< locks held */
	bool on;                      /**< virtualization is on */
	bool panicked;
	_Atomic bool halted;      /**< never does anything again */
	_Atomic bool kicked;      /**< an NMI of the VMM's is on its way here, see call.h */
	struct bf_lock kick_lock; /**< from the look whether it takes part to the NMI */
	uint32_t apic_id;         /**< where kicks go */
};

/** The control VM; there from BF_OP_INIT to BF_OP_FINI. */
extern struct bf_vm *bf_control_vm;

/** Sets pending bits of a vCPU from any context on any CPU. */
static inline void bf_vcpu_pend(struct bf_vcpu *vcpu, uint32_t bits)
{
	atomic_fetch_or_explicit(&vcpu->pending, bits, memory_order_release);
}

/** Clears pending bits. @return those of @p bits that were set */
static inline uint32_t bf_vcpu_take(struct bf_vcpu *vcpu, uint32_t bits)
{
	return atomic_fetch_and_explicit(&vcpu->pending, ~bits, memory_order_acquire) & bits;
}

#endif
