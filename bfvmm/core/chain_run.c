/* SPDX-License-Identifier: MIT */
/*
 * An exit that somebody hooks: hooks on the exit, typed hooks before the default, the default,
 * typed hooks after it. Hooks run under a guard; when one trips it, its extension is disabled
 * and the exit goes on behind it.
 */
#include <stddef.h>
#include <bfhw/hw.h>
#include <bfvmm/chain.h>
#include <bfvmm/guard.h>
#include <bfvmm/panic.h>

enum stage {
	STAGE_EXIT,
	STAGE_PRE,
	STAGE_POST
};

/* An exit on its way through a chain. */
struct run {
	struct bf_vcpu *vcpu;
	const struct bf_chain *chain;
	struct bf_exit *exit;
	const struct bf_segment_links *segment;
	struct bf_links links; /* those still to be asked in this stage */
	enum stage stage;
	union bf_hook_io *io;
};

static inline struct bf_ext_stats *stats_of(const struct bf_link *link, uint64_t offset)
{
	return (struct bf_ext_stats *)((char *)link->stats + offset);
}

/* As ask(), with the time that each hook takes. */
static __attribute__((noinline)) enum bf_verdict ask_timed(struct run *run, void *io)
{
	struct bf_vcpu *vcpu = run->vcpu;
	const struct bf_link *link = run->links.first, *end = run->links.end;
	const uint64_t offset = vcpu->index * sizeof(struct bf_ext_stats);
	enum bf_verdict verdict = BF_PASS;

	for (; link != end; link++) {
		struct bf_ext_stats *stats = stats_of(link, offset);
		uint64_t start = bf_hw_rdtsc();

		vcpu->running = link;
		stats->calls++;
		verdict = link->fn(vcpu, io, link->ctx);
		stats->cycles += bf_hw_rdtsc() - start;
		if (verdict != BF_PASS)
			break;
	}
	run->links.first = link;
	vcpu->running = NULL;
	return verdict;
}

/* Asks one hook after the other. @return BF_PASS, or the verdict of run->links.first */
static inline enum bf_verdict ask(struct run *run, void *io)
{
	struct bf_vcpu *vcpu = run->vcpu;
	const struct bf_link *link = run->links.first, *end = run->links.end;
	const uint64_t offset = vcpu->index * sizeof(struct bf_ext_stats);
	enum bf_verdict verdict = BF_PASS;

	if (link == end)
		return BF_PASS;
	if (__builtin_expect(vcpu->exit_seq % BF_TIMED_EXITS == 0, 0))
		return ask_timed(run, io);
	for (; link != end; link++) {
		vcpu->running = link;
		stats_of(link, offset)->calls++;
		verdict = link->fn(vcpu, io, link->ctx);
		if (__builtin_expect(verdict != BF_PASS, 0))
			break;
	}
	run->links.first = link;
	vcpu->running = NULL;
	return verdict;
}

/* As ask(), but a verdict that does not exist here costs its extension all its hooks. */
static inline enum bf_verdict ask_all(struct run *run, void *io, uint32_t limit)
{
	enum bf_verdict verdict;

	while (__builtin_expect((verdict = ask(run, io)) >= limit, 0)) {
		bf_blame_verdict(run->links.first, verdict);
		run->links.first++;
	}
	return verdict;
}

static void find_segment(struct run *run, uint64_t key)
{
	const struct bf_segment_links *low = run->chain->segment;
	uint32_t count = run->chain->segments;

	while (count > 1) {
		uint32_t half = count / 2;

		if (low[half].first <= key)
			low += half;
		count -= half;
	}
	run->segment = low;
	run->links = low->pre;
	run->stage = STAGE_PRE;
}

static enum bf_verdict before(struct run *run)
{
	enum bf_verdict verdict = ask_all(run, run->io, BF_VERDICT_COUNT);

	if (verdict != BF_PASS)
		return verdict;
	verdict = run->chain->family->perform(run->vcpu, run->exit, run->io);
	if (verdict != BF_SKIP)
		return verdict;
	run->links = run->segment->post;
	run->stage = STAGE_POST;
	return BF_PASS;
}

/* Typed hooks and the default. Begins where it was when a hook tripped the guard. */
static inline __attribute__((always_inline)) enum bf_verdict access(struct run *run)
{
	if (run->stage == STAGE_PRE) {
		enum bf_verdict verdict = before(run);

		if (verdict != BF_PASS)
			return verdict;
	}
	ask_all(run, run->io, BF_PASS + 1);
	return BF_SKIP;
}

static uint64_t one_access(void *run)
{
	return access(run);
}

/* Runs @fn until no hook trips the guard any more. */
static inline enum bf_verdict guarded(uint64_t (*fn)(void *ctx), struct run *run)
{
	struct bf_vcpu *vcpu = run->vcpu;
	uint64_t verdict;

	while ((verdict = bf_guarded(fn, run, &vcpu->pcpu->guard)) == BF_TRIPPED) {
		const struct bf_link *culprit = vcpu->running;

		if (!culprit)
			bf_panic("a guard was tripped by no hook");
		vcpu->running = NULL;
		run->links.first = culprit + 1;
		bf_blame_trip(culprit->ext);
	}
	return (enum bf_verdict)verdict;
}

/* One of several accesses, under a guard of its own: it could not be repeated. */
static enum bf_verdict each(void *ctx, uint64_t key, union bf_hook_io *io)
{
	struct run *run = ctx;

	run->io = io;
	find_segment(run, key);
	return guarded(one_access, run);
}

static enum bf_verdict typed(struct run *run)
{
	const struct bf_family *family = run->chain->family;
	enum bf_verdict verdict;

	if (run->stage == STAGE_EXIT)
		find_segment(run, family->decode(run->vcpu, run->exit, run->io));
	verdict = access(run);
	if (verdict == BF_SKIP && family->finish)
		family->finish(run->vcpu, run->io);
	return verdict;
}

static uint64_t go(void *ctx)
{
	struct run *run = ctx;
	const struct bf_chain *chain = run->chain;

	if (run->stage == STAGE_EXIT) {
		enum bf_verdict verdict = ask_all(run, run->exit, BF_VERDICT_COUNT);

		if (verdict != BF_PASS)
			return verdict;
	}
	if (!chain->family)
		return chain->base->fn(run->vcpu, run->exit, chain->base->ctx);
	if (chain->family->drive)
		return chain->family->drive(run->vcpu, run->exit, each, run);
	return typed(run);
}

enum bf_verdict bf_chain_run(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	const struct bf_chain *chain = ctx;
	union bf_hook_io io;
	struct run run;

	/* Not all of it: the operands are filled in when it is known which. */
	run.vcpu = vcpu;
	run.chain = chain;
	run.exit = exit;
	run.links = chain->exit;
	run.stage = STAGE_EXIT;
	run.io = &io;
	return guarded(go, &run);
}
