/* SPDX-License-Identifier: MIT */
/* Extensions that misbehave: found out, named, disabled. */
#include <stddef.h>
#include <bareframe/log.h>
#include <bfhw/this_cpu.h>
#include <bfvmm/chain.h>
#include <bfvmm/guard.h>
#include <bfvmm/lock.h>
#include <bfvmm/panic.h>
#include <bfvmm/s2.h>

/*
 * A stack that is nearly used up ends before the first lock is taken: what then faults is an
 * extension that can be disabled, not one that holds a lock.
 */
void bf_lock_begins(void)
{
	struct bf_pcpu *pcpu = bf_this_pcpu();

	if (!pcpu)
		return;
	if (!pcpu->locks)
		bf_hw_probe_stack();
	pcpu->locks++;
}

void bf_lock_ends(void)
{
	struct bf_pcpu *pcpu = bf_this_pcpu();

	if (pcpu)
		pcpu->locks--;
}

/* The manuals' names of the exceptions that code can cause. */
static const char *const exceptions[] = {
	[0] = "#DE",  [1] = "#DB",  [3] = "#BP",  [4] = "#OF",  [5] = "#BR",  [6] = "#UD",
	[7] = "#NM",  [8] = "#DF",  [10] = "#TS", [11] = "#NP", [12] = "#SS", [13] = "#GP",
	[14] = "#PF", [16] = "#MF", [17] = "#AC", [19] = "#XM", [21] = "#CP",
};

static const char *exception_name(uint64_t vector)
{
	const uint64_t count = sizeof(exceptions) / sizeof(exceptions[0]);
	const char *name = vector < count ? exceptions[vector] : NULL;

	return name ? name : "an exception";
}

static struct bf_ext *running_on(const struct bf_pcpu *pcpu)
{
	if (pcpu->suspect)
		return pcpu->suspect;
	return pcpu->vcpu && pcpu->vcpu->running ? pcpu->vcpu->running->ext : NULL;
}

struct bf_ext *bf_running_ext(void)
{
	const struct bf_pcpu *pcpu = bf_this_pcpu();

	return pcpu && pcpu->guard ? running_on(pcpu) : NULL;
}

const char *bf_running_name(void)
{
	const struct bf_ext *ext = bf_running_ext();

	return ext ? ext->descriptor->name : "?";
}

void bf_guard_trip(const struct bf_trip *why)
{
	struct bf_pcpu *pcpu = bf_this_pcpu();
	const struct bf_ext *ext = bf_running_ext();
	uint64_t guard;

	if (!ext)
		return;
	if (pcpu->locks)
		bf_panic("extension %s: %s at 0x%lx, address 0x%lx, with a lock of the VMM held",
			 ext->descriptor->name, exception_name(why->vector), why->rip,
			 why->address);
	pcpu->trip = *why;
	/* The unwinding puts the outer one back; what faults until then finds none. */
	guard = pcpu->guard;
	pcpu->guard = 0;
	bf_guard_unwind(guard);
}

/* Several CPUs may find out at the same moment: one of them does it. */
static void disable(struct bf_ext *ext)
{
	if (__atomic_exchange_n(&ext->disabled, true, __ATOMIC_ACQ_REL))
		return;
	bf_hooks_remove(ext);
	bf_s2_release(ext);
	bf_error("extension %s: disabled, its hooks are gone; the control VM goes on",
		 ext->descriptor->name);
}

void bf_blame_trip(struct bf_ext *ext)
{
	const struct bf_trip *t = &bf_this_pcpu()->trip;
	const char *name = ext->descriptor->name;

	if (t->stack)
		bf_error("extension %s: stack overflow, %s at 0x%lx", name,
			 exception_name(t->vector), t->rip);
	else
		bf_error("extension %s: %s (vector %lu, error code 0x%lx) at 0x%lx, address 0x%lx",
			 name, exception_name(t->vector), t->vector, t->error_code, t->rip,
			 t->address);
	disable(ext);
}

uint64_t bf_call_ext(struct bf_ext *ext, uint64_t (*fn)(void *ctx), void *ctx)
{
	struct bf_pcpu *pcpu = bf_this_pcpu();
	struct bf_ext *outer = pcpu->suspect;
	uint64_t result;

	pcpu->suspect = ext;
	result = bf_guarded(fn, ctx, &pcpu->guard);
	pcpu->suspect = outer;
	if (result == BF_TRIPPED)
		bf_blame_trip(ext);
	return result;
}

void bf_blame_verdict(const struct bf_link *link, uint32_t verdict)
{
	bf_error("extension %s: verdict %u does not exist here; taken as BF_PASS",
		 link->ext->descriptor->name, verdict);
	disable(link->ext);
}

void bf_blame_hunger(struct bf_ext *ext, const char *what)
{
	if (__atomic_exchange_n(&ext->hungry, true, __ATOMIC_RELAXED))
		return;
	bf_error("extension %s: wants more %s than it can have", ext->descriptor->name, what);
}
