/* SPDX-License-Identifier: MIT */
/*
 * Makes a chain. The keys of a family are cut into segments at the ends of the hooks' ranges;
 * within a segment the same hooks run for all keys, so that an exit looks its segment up once and
 * asks nobody who does not care.
 */
#include <stddef.h>
#include <bfvmm/chain.h>
#include <bfvmm/defaults.h>

/* What goes into a chain, and where the next piece of it goes. */
struct making {
	const struct bf_vm *vm;
	enum bf_exit_reason reason;
	struct bf_link *at; /* NULL while links are only counted */
	uint32_t links;
};

static bool for_vm(const struct bf_hook *hook, const struct bf_vm *vm)
{
	return vm->id == 0 || hook->vms == BF_ALL_VMS;
}

static void add(struct making *m, const struct bf_hook *hook)
{
	m->links++;
	if (!m->at)
		return;
	*m->at++ = (struct bf_link){
		.fn = hook->fn,
		.ctx = hook->ctx,
		.stats = hook->ext->stats,
		.ext = hook->ext,
		.number = hook->number,
	};
}

static struct bf_links gather_exit(struct making *m)
{
	struct bf_links links = {.first = m->at};
	struct bf_hook *hook = NULL;

	/* First those on every exit: to them a reason is a detail. */
	while ((hook = bf_hook_next(hook, BF_HOOK_EVERY, m->reason)))
		if (for_vm(hook, m->vm))
			add(m, hook);
	while ((hook = bf_hook_next(hook, BF_HOOK_EXIT, m->reason)))
		if (for_vm(hook, m->vm))
			add(m, hook);
	links.end = m->at;
	return links;
}

static struct bf_links gather_stage(struct making *m, enum bf_hook_stage stage, uint64_t key)
{
	struct bf_links links = {.first = m->at};
	struct bf_hook *hook = NULL;

	while ((hook = bf_hook_next(hook, BF_HOOK_TYPED, m->reason)))
		if (for_vm(hook, m->vm) && hook->stage == stage && hook->range.first <= key &&
		    key <= hook->range.last)
			add(m, hook);
	links.end = m->at;
	return links;
}

/* The lowest key above @key at which the set of hooks changes, 0 if there is none. */
static uint64_t next_cut(const struct making *m, uint64_t key)
{
	struct bf_hook *hook = NULL;
	uint64_t cut = 0;

	while ((hook = bf_hook_next(hook, BF_HOOK_TYPED, m->reason))) {
		const uint64_t ends[] = {hook->range.first, hook->range.last + 1};

		for (int i = 0; i < 2; i++)
			if (ends[i] > key && (!cut || ends[i] < cut))
				cut = ends[i];
	}
	return cut;
}

/* Fills @segment, or with NULL counts. @return the number of segments */
static uint32_t gather_segments(struct making *m, struct bf_segment_links *segment)
{
	uint32_t count = 0;
	uint64_t key = 0;

	do {
		struct bf_segment_links s = {.first = key};

		s.pre = gather_stage(m, BF_HOOK_PRE, key);
		s.post = gather_stage(m, BF_HOOK_POST, key);
		if (segment)
			segment[count] = s;
		count++;
		key = next_cut(m, key);
	} while (key);
	return count;
}

int bf_chain_make(const struct bf_vm *vm, enum bf_exit_reason reason, struct bf_chain **out)
{
	const struct bf_hook *typed = bf_hook_next(NULL, BF_HOOK_TYPED, reason);
	struct making m = {.vm = vm, .reason = reason};
	struct bf_chain *chain;
	uint32_t segments = 0;

	*out = NULL;
	gather_exit(&m);
	if (typed)
		segments = gather_segments(&m, NULL);
	if (!m.links)
		return 0;
	chain = bf_alloc(sizeof(*chain) + segments * sizeof(struct bf_segment_links) +
			 m.links * sizeof(struct bf_link));
	if (!chain)
		return BF_ENOMEM;
	chain->slot = (struct bf_slot){.fn = bf_chain_run, .ctx = chain};
	chain->base = bf_default_slot(reason);
	chain->family = typed ? typed->family : NULL;
	chain->segments = segments;
	chain->segment = (struct bf_segment_links *)chain->memory;
	m.at = (struct bf_link *)(chain->segment + segments);
	chain->exit = gather_exit(&m);
	if (typed)
		gather_segments(&m, chain->segment);
	*out = chain;
	return 0;
}
