/* SPDX-License-Identifier: MIT */
/*
 * Changes of second-level rules: all CPUs are in the VMM while tables change, and each drops its
 * translations before it enters a guest again.
 */
#include <stddef.h>
#include <bareframe/cpu.h>
#include <bareframe/ext.h>
#include <bareframe/log.h>
#include <bfvmm/call.h>
#include <bfvmm/guard.h>
#include <bfvmm/hooks.h>
#include <bfvmm/s2.h>

static void flush_all(void)
{
	for (uint32_t i = 0; bf_control_vm && i < bf_control_vm->vcpu_count; i++)
		if (bf_control_vm->vcpu[i])
			bf_vcpu_pend(bf_control_vm->vcpu[i], BF_PENDING_FLUSH);
}

struct change {
	bf_cpu_fn fn;
	void *ctx;
};

static void change(uint32_t cpu, void *ctx)
{
	const struct change *c = ctx;

	bf_lock(&bf_s2_lock);
	c->fn(cpu, c->ctx);
	bf_unlock(&bf_s2_lock);
	flush_all();
}

/* Without a vCPU on this CPU there is none on any: before the first start, behind the last stop. */
int bf_s2_change(bf_cpu_fn fn, void *ctx)
{
	struct change c = {fn, ctx};

	if (bf_cpu_vcpu())
		return bf_rendezvous(change, &c, BF_RENDEZVOUS_CALLER);
	change(bf_cpu_this(), &c);
	return 0;
}

int bf_s2_may_change(const struct bf_ext *ext)
{
	if (!ext)
		return BF_EINVAL;
	if (!bf_hv->s2_format()) {
		bf_warn("extension %s: no access control: this CPU has no second-level tables",
			ext->descriptor->name);
		return BF_ENOTSUP;
	}
	if (__atomic_load_n(&ext->disabled, __ATOMIC_ACQUIRE))
		return BF_ESTATE;
	return bf_cpu_vcpu() ? bf_calls_ready() : bf_calls_enable();
}

int bf_s2_enable(struct bf_ext *ext)
{
	return bf_s2_may_change(ext);
}

struct adding {
	struct bf_s2_rule *rule;
	int status;
};

static uint32_t count_rules(const struct bf_ext *ext)
{
	uint32_t count = 0;

	for (const struct bf_s2_rule *rule = bf_s2_rules(); rule; rule = rule->next)
		count += rule->ext == ext;
	return count;
}

static bool is_of_hook(const struct bf_s2_rule *rule)
{
	return rule->kind == BF_S2_RULE_HOOK || rule->kind == BF_S2_RULE_MMIO;
}

static int may_be(const struct bf_s2_rule *rule)
{
	if (rule->view && !bf_view_is_listed(rule->view))
		return BF_EINVAL;
	return count_rules(rule->ext) < BF_S2_RULES_MAX ? 0 : BF_ENOMEM;
}

static void drop(struct bf_s2_rule *rule)
{
	bf_s2_rule_unlink(rule);
	bf_s2_private_trim();
	(void)bf_s2_apply(rule->range);
}

static void add(uint32_t cpu, void *ctx)
{
	struct adding *a = ctx;

	(void)cpu;
	a->status = may_be(a->rule);
	if (a->status)
		return;
	bf_s2_rule_link(a->rule);
	a->status = is_of_hook(a->rule) ? bf_s2_private_make() : 0;
	if (!a->status)
		a->status = bf_s2_apply(a->rule->range);
	if (a->status)
		drop(a->rule);
}

int bf_s2_rule_add(const struct bf_s2_rule *from, uint64_t *number)
{
	struct adding a = {.rule = bf_alloc(sizeof(*a.rule)), .status = BF_ESTATE};
	int status;

	if (!a.rule)
		return BF_ENOMEM;
	*a.rule = *from;
	a.rule->range.first &= BF_PAGE_MASK;
	a.rule->range.last |= ~BF_PAGE_MASK;
	status = bf_s2_change(add, &a);
	if (!status)
		status = a.status;
	if (status)
		bf_free(a.rule);
	else
		*number = a.rule->number;
	return status;
}

struct ending {
	uint64_t number;
	struct bf_s2_rule *rule;
};

static void end(uint32_t cpu, void *ctx)
{
	struct ending *e = ctx;

	(void)cpu;
	e->rule = bf_s2_rule_find(e->number);
	if (e->rule)
		drop(e->rule);
}

int bf_s2_rule_end(uint64_t number)
{
	struct ending e = {.number = number};
	int status = bf_s2_change(end, &e);

	if (!status && !e.rule)
		status = BF_ENOENT;
	bf_free(e.rule);
	return status;
}

