/* SPDX-License-Identifier: MIT */
/*
 * Cross-CPU calls. Each CPU has a few records for calls of its own, and a set of the CPUs that
 * want something of it. A record says who has not begun (todo) and who has not finished (left).
 * Whoever takes a CPU out of todo answers for it: that CPU by running the function, others when
 * it is gone. A record is not used again before left is empty, so that no CPU reads a stale one.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/log.h>
#include <bfhw/hw.h>
#include <bfhw/this_cpu.h>
#include <bfvmm/apic.h>
#include <bfvmm/call.h>
#include <bfvmm/guard.h>
#include <bfvmm/hooks.h>

#define DEPTH 4u /* calls inside calls */
#define ASYNC DEPTH
#define SLOTS (DEPTH + 1)

struct bf_call {
	bf_cpu_fn fn;
	void *ctx;
	struct bf_ext *ext; /* whose the function is, NULL: the VMM's own */
	struct bf_cpuset todo, left;
	bool counted;         /* in open */
	_Atomic bool dropped; /* somebody was gone */
};

struct box {
	struct bf_cpuset from;
	struct bf_call call[SLOTS];
	uint32_t depth;   /* records in use, but for the last */
	uint32_t serving; /* functions of others that this CPU is inside of */
};

static struct box *boxes; /* one a CPU; NULL: nobody has asked for calls */
static uint32_t box_count;
static bool sealed;

/* Functions yet to be run or running, but for those whose CPU waits in a rendezvous. */
static _Atomic int32_t open;

void bf_calls_reset(uint32_t cpu_count)
{
	boxes = NULL;
	box_count = cpu_count;
	sealed = false;
	atomic_store(&open, 0);
	bf_kicks_reset();
	bf_rendezvous_reset();
}

void bf_calls_seal(void)
{
	sealed = true;
}

static int refuse(int code, const char *why)
{
	bf_error("calls of other CPUs are not to be had: %s", why);
	return code;
}

int bf_calls_enable(void)
{
	if (boxes)
		return 0;
	if (sealed)
		return BF_ESTATE;
	if (box_count > 1 && !bf_hv->can_kick())
		return refuse(BF_ENOTSUP, "this CPU cannot make NMIs exit");
	if (box_count > 1 && bf_apic_ready())
		return refuse(BF_ENOTSUP, "IA32_APIC_BASE: the local APIC is off, or was moved");
	boxes = bf_alloc(box_count * sizeof(*boxes));
	if (!boxes)
		return BF_ENOMEM;
	bf_kicks_on = box_count > 1;
	return 0;
}

int bf_cpu_calls_enable(struct bf_ext *ext)
{
	return ext ? bf_calls_enable() : BF_EINVAL;
}

/* Who runs out of stack does so here, where nobody waits for anything yet: see guard.h. */
int bf_calls_ready(void)
{
	if (!boxes)
		return BF_ESTATE;
	bf_hw_probe_stack();
	if (boxes[bf_cpu_this()].depth == DEPTH)
		return BF_EBUSY;
	return bf_kicks_on ? bf_apic_ready() : 0;
}

struct function {
	bf_cpu_fn fn;
	void *ctx;
};

static uint64_t run_function(void *ctx)
{
	const struct function *f = ctx;

	f->fn(bf_cpu_this(), f->ctx);
	return 0;
}

/*
 * A function that faults must take nobody with it: not the hook of another extension that waits on
 * this CPU, and not its own caller, for whom others still have to run it.
 */
void bf_call_run(struct bf_ext *ext, bf_cpu_fn fn, void *ctx)
{
	struct function f = {fn, ctx};

	if (ext && __atomic_load_n(&ext->disabled, __ATOMIC_ACQUIRE))
		return;
	if (ext)
		(void)bf_call_ext(ext, run_function, &f);
	else
		(void)run_function(&f);
}

static void finished(struct bf_call *call, uint32_t cpu)
{
	bool counted = call->counted;

	if (bf_cpuset_take(&call->left, cpu) && counted)
		atomic_fetch_sub(&open, 1);
}

/* The function may wait, and serve meanwhile: what else its caller wants has to be found there. */
static void run(struct bf_call *call, uint32_t me, uint32_t caller)
{
	if (!bf_cpuset_take(&call->todo, me))
		return;
	bf_cpuset_add(&boxes[me].from, caller);
	boxes[me].serving += call->counted;
	bf_call_run(call->ext, call->fn, call->ctx);
	boxes[me].serving -= call->counted;
	finished(call, me);
}

static void serve(uint32_t me)
{
	struct bf_cpuset *from = &boxes[me].from;

	for (uint32_t c = bf_cpuset_next(from, 0); c < BF_MAX_CPUS;
	     c = bf_cpuset_next(from, c + 1)) {
		(void)bf_cpuset_take(from, c);
		for (uint32_t i = 0; i < SLOTS; i++)
			run(&boxes[c].call[i], me, c);
	}
}

void bf_calls_serve(void)
{
	if (boxes)
		serve(bf_cpu_this());
}

void bf_cpu_relax(void)
{
	bf_calls_serve();
	bf_hw_pause();
}

