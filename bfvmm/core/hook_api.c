/* SPDX-License-Identifier: MIT */
/* What extensions register hooks with: checks, and the entry for the registry. */
#include <stddef.h>
#include <bareframe/log.h>
#include <bfvmm/defaults.h>
#include <bfvmm/family.h>
#include <bfvmm/hooks.h>

static bool complete(const struct bf_hook *hook)
{
	return hook->ext && (hook->fn || hook->life);
}

/* The keys in @range that there are but that this CPU has no exit for. */
static uint64_t missing(const struct bf_family *family, struct bf_range range)
{
	uint64_t can = bf_hv->can_intercept(family->reason), keys = 0;

	if (!family->keys)
		return can ? 0 : UINT64_MAX;
	for (uint64_t key = range.first; key <= range.last && key < 64; key++)
		keys |= 1UL << key;
	return keys & family->keys & ~can;
}

static int check_range(const struct bf_ext *ext, const struct bf_family *family,
		       struct bf_range *range)
{
	uint64_t keys;

	if (range->first > range->last || range->first > family->last)
		return BF_EINVAL;
	if (range->last == UINT64_MAX)
		range->last = family->last;
	if (range->last > family->last)
		return BF_EINVAL;
	keys = missing(family, *range);
	if (!keys)
		return 0;
	bf_warn("extension %s: this CPU has no exit for %s, key %u", ext->descriptor->name,
		family->name, family->keys ? (uint32_t)__builtin_ctzll(keys) : 0);
	return BF_ENOTSUP;
}

static int check_stage(const struct bf_ext *ext, const struct bf_family *family,
		       enum bf_hook_stage stage)
{
	if (stage == BF_HOOK_PRE || !family->no_post)
		return 0;
	bf_warn("extension %s: no hook can run behind the delivery of an %s", ext->descriptor->name,
		family->name);
	return BF_ENOTSUP;
}

int bf_hook_typed(struct bf_ext *ext, enum bf_hook_family family, enum bf_hook_stage stage,
		  enum bf_vm_set vms, struct bf_range range, bf_any_fn fn, void *ctx, int priority,
		  struct bf_hook **handle)
{
	struct bf_hook hook = {.ext = ext,
			       .kind = BF_HOOK_TYPED,
			       .vms = vms,
			       .priority = priority,
			       .stage = stage,
			       .fn = fn,
			       .ctx = ctx};
	int status;

	if (!complete(&hook) || (uint32_t)family >= BF_FAMILY_COUNT || stage > BF_HOOK_POST)
		return BF_EINVAL;
	hook.family = &bf_families[family];
	hook.point = hook.family->reason;
	status = check_stage(ext, hook.family, stage);
	if (!status)
		status = check_range(ext, hook.family, &range);
	hook.range = range;
	return status ? status : bf_hook_add(&hook, handle);
}

int bf_hook_exit(struct bf_ext *ext, enum bf_vm_set vms, enum bf_exit_reason reason, bf_exit_fn fn,
		 void *ctx, int priority, struct bf_hook **handle)
{
	struct bf_hook hook = {.ext = ext,
			       .kind = BF_HOOK_EXIT,
			       .vms = vms,
			       .priority = priority,
			       .point = reason,
			       .range = BF_RANGE_ALL,
			       .fn = (bf_any_fn)fn,
			       .ctx = ctx};

	if (!complete(&hook) || (uint32_t)reason >= BF_EXIT_COUNT)
		return BF_EINVAL;
	if (!bf_hv->can_intercept(reason) || !bf_has_default(reason))
		return BF_ENOTSUP;
	return bf_hook_add(&hook, handle);
}

int bf_hook_every_exit(struct bf_ext *ext, enum bf_vm_set vms, bf_exit_fn fn, void *ctx,
		       int priority, struct bf_hook **handle)
{
	struct bf_hook hook = {.ext = ext,
			       .kind = BF_HOOK_EVERY,
			       .vms = vms,
			       .priority = priority,
			       .fn = (bf_any_fn)fn,
			       .ctx = ctx};

	return complete(&hook) ? bf_hook_add(&hook, handle) : BF_EINVAL;
}

int bf_hook_event(struct bf_ext *ext, enum bf_life_event event, bf_life_fn fn, void *ctx,
		  struct bf_hook **handle)
{
	struct bf_hook hook = {.ext = ext,
			       .kind = BF_HOOK_LIFE,
			       .vms = BF_CONTROL_VM,
			       .priority = BF_PRIO_NORMAL,
			       .point = event,
			       .life = fn,
			       .ctx = ctx};

	if (!complete(&hook) || (uint32_t)event >= BF_LIFE_COUNT)
		return BF_EINVAL;
	return bf_hook_add(&hook, handle);
}
