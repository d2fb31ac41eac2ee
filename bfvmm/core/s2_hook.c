/* SPDX-License-Identifier: MIT */
/* Hooks on accesses to pages, and devices made of them: a hook in the registry, and a rule. */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bfvmm/chain.h>
#include <bfvmm/s2.h>

/* The chain finds hooks by address alone. */
static enum bf_verdict filter(struct bf_vcpu *vcpu, void *io, void *ctx)
{
	const struct bf_link *link = vcpu->running;
	const struct bf_s2_access *access = io;

	if (!(link->kinds & access->kind) || (link->view && link->view != bf_vcpu_view(vcpu)))
		return BF_PASS;
	return link->inner(vcpu, io, ctx);
}

/* First the hook, then what makes the CPU exit: no exit comes before its hook. */
static int add(const struct bf_hook *hook, struct bf_s2_rule *rule, struct bf_hook **handle)
{
	struct bf_hook *added;
	uint64_t number;
	int status = bf_s2_may_change(hook->ext);

	if (!status && (!hook->fn || rule->range.first > rule->range.last ||
			rule->range.last > BF_S2_GPA_LAST))
		status = BF_EINVAL;
	if (!status)
		status = bf_hook_add(hook, &added);
	if (status)
		return status;
	rule->number = (uint64_t)added | BF_S2_OF_HOOK;
	status = bf_s2_rule_add(rule, &number);
	if (status)
		bf_unhook(added);
	else if (handle)
		*handle = added;
	return status;
}

static struct bf_range pages_of(struct bf_range range)
{
	if (range.last == UINT64_MAX)
		range.last = BF_S2_GPA_LAST;
	return BF_RANGE(range.first & BF_PAGE_MASK, range.last | ~BF_PAGE_MASK);
}

int bf_hook_s2(struct bf_ext *ext, struct bf_view *view, struct bf_range range, uint32_t kinds,
	       bf_s2_fn fn, void *ctx, int priority, struct bf_hook **handle)
{
	struct bf_s2_rule rule = {.ext = ext,
				  .view = view,
				  .range = pages_of(range),
				  .kind = BF_S2_RULE_HOOK,
				  .denied = kinds};
	struct bf_hook hook = {.ext = ext,
			       .kind = BF_HOOK_TYPED,
			       .vms = BF_CONTROL_VM,
			       .priority = priority,
			       .point = BF_EXIT_S2_FAULT,
			       .family = &bf_s2_family,
			       .range = rule.range,
			       .fn = fn ? filter : NULL,
			       .inner = (bf_any_fn)fn,
			       .kinds = kinds,
			       .view = view,
			       .ctx = ctx};

	if (!kinds || (kinds & ~BF_S2_RWX))
		return BF_EINVAL;
	return add(&hook, &rule, handle);
}

int bf_hook_mmio(struct bf_ext *ext, struct bf_range range, bf_mmio_fn fn, void *ctx, int priority,
		 struct bf_hook **handle)
{
	struct bf_s2_rule rule = {
		.ext = ext, .range = pages_of(range), .kind = BF_S2_RULE_MMIO, .denied = BF_S2_RWX};
	struct bf_hook hook = {
		.ext = ext,
		.kind = BF_HOOK_TYPED,
		.vms = BF_CONTROL_VM,
		.priority = priority,
		.point = BF_EXIT_S2_FAULT,
		.family = &bf_s2_family,
		.range = BF_RANGE(range.first | BF_S2_KEY_MMIO, range.last | BF_S2_KEY_MMIO),
		.fn = (bf_any_fn)fn,
		.ctx = ctx};

	return add(&hook, &rule, handle);
}
