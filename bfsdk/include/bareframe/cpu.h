/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Running a function on other CPUs.
 *
 * A CPU runs such a function in the VMM, between two instructions of its guest, with interrupts
 * off. A CPU that runs the guest is made to exit by an NMI, which neither the guest nor a hook
 * sees; a CPU that is in the VMM already runs the function before it enters the guest again. While
 * a CPU waits for others it runs what they ask of it, so that any number of CPUs may call at the
 * same time; a function can therefore also run in the middle of a hook that waits.
 *
 * "All CPUs" are those that run a guest of this VMM: not those that are offline, have left the VMM,
 * wait for a start-up IPI, or have panicked. A CPU that leaves or panics meanwhile is not waited
 * for; one that comes meanwhile may be missed.
 *
 * NMIs exit for this, also the guest's own, which are then injected. Two NMIs that meet while NMIs
 * are blocked are one, as on the bare machine; if one of the two is the VMM's, it is the other that
 * is lost. A guest on AMD that waits in HLT goes on behind it, as after any other NMI. Machines
 * whose extensions do not ask for calls have no such exits.
 *
 * Rules for the functions: they hold no lock that a hook waits for, and do not block. They may call
 * what a hook may call, further calls included, a few levels deep. Who holds a lock of its own
 * while
 * it calls, or waits in a loop of its own for another CPU, has to use bf_cpu_relax() in each loop
 * that waits for that lock or that CPU.
 */
#ifndef BAREFRAME_CPU_H
#define BAREFRAME_CPU_H

#include <stdbool.h>
#include <bareframe/vcpu.h>

struct bf_ext;

/** @p cpu is the index of the CPU that it runs on. */
typedef void (*bf_cpu_fn)(uint32_t cpu, void *ctx);

/**
 * Says that @p ext will call other CPUs. With more than one CPU, NMIs exit from the start on.
 *
 * Context: extension init.
 * @return 0; BF_ESTATE after init; BF_ENOMEM; BF_ENOTSUP if the CPU cannot make NMIs exit (VMX
 * without virtual NMIs) or its local APIC cannot be used. The log says which
 */
int bf_cpu_calls_enable(struct bf_ext *ext);

/**
 * Runs @p fn on all CPUs, the caller included, on each once and at any time from now on.
 *
 * Context: a hook, or a function that runs by this.
 * @param ctx	passed to @p fn; without @p wait it has to live as long as the VMM
 * @param wait	return when all have run it. Without it, a second call of the same CPU still waits
 *		for the first one to be over.
 * @return 0; BF_ESTATE without bf_cpu_calls_enable(); BF_EBUSY if calls inside calls have become
 * too many; BF_ENOTSUP if the guest has moved or switched off the local APIC. On failure nothing
 * has run
 */
int bf_on_each_cpu(bf_cpu_fn fn, void *ctx, bool wait);

/**
 * Runs @p fn on one CPU and waits for it.
 *
 * Context: as bf_on_each_cpu().
 * @return as there, or BF_ENOENT if that CPU runs no guest, or left before it ran @p fn
 */
int bf_on_cpu(uint32_t cpu, bf_cpu_fn fn, void *ctx);

/** Who runs the function of bf_rendezvous(). */
enum bf_rendezvous_on {
	BF_RENDEZVOUS_CALLER, /**< the caller, while all others stand still */
	BF_RENDEZVOUS_ALL     /**< all, at the same time */
};

/**
 * Gets all CPUs into the VMM, then runs @p fn, then lets all go on: while @p fn runs, no guest
 * does,
 * and nothing that another CPU has called for is under way. A CPU that starts waits until it is
 * over.
 *
 * Context: as bf_on_each_cpu(); but not from a function that runs by bf_rendezvous() or while one
 * waits for it.
 * @return as bf_on_each_cpu(); BF_EBUSY also in the case above
 */
int bf_rendezvous(bf_cpu_fn fn, void *ctx, enum bf_rendezvous_on on);

/** @return the index of this CPU. */
uint32_t bf_cpu_this(void);

/** @return whether CPU @p cpu is one of "all CPUs". May change at any time. */
bool bf_cpu_is_up(uint32_t cpu);

/** @return the vCPU that this CPU runs, NULL at init and at BF_LIFE_VMM_STOP. */
struct bf_vcpu *bf_cpu_vcpu(void);

/** For loops that wait for another CPU: runs what others have called for, then pauses. */
void bf_cpu_relax(void);

#endif