/* What is denied must not be granted all the same, nor more be denied than was asked for. */
static int check(const struct bf_ext *ext, struct bf_range range, uint32_t rights)
{
	uint32_t wanted = BF_S2_RWX & ~rights;

	if (range.first > range.last || !rights || (rights & ~BF_S2_RWX))
		return BF_EINVAL;
	if (bf_hv->s2_format()->granted(wanted) == wanted)
		return 0;
	bf_warn("extension %s: %s has no pages with just the rights%s%s%s", ext->descriptor->name,
		bf_hv->name, wanted & BF_S2_READ ? " read" : "",
		wanted & BF_S2_WRITE ? " write" : "", wanted & BF_S2_EXEC ? " execute" : "");
	return BF_ENOTSUP;
}

int bf_s2_deny(struct bf_ext *ext, struct bf_view *view, struct bf_range range, uint32_t rights,
	       struct bf_s2_rule **handle)
{
	struct bf_s2_rule rule = {.ext = ext,
				  .view = view,
				  .range = range,
				  .kind = BF_S2_RULE_DENY,
				  .denied = rights};
	uint64_t number;
	int status = bf_s2_may_change(ext);

	if (!status)
		status = check(ext, range, rights);
	if (!status)
		status = bf_s2_rule_add(&rule, &number);
	if (!status && handle)
		*handle = (struct bf_s2_rule *)number;
	return status;
}

void bf_s2_allow(struct bf_s2_rule *rule)
{
	uint64_t number = (uint64_t)rule;
	int status = number ? bf_s2_rule_end(number) : 0;

	if (status)
		bf_error("extension %s: bf_s2_allow() of rule %lu fails (error %d)",
			 bf_running_name(), number, status);
}

static bool owns(const struct bf_ext *ext, const struct bf_s2_rule *rule)
{
	return rule->ext == ext || (rule->view && rule->view->ext == ext);
}

static bool has_any(const struct bf_ext *ext)
{
	bool any = false;

	bf_lock(&bf_s2_lock);
	for (const struct bf_s2_rule *rule = bf_s2_rules(); rule; rule = rule->next)
		any |= owns(ext, rule);
	for (const struct bf_view *view = bf_s2_views(); view; view = view->next)
		any |= view->ext == ext;
	bf_unlock(&bf_s2_lock);
	return any;
}

static void release(uint32_t cpu, void *ctx)
{
	struct bf_ext *ext = ctx;
	struct bf_s2_rule *rule, *next_rule;
	struct bf_view *view, *next_view;

	(void)cpu;
	for (rule = bf_s2_rules(); rule; rule = next_rule) {
		next_rule = rule->next;
		if (!owns(ext, rule))
			continue;
		drop(rule);
		bf_free(rule);
	}
	for (view = bf_s2_views(); view; view = next_view) {
		next_view = view->next;
		if (view->ext == ext)
			bf_view_drop(view);
	}
}

static void release_now(struct bf_ext *ext)
{
	int status = has_any(ext) ? bf_s2_change(release, ext) : 0;

	if (status)
		bf_error("extension %s: its second-level rules stay (error %d)",
			 ext->descriptor->name, status);
}

static void mark(bool (*picks)(const void *what, const struct bf_s2_rule *rule), const void *what)
{
	bf_lock(&bf_s2_lock);
	for (struct bf_s2_rule *rule = bf_s2_rules(); rule; rule = rule->next)
		rule->over |= picks(what, rule);
	bf_unlock(&bf_s2_lock);
}

static bool is_owned(const void *ext, const struct bf_s2_rule *rule)
{
	return owns(ext, rule);
}

static bool is_number(const void *number, const struct bf_s2_rule *rule)
{
	return rule->number == *(const uint64_t *)number;
}

/* Whoever disables an extension may be in the middle of a call of other CPUs. */
void bf_s2_release(struct bf_ext *ext)
{
	struct bf_vcpu *vcpu = bf_cpu_vcpu();

	if (!vcpu) {
		release_now(ext);
		return;
	}
	mark(is_owned, ext);
	bf_vcpu_pend(vcpu, BF_PENDING_RELEASE);
}

void bf_s2_unhooked(uint64_t hook)
{
	uint64_t number = hook | BF_S2_OF_HOOK;
	int status = bf_s2_rule_end(number);

	if (!status || status == BF_ENOENT || !bf_cpu_vcpu())
		return;
	mark(is_number, &number);
	bf_vcpu_pend(bf_cpu_vcpu(), BF_PENDING_RELEASE);
}

/* @return the number of a rule that was to end, 0 if there is none */
static uint64_t next_over(void)
{
	const struct bf_s2_rule *rule;
	uint64_t number;

	bf_lock(&bf_s2_lock);
	for (rule = bf_s2_rules(); rule && !rule->over; rule = rule->next)
		;
	number = rule ? rule->number : 0;
	bf_unlock(&bf_s2_lock);
	return number;
}

void bf_s2_release_due(void)
{
	int status = 0;

	for (struct bf_ext *ext = bf_extensions(); ext; ext = ext->next)
		if (__atomic_load_n(&ext->disabled, __ATOMIC_ACQUIRE))
			release_now(ext);
	for (uint64_t number = next_over(); number && !status; number = next_over())
		status = bf_s2_rule_end(number);
}
