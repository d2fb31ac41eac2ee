/* SPDX-License-Identifier: MIT */
/*
 * The registry of hooks: one list, in running order. Cold; the exit path sees only the slots
 * that chain.c makes from it.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bfvmm/defaults.h>
#include <bfvmm/hooks.h>
#include <bfvmm/lock.h>

static struct bf_lock lock = BF_LOCK_INIT;
static struct bf_hook *hooks;
static uint64_t last_number;

void bf_hooks_reset(void)
{
	hooks = NULL;
}

struct bf_hook *bf_hook_next(const struct bf_hook *after, enum bf_hook_kind kind, uint32_t point)
{
	struct bf_hook *hook = after ? after->next : hooks;

	while (hook && (hook->kind != kind || hook->point != point))
		hook = hook->next;
	return hook;
}

static void insert(struct bf_hook *hook)
{
	struct bf_hook **link = &hooks;

	while (*link && (*link)->priority <= hook->priority)
		link = &(*link)->next;
	hook->next = *link;
	*link = hook;
}

static void extract(const struct bf_hook *hook)
{
	for (struct bf_hook **link = &hooks; *link; link = &(*link)->next) {
		if (*link != hook)
			continue;
		*link = hook->next;
		return;
	}
}

/* Hooks come before the control VM exists too; its slots are then made later. */
static int rebuild(const struct bf_hook *hook)
{
	if (hook->kind == BF_HOOK_LIFE || !bf_control_vm)
		return 0;
	return bf_slot_rebuild(bf_control_vm, hook->point);
}

int bf_hook_add(const struct bf_hook *from, struct bf_hook **handle)
{
	struct bf_hook *hook = bf_alloc(sizeof(*hook));

	if (!hook)
		return BF_ENOMEM;
	*hook = *from;
	bf_lock(&lock);
	hook->number = ++last_number;
	insert(hook);
	int status = rebuild(hook);
	if (status)
		extract(hook);
	bf_unlock(&lock);
	if (status) {
		bf_free(hook);
		return status;
	}
	if (handle)
		*handle = hook;
	return 0;
}

void bf_unhook(struct bf_hook *hook)
{
	if (!hook)
		return;
	bf_lock(&lock);
	extract(hook);
	/* Without memory for a shorter chain the old one stays, and its hook with it. */
	int status = rebuild(hook);
	if (status)
		insert(hook);
	bf_unlock(&lock);
	if (!status)
		bf_free(hook);
}

static int add_cpuid(struct bf_ext *ext, enum bf_hook_kind kind, enum bf_vm_set vms,
		     struct bf_leaf_range range, bf_cpuid_fn fn, void *ctx, int priority,
		     struct bf_hook **handle)
{
	struct bf_hook hook = {.ext = ext,
			       .kind = kind,
			       .vms = vms,
			       .priority = priority,
			       .point = BF_EXIT_CPUID,
			       .leaves = range,
			       .fn.cpuid = fn,
			       .ctx = ctx};

	if (!ext || !fn || range.first > range.last)
		return BF_EINVAL;
	return bf_hook_add(&hook, handle);
}

int bf_hook_cpuid(struct bf_ext *ext, enum bf_vm_set vms, struct bf_leaf_range range,
		  bf_cpuid_fn fn, void *ctx, int priority, struct bf_hook **handle)
{
	return add_cpuid(ext, BF_HOOK_CPUID, vms, range, fn, ctx, priority, handle);
}

int bf_hook_cpuid_post(struct bf_ext *ext, enum bf_vm_set vms, struct bf_leaf_range range,
		       bf_cpuid_fn fn, void *ctx, int priority, struct bf_hook **handle)
{
	return add_cpuid(ext, BF_HOOK_CPUID_POST, vms, range, fn, ctx, priority, handle);
}

int bf_hook_exit(struct bf_ext *ext, enum bf_vm_set vms, enum bf_exit_reason reason, bf_exit_fn fn,
		 void *ctx, int priority, struct bf_hook **handle)
{
	struct bf_hook hook = {.ext = ext,
			       .kind = BF_HOOK_EXIT,
			       .vms = vms,
			       .priority = priority,
			       .point = reason,
			       .fn.exit = fn,
			       .ctx = ctx};

	if (!ext || !fn || reason >= BF_EXIT_COUNT)
		return BF_EINVAL;
	if (!bf_hv->can_intercept(reason) || !bf_has_default(reason))
		return BF_ENOTSUP;
	return bf_hook_add(&hook, handle);
}

int bf_hook_event(struct bf_ext *ext, enum bf_life_event event, bf_life_fn fn, void *ctx,
		  struct bf_hook **handle)
{
	struct bf_hook hook = {.ext = ext,
			       .kind = BF_HOOK_LIFE,
			       .vms = BF_CONTROL_VM,
			       .priority = BF_PRIO_NORMAL,
			       .point = event,
			       .fn.life = fn,
			       .ctx = ctx};

	if (!ext || !fn || event >= BF_LIFE_COUNT)
		return BF_EINVAL;
	return bf_hook_add(&hook, handle);
}

_Static_assert(BF_EXIT_COUNT <= 64, "one bit a reason");

uint64_t bf_reasons_wanted(void)
{
	uint64_t wanted = 0;

	bf_lock(&lock);
	for (const struct bf_hook *hook = hooks; hook; hook = hook->next)
		if (hook->kind == BF_HOOK_EXIT)
			wanted |= 1UL << hook->point;
	bf_unlock(&lock);
	return wanted;
}

/*
 * Makes @hook a copy of the one behind it for @event. The hook itself may go at any time: its own
 * function may remove it, or another CPU. All have one priority, so that they run by number.
 */
static bool next_life(enum bf_life_event event, struct bf_hook *hook)
{
	const struct bf_hook *next = NULL;

	bf_lock(&lock);
	do
		next = bf_hook_next(next, BF_HOOK_LIFE, event);
	while (next && next->number <= hook->number);
	if (next)
		*hook = *next;
	bf_unlock(&lock);
	return next;
}

void bf_life_event(enum bf_life_event event, uint32_t cpu)
{
	struct bf_hook hook = {.number = 0};

	while (next_life(event, &hook))
		hook.fn.life(event, cpu, hook.ctx);
}
