/* SPDX-License-Identifier: MIT */
/*
 * Makes a chain. The keys of a family are cut into segments at the ends of the hooks' ranges;
 * within a segment the same hooks run for all keys, so that an exit looks its segment up once and
 * asks nobody who does not care.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bfvmm/chain.h>
#include <bfvmm/defaults.h>

#define STAGES 2

/* What goes into a chain. */
struct making {
	const struct bf_vm *vm;
	enum bf_exit_reason reason;
	uint32_t exits, typed; /* hooks of each kind */
	uint64_t *cut;         /* where the set of typed hooks changes: rising from 0 */
	uint32_t cuts;
	uint32_t *count; /* links of each segment and stage */
	uint32_t links;  /* all links */
};

/* Hooks on every exit come first: to them a reason is a detail. */
static const enum bf_hook_kind exit_kinds[] = {BF_HOOK_EVERY, BF_HOOK_EXIT};

static bool for_vm(const struct bf_hook *hook, const struct bf_vm *vm)
{
	return vm->id == 0 || hook->vms == BF_ALL_VMS;
}

static struct bf_hook *next(const struct making *m, struct bf_hook *hook, enum bf_hook_kind kind)
{
	do
		hook = bf_hook_next(hook, kind, m->reason);
	while (hook && !for_vm(hook, m->vm));
	return hook;
}

static uint32_t count_hooks(const struct making *m, enum bf_hook_kind kind)
{
	uint32_t count = 0;

	for (struct bf_hook *hook = next(m, NULL, kind); hook; hook = next(m, hook, kind))
		count++;
	return count;
}

static void add_cut(struct making *m, uint64_t key)
{
	uint32_t at = m->cuts;

	while (m->cut[at - 1] > key)
		at--;
	if (m->cut[at - 1] == key)
		return;
	for (uint32_t i = m->cuts++; i > at; i--)
		m->cut[i] = m->cut[i - 1];
	m->cut[at] = key;
}

static void find_cuts(struct making *m)
{
	m->cuts = 1;
	for (struct bf_hook *hook = next(m, NULL, BF_HOOK_TYPED); hook;
	     hook = next(m, hook, BF_HOOK_TYPED)) {
		add_cut(m, hook->range.first);
		if (hook->range.last != UINT64_MAX)
			add_cut(m, hook->range.last + 1);
	}
}

/* The segment that @key is in. */
static uint32_t segment_of(const struct making *m, uint64_t key)
{
	uint32_t low = 0, count = m->cuts;

	while (count > 1) {
		uint32_t half = count / 2;

		if (m->cut[low + half] <= key)
			low += half;
		count -= half;
	}
	return low;
}

static void count_links(struct making *m)
{
	m->links = m->exits;
	for (struct bf_hook *hook = next(m, NULL, BF_HOOK_TYPED); hook;
	     hook = next(m, hook, BF_HOOK_TYPED)) {
		uint32_t last = segment_of(m, hook->range.last);

		for (uint32_t i = segment_of(m, hook->range.first); i <= last; i++) {
			m->count[STAGES * i + hook->stage]++;
			m->links++;
		}
	}
}

static void append(struct bf_links *links, const struct bf_hook *hook)
{
	*(struct bf_link *)links->end++ = (struct bf_link){
		.fn = hook->fn,
		.ctx = hook->ctx,
		.stats = hook->ext->stats,
		.ext = hook->ext,
		.number = hook->number,
		.inner = hook->inner,
		.view = hook->view,
		.kinds = hook->kinds,
	};
}

static void append_exits(const struct making *m, struct bf_links *links)
{
	for (int i = 0; i < 2; i++)
		for (struct bf_hook *hook = next(m, NULL, exit_kinds[i]); hook;
		     hook = next(m, hook, exit_kinds[i]))
			append(links, hook);
}

static void append_typed(const struct making *m, struct bf_segment_links *segment)
{
	for (struct bf_hook *hook = next(m, NULL, BF_HOOK_TYPED); hook;
	     hook = next(m, hook, BF_HOOK_TYPED)) {
		uint32_t last = segment_of(m, hook->range.last);

		for (uint32_t i = segment_of(m, hook->range.first); i <= last; i++)
			append(hook->stage == BF_HOOK_PRE ? &segment[i].pre : &segment[i].post,
			       hook);
	}
}

/* Room for @count links at @*at, none there yet. */
static struct bf_links reserve(struct bf_link **at, uint32_t count)
{
	struct bf_links links = {.first = *at, .end = *at};

	*at += count;
	return links;
}

static void fill(const struct making *m, struct bf_chain *chain)
{
	struct bf_link *at = (struct bf_link *)(chain->segment + m->cuts);

	chain->exit = reserve(&at, m->exits);
	append_exits(m, &chain->exit);
	for (uint32_t i = 0; i < m->cuts; i++) {
		chain->segment[i].first = m->cut[i];
		chain->segment[i].pre = reserve(&at, m->count[STAGES * i + BF_HOOK_PRE]);
		chain->segment[i].post = reserve(&at, m->count[STAGES * i + BF_HOOK_POST]);
	}
	append_typed(m, chain->segment);
}

static int make(struct making *m, struct bf_chain **out)
{
	struct bf_hook *typed = next(m, NULL, BF_HOOK_TYPED);
	struct bf_chain *chain;

	if (typed) {
		find_cuts(m);
		count_links(m);
	}
	chain = bf_alloc(sizeof(*chain) + m->cuts * sizeof(struct bf_segment_links) +
			 m->links * sizeof(struct bf_link));
	if (!chain)
		return BF_ENOMEM;
	chain->slot = (struct bf_slot){.fn = bf_chain_run, .ctx = chain};
	chain->base = bf_default_slot(m->reason);
	chain->family = typed ? typed->family : NULL;
	chain->segments = m->cuts;
	chain->segment = (struct bf_segment_links *)chain->memory;
	fill(m, chain);
	*out = chain;
	return 0;
}

int bf_chain_make(const struct bf_vm *vm, enum bf_exit_reason reason, struct bf_chain **out)
{
	struct making m = {.vm = vm, .reason = reason};
	uint64_t most; /* segments */
	int status;

	*out = NULL;
	m.exits = count_hooks(&m, BF_HOOK_EVERY) + count_hooks(&m, BF_HOOK_EXIT);
	m.typed = count_hooks(&m, BF_HOOK_TYPED);
	m.links = m.exits;
	if (!m.exits && !m.typed)
		return 0;
	most = 2ul * m.typed + 1;
	m.cut = bf_alloc(most * (sizeof(*m.cut) + STAGES * sizeof(*m.count)));
	if (!m.cut)
		return BF_ENOMEM;
	m.count = (uint32_t *)(m.cut + most);
	status = make(&m, out);
	bf_free(m.cut);
	return status;
}
