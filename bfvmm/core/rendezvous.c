/* SPDX-License-Identifier: MIT */
/*
 * All CPUs in the VMM at once. One rendezvous at a time; whoever waits for his own attends those
 * of others. It is over when the last CPU has left it, so that no state of one is seen by the next.
 */
#include <bfvmm/call.h>
#include <bfvmm/guard.h>

enum phase {
	GATHER,
	RUN,
	OVER
};

static struct {
	_Atomic uint32_t host; /* index of the CPU that has called for it, plus 1; 0: none */
	_Atomic uint64_t number;
	_Atomic uint32_t phase;
	bf_cpu_fn fn;
	void *ctx;
	struct bf_ext *ext; /* whose the function is, NULL: the VMM's own */
	bool all;
	struct bf_cpuset arrived, done;
	struct bf_cpuset inside; /* CPUs that host or attend */
} meeting;

static const struct bf_cpuset nobody;

void bf_rendezvous_reset(void)
{
	atomic_store(&meeting.host, 0);
	bf_cpuset_copy(&meeting.inside, &nobody);
}

static bool hosted(void)
{
	uint32_t host = atomic_load(&meeting.host);

	return host && !bf_cpu_halted(host - 1);
}

/* The one that this CPU attends is still on; a host that has panicked ends it. */
static bool is_on(uint64_t number)
{
	return atomic_load(&meeting.number) == number && hosted();
}

static void attend(uint32_t me, void *ctx)
{
	uint64_t number = (uint64_t)ctx;
	uint32_t suspended = bf_calls_suspend();

	bf_cpuset_add(&meeting.inside, me);
	bf_cpuset_add(&meeting.arrived, me);
	while (is_on(number) && atomic_load(&meeting.phase) == GATHER)
		bf_cpu_relax();
	if (is_on(number) && meeting.all)
		bf_call_run(meeting.ext, meeting.fn, meeting.ctx);
	bf_cpuset_add(&meeting.done, me);
	while (is_on(number) && atomic_load(&meeting.phase) != OVER)
		bf_cpu_relax();
	(void)bf_cpuset_take(&meeting.inside, me);
	bf_calls_resume(suspended);
}

/* Whether all who attend, or still have to, have got as far. */
static bool all_in(struct bf_call *call, const struct bf_cpuset *set)
{
	const struct bf_cpuset *left = bf_call_left(call);

	for (uint32_t c = bf_cpuset_next(left, 0); c < BF_MAX_CPUS; c = bf_cpuset_next(left, c + 1))
		if (!bf_cpuset_has(set, c))
			return false;
	return true;
}

/* @return 0 as the host, or BF_EBUSY if this CPU is inside one already */
static int become_host(uint32_t me)
{
	while (!bf_cpuset_has(&meeting.inside, me)) {
		uint32_t host = 0;

		if (atomic_compare_exchange_strong(&meeting.host, &host, me + 1))
			return 0;
		if (bf_cpu_halted(host - 1) &&
		    atomic_compare_exchange_strong(&meeting.host, &host, me + 1))
			return 0;
		bf_cpu_relax();
	}
	return BF_EBUSY;
}

static void hold(void)
{
	uint64_t number = atomic_load(&meeting.number) + 1;
	uint32_t suspended = bf_calls_suspend();
	struct bf_call *call;

	atomic_store(&meeting.phase, GATHER);
	bf_cpuset_copy(&meeting.arrived, &nobody);
	bf_cpuset_copy(&meeting.done, &nobody);
	atomic_store(&meeting.number, number);
	call = bf_call_begin(attend, (void *)number);
	while (!all_in(call, &meeting.arrived) || bf_calls_open())
		bf_cpu_relax();
	atomic_store(&meeting.phase, RUN);
	bf_call_run(meeting.ext, meeting.fn, meeting.ctx);
	while (!all_in(call, &meeting.done))
		bf_cpu_relax();
	atomic_store(&meeting.phase, OVER);
	bf_call_end(call);
	bf_calls_resume(suspended);
}

int bf_rendezvous(bf_cpu_fn fn, void *ctx, enum bf_rendezvous_on on)
{
	uint32_t me = bf_cpu_this();
	int status = bf_calls_ready();

	if (!status)
		status = become_host(me);
	if (status)
		return status;
	bf_cpuset_add(&meeting.inside, me);
	meeting.fn = fn;
	meeting.ctx = ctx;
	meeting.ext = bf_running_ext();
	meeting.all = on == BF_RENDEZVOUS_ALL;
	hold();
	(void)bf_cpuset_take(&meeting.inside, me);
	atomic_store(&meeting.host, 0);
	return 0;
}

void bf_rendezvous_wait(void)
{
	while (hosted())
		bf_cpu_relax();
}
