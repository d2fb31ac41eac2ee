/* SPDX-License-Identifier: MIT */
/*
 * The registry of hooks: one list, in running order. Cold; the exit path sees only the slots
 * that chain.c makes from it. A handle is the hook's number: one that is used twice finds nothing.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/log.h>
#include <bfhw/this_cpu.h>
#include <bfvmm/chain.h>
#include <bfvmm/guard.h>
#include <bfvmm/hooks.h>
#include <bfvmm/lock.h>
#include <bfvmm/s2.h>

static struct bf_lock lock = BF_LOCK_INIT;
static struct bf_hook *hooks;
static uint64_t last_number;

_Static_assert(BF_EXIT_COUNT <= 64, "one bit a reason");

void bf_hooks_reset(void)
{
	hooks = NULL;
}

static bool is_at(const struct bf_hook *hook, uint32_t point)
{
	return hook->kind == BF_HOOK_EVERY || hook->point == point;
}

struct bf_hook *bf_hook_next(const struct bf_hook *after, enum bf_hook_kind kind, uint32_t point)
{
	struct bf_hook *hook = after ? after->next : hooks;

	while (hook && (hook->kind != kind || !is_at(hook, point)))
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
	struct bf_hook **link = &hooks;

	while (*link != hook)
		link = &(*link)->next;
	*link = hook->next;
}

/* The reasons whose slots a hook is in, a bit each. */
static uint64_t reasons_of(const struct bf_hook *hook)
{
	switch (hook->kind) {
	case BF_HOOK_LIFE:
		return 0;
	case BF_HOOK_EVERY:
		return (1UL << BF_EXIT_COUNT) - 1;
	default:
		return 1UL << hook->point;
	}
}

/* Makes slots anew. Hooks come before the control VM exists too; its slots are then made later. */
static int rebuild(uint64_t reasons)
{
	int status = 0;

	if (!bf_control_vm)
		return 0;
	for (uint32_t i = 0; i < BF_EXIT_COUNT && !status; i++)
		if (reasons >> i & 1)
			status = bf_slot_rebuild(bf_control_vm, i);
	return status;
}

static void silence(const struct bf_hook *hook)
{
	uint64_t reasons = bf_control_vm ? reasons_of(hook) : 0;

	for (uint32_t i = 0; i < BF_EXIT_COUNT; i++)
		if (reasons >> i & 1)
			bf_slot_silence(bf_control_vm, i, hook->number);
}

struct range_source {
	const struct bf_hook *hook; /* the one that gave the last range */
	enum bf_exit_reason reason;
};

static bool next_range(void *ctx, struct bf_range *range)
{
	struct range_source *from = ctx;
	const struct bf_hook *hook = from->hook ? from->hook->next : hooks;

	while (hook && ((hook->kind != BF_HOOK_EXIT && hook->kind != BF_HOOK_TYPED) ||
			hook->point != from->reason))
		hook = hook->next;
	if (!hook)
		return false;
	from->hook = hook;
	*range = hook->range;
	return true;
}

/* The backends keep bitmaps for these. */
static const enum bf_exit_reason ranged[] = {BF_EXIT_RDMSR, BF_EXIT_WRMSR, BF_EXIT_IO};

static void apply_ranges(struct bf_vm *vm, uint64_t reasons)
{
	for (uint32_t i = 0; i < sizeof(ranged) / sizeof(ranged[0]); i++) {
		struct range_source from = {.reason = ranged[i]};

		if (reasons >> ranged[i] & 1)
			bf_hv->intercept_ranges(vm, ranged[i], next_range, &from);
	}
}

void bf_hooks_apply_ranges(struct bf_vm *vm)
{
	bf_lock(&lock);
	apply_ranges(vm, UINT64_MAX);
	bf_unlock(&lock);
}

/* Tells the backend, and every CPU, that other exits are wanted than before. */
static void intercepts_changed(uint64_t reasons)
{
	struct bf_vm *vm = bf_control_vm;

	if (!vm || !reasons)
		return;
	apply_ranges(vm, reasons);
	for (uint32_t i = 0; i < vm->vcpu_count; i++)
		if (vm->vcpu[i])
			bf_vcpu_pend(vm->vcpu[i], BF_PENDING_INTERCEPT);
}

/* Counters outlive the hooks: what was counted stays. */
static int make_stats(struct bf_ext *ext)
{
	uint32_t cpus = bf_control_vm ? bf_control_vm->vcpu_count : bf_cpu_count();
	uint8_t *memory;

	if (ext->stats)
		return 0;
	memory = bf_alloc((cpus + 1ul) * sizeof(struct bf_ext_stats));
	if (!memory)
		return BF_ENOMEM;
	memory += -(uint64_t)memory % sizeof(struct bf_ext_stats);
	ext->stats = (struct bf_ext_stats *)memory;
	return 0;
}

