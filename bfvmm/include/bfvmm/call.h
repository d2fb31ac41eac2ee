/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The VMM's side of bareframe/cpu.h: cross-CPU calls, and the kick that makes a CPU exit.
 *
 * A CPU takes part from bf_cpu_join() to bf_cpu_leave(). Work for it is announced by
 * BF_PENDING_CALL, then by a kick. The rule that makes every lock of the VMM safe: nobody waits
 * for another CPU while holding one.
 */
#ifndef BFVMM_CALL_H
#define BFVMM_CALL_H

#include <bareframe/cpu.h>
#include <bfvmm/cpuset.h>
#include <bfvmm/vcpu.h>

/** Whether NMIs have to exit: what a backend's controls depend on. Fixed after BF_OP_INIT. */
extern bool bf_kicks_on;

/** Forgets everything of an earlier start; bf_cpu_calls_enable() is allowed from here on. */
void bf_calls_reset(uint32_t cpu_count);

/** bf_cpu_calls_enable() for the VMM's own use: before any CPU runs. */
int bf_calls_enable(void);

/** Ends the time of bf_calls_enable(). */
void bf_calls_seal(void);

/** @return what bf_on_each_cpu() would fail with now on this CPU, or 0. */
int bf_calls_ready(void);

/** Runs what others ask of this CPU: BF_PENDING_CALL. */
void bf_calls_serve(void);

/** Takes part from now on: @p pcpu, the calling CPU, has a vCPU and is about to enter it. */
void bf_cpu_join(struct bf_pcpu *pcpu);

/**
 * Takes part no more: the CPU goes out of the VMM. On return no kick is on its way to it; guest
 * NMIs that came meanwhile are pending as always.
 */
void bf_cpu_leave(struct bf_pcpu *pcpu);

/** Takes part no more until bf_cpu_join(), but stays in the VMM: it waits for a start-up IPI. */
void bf_cpu_park(struct bf_pcpu *pcpu);

/** @return whether CPU @p cpu is never to be waited for: it has panicked. */
bool bf_cpu_halted(uint32_t cpu);

/** Makes CPU @p cpu exit soon, if it takes part. Pending bits come before it. */
void bf_cpu_kick(uint32_t cpu);

/**
 * Whose is the NMI that has come? Called once for each that the VMM takes or that exits, on its
 * CPU, in any context. @return true: a kick, which is over now; false: the guest's
 */
static inline bool bf_kick_take(struct bf_pcpu *pcpu)
{
	return atomic_exchange(&pcpu->kicked, false);
}

/* Between kick.c, call.c and rendezvous.c. */

/** Sets @p pending in the vCPU that CPU @p cpu runs, and kicks it. */
void bf_cpu_announce(uint32_t cpu, uint32_t pending);

/** CPUs that take part. */
extern struct bf_cpuset bf_cpus_in;

struct bf_call;

/** Calls @p fn(this CPU, @p ctx), code of @p ext (NULL: the VMM's own), under a guard. */
void bf_call_run(struct bf_ext *ext, bf_cpu_fn fn, void *ctx);

/** Begins a call of all but the caller; bf_calls_open() does not count it. */
struct bf_call *bf_call_begin(bf_cpu_fn fn, void *ctx);

/** @return those who have neither returned from it nor gone. */
const struct bf_cpuset *bf_call_left(struct bf_call *call);

/** Waits for the rest. */
void bf_call_end(struct bf_call *call);

/** Answers all calls of CPU @p cpu, which takes part no more. */
void bf_calls_drop(uint32_t cpu);

/** @return whether a function of bf_on_each_cpu() or bf_on_cpu() is to be run, or runs. */
bool bf_calls_open(void);

/**
 * The functions that the calling CPU is inside of stand still, and are not counted as running
 * before bf_calls_resume(). @return for that
 */
uint32_t bf_calls_suspend(void);
void bf_calls_resume(uint32_t suspended);

/** Waits until no rendezvous is under way, or attends it. */
void bf_rendezvous_wait(void);

void bf_kicks_reset(void);
void bf_rendezvous_reset(void);

#endif