/* Answers for a CPU that will not do so itself any more. */
static void drop(struct bf_call *call, uint32_t cpu)
{
	bool mine = bf_cpuset_take(&call->todo, cpu);

	/* Else it has begun, and ends too, unless it has died over it. */
	if (!mine && !bf_cpu_halted(cpu))
		return;
	atomic_store(&call->dropped, true);
	finished(call, cpu);
}

static void sweep(struct bf_call *call)
{
	const struct bf_cpuset *left = &call->left;

	for (uint32_t c = bf_cpuset_next(left, 0); c < BF_MAX_CPUS; c = bf_cpuset_next(left, c + 1))
		if (!bf_cpu_is_up(c))
			drop(call, c);
}

/* A CPU has gone: nobody need notice, but a call that its maker does not wait for would stay. */
void bf_calls_drop(uint32_t cpu)
{
	for (uint32_t i = 0; boxes && i < box_count * SLOTS; i++) {
		struct bf_call *call = &boxes[i / SLOTS].call[i % SLOTS];

		if (bf_cpuset_has(&call->left, cpu))
			drop(call, cpu);
	}
}

/* For calls whose maker has died. */
static void sweep_all(void)
{
	for (uint32_t i = 0; i < box_count * SLOTS; i++)
		sweep(&boxes[i / SLOTS].call[i % SLOTS]);
}

const struct bf_cpuset *bf_call_left(struct bf_call *call)
{
	sweep(call);
	return &call->left;
}

static bool done(struct bf_call *call)
{
	return bf_cpuset_empty(bf_call_left(call));
}

/* Fills a record and tells those whom it concerns. */
static void publish(struct bf_call *call, const struct bf_cpuset *whom)
{
	uint32_t me = bf_cpu_this();

	atomic_store(&call->dropped, false);
	bf_cpuset_copy(&call->left, whom);
	for (uint32_t c = bf_cpuset_next(whom, 0); c < BF_MAX_CPUS; c = bf_cpuset_next(whom, c + 1))
		atomic_fetch_add(&open, call->counted);
	bf_cpuset_copy(&call->todo, whom);
	for (uint32_t c = bf_cpuset_next(whom, 0); c < BF_MAX_CPUS;
	     c = bf_cpuset_next(whom, c + 1)) {
		bf_cpuset_add(&boxes[c].from, me);
		bf_cpu_announce(c, BF_PENDING_CALL);
	}
}

static struct bf_call *begin(bf_cpu_fn fn, void *ctx, bool counted)
{
	struct box *box = &boxes[bf_cpu_this()];
	struct bf_call *call = &box->call[box->depth++];

	call->fn = fn;
	call->ctx = ctx;
	call->ext = bf_running_ext();
	call->counted = counted;
	return call;
}

static void others(struct bf_cpuset *set)
{
	bf_cpuset_copy(set, &bf_cpus_in);
	(void)bf_cpuset_take(set, bf_cpu_this());
}

struct bf_call *bf_call_begin(bf_cpu_fn fn, void *ctx)
{
	struct bf_call *call = begin(fn, ctx, false);
	struct bf_cpuset set;

	call->ext = NULL;
	others(&set);
	publish(call, &set);
	return call;
}

void bf_call_end(struct bf_call *call)
{
	while (!done(call))
		bf_cpu_relax();
	boxes[bf_cpu_this()].depth--;
}

static void without_wait(bf_cpu_fn fn, void *ctx)
{
	struct bf_call *call = &boxes[bf_cpu_this()].call[ASYNC];
	struct bf_cpuset set;

	while (!done(call))
		bf_cpu_relax();
	call->fn = fn;
	call->ctx = ctx;
	call->ext = bf_running_ext();
	call->counted = true;
	others(&set);
	publish(call, &set);
	bf_call_run(call->ext, fn, ctx);
}

int bf_on_each_cpu(bf_cpu_fn fn, void *ctx, bool wait)
{
	int status = bf_calls_ready();
	struct bf_cpuset set;
	struct bf_call *call;

	if (status)
		return status;
	if (!wait) {
		without_wait(fn, ctx);
		return 0;
	}
	call = begin(fn, ctx, true);
	others(&set);
	publish(call, &set);
	bf_call_run(call->ext, fn, ctx);
	bf_call_end(call);
	return 0;
}

int bf_on_cpu(uint32_t cpu, bf_cpu_fn fn, void *ctx)
{
	int status = bf_calls_ready();
	struct bf_cpuset set = {0};
	struct bf_call *call;

	if (status)
		return status;
	if (cpu == bf_cpu_this()) {
		bf_call_run(bf_running_ext(), fn, ctx);
		return 0;
	}
	if (!bf_cpu_is_up(cpu))
		return BF_ENOENT;
	call = begin(fn, ctx, true);
	bf_cpuset_add(&set, cpu);
	publish(call, &set);
	bf_call_end(call);
	return atomic_load(&call->dropped) ? BF_ENOENT : 0;
}

uint32_t bf_calls_suspend(void)
{
	uint32_t serving = boxes[bf_cpu_this()].serving;

	boxes[bf_cpu_this()].serving = 0;
	atomic_fetch_sub(&open, (int32_t)serving);
	return serving;
}

void bf_calls_resume(uint32_t serving)
{
	atomic_fetch_add(&open, (int32_t)serving);
	boxes[bf_cpu_this()].serving = serving;
}

bool bf_calls_open(void)
{
	sweep_all();
	return atomic_load(&open);
}