/* Under the lock: who disables an extension says so first, and then takes out what is in. */
static int may_add(struct bf_ext *ext)
{
	if (__atomic_load_n(&ext->disabled, __ATOMIC_ACQUIRE))
		return BF_ESTATE;
	if (ext->hooks == BF_HOOKS_MAX) {
		bf_blame_hunger(ext, "hooks");
		return BF_ENOMEM;
	}
	return make_stats(ext);
}

static int add(struct bf_hook *hook)
{
	uint64_t reasons = reasons_of(hook);
	int status = may_add(hook->ext);

	if (status)
		return status;
	hook->number = ++last_number;
	insert(hook);
	status = rebuild(reasons);
	if (status) {
		/* Slots that were made with it, before one could not be. */
		extract(hook);
		silence(hook);
		(void)rebuild(reasons);
	} else {
		hook->ext->hooks++;
		intercepts_changed(reasons);
	}
	return status;
}

int bf_hook_add(const struct bf_hook *from, struct bf_hook **handle)
{
	struct bf_hook *hook;
	int status;

	hook = bf_alloc(sizeof(*hook));
	if (!hook)
		return BF_ENOMEM;
	*hook = *from;
	bf_lock(&lock);
	status = add(hook);
	bf_unlock(&lock);
	if (status) {
		bf_free(hook);
		return status;
	}
	if (handle)
		*handle = (struct bf_hook *)hook->number;
	return 0;
}

/* It never runs again, whether there is memory for shorter chains or not. */
static void take_out(struct bf_hook *hook)
{
	silence(hook);
	extract(hook);
	hook->ext->hooks--;
	(void)rebuild(reasons_of(hook));
	intercepts_changed(reasons_of(hook));
}

static struct bf_hook *find(uint64_t number)
{
	struct bf_hook *hook = hooks;

	while (hook && hook->number != number)
		hook = hook->next;
	return hook;
}

void bf_unhook(struct bf_hook *handle)
{
	uint64_t number = (uint64_t)handle;
	struct bf_hook *hook;

	if (!number)
		return;
	bf_lock(&lock);
	hook = find(number);
	if (hook)
		take_out(hook);
	bf_unlock(&lock);
	if (hook && hook->family == &bf_s2_family)
		bf_s2_unhooked(number);
	if (!hook)
		bf_error("extension %s: bf_unhook() of a hook that is gone (handle %lu)",
			 bf_running_name(), number);
	bf_free(hook);
}

void bf_hooks_remove(struct bf_ext *ext)
{
	struct bf_hook *hook, *next;

	bf_lock(&lock);
	for (hook = hooks; hook; hook = next) {
		next = hook->next;
		if (hook->ext != ext)
			continue;
		take_out(hook);
		bf_free(hook);
	}
	bf_unlock(&lock);
}

/* Bits of the keys in a range; those from 63 on share the last. */
static uint64_t key_bits(const struct bf_hook *hook)
{
	uint64_t first = hook->range.first < 63 ? hook->range.first : 63;
	uint64_t last = hook->range.last < 63 ? hook->range.last : 63;
	uint64_t keys = (UINT64_MAX >> (63 - last)) & (UINT64_MAX << first);

	/* Only those that there are: vector 18 is a reason of its own, for instance. */
	return hook->family && hook->family->keys ? keys & hook->family->keys : keys;
}

void bf_hooks_wanted(uint64_t keys[BF_EXIT_COUNT])
{
	for (uint32_t i = 0; i < BF_EXIT_COUNT; i++)
		keys[i] = 0;
	bf_lock(&lock);
	for (const struct bf_hook *hook = hooks; hook; hook = hook->next)
		if (hook->kind == BF_HOOK_EXIT || hook->kind == BF_HOOK_TYPED)
			keys[hook->point] |= key_bits(hook);
	bf_unlock(&lock);
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

struct life_call {
	const struct bf_hook *hook;
	enum bf_life_event event;
	uint32_t cpu;
};

static uint64_t call_life(void *ctx)
{
	const struct life_call *call = ctx;

	call->hook->life(call->event, call->cpu, call->hook->ctx);
	return 0;
}

void bf_life_event(enum bf_life_event event, uint32_t cpu)
{
	struct bf_hook hook = {.number = 0};

	while (next_life(event, &hook)) {
		struct life_call call = {.hook = &hook, .event = event, .cpu = cpu};

		(void)bf_call_ext(hook.ext, call_life, &call);
	}
}
