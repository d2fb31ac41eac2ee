/* SPDX-License-Identifier: MIT */
/* Views: second-level tables beside the base view, and which of them a vCPU runs on. */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/log.h>
#include <bfhw/phys.h>
#include <bfvmm/guard.h>
#include <bfvmm/hooks.h>
#include <bfvmm/mem.h>
#include <bfvmm/ram.h>
#include <bfvmm/s2.h>
#include <bfvmm/s2_through.h>

struct bf_view *bf_view_base(void)
{
	return bf_s2_views();
}

bool bf_view_is_listed(const struct bf_view *view)
{
	const struct bf_view *at = bf_s2_views();

	while (at && at != view)
		at = at->next;
	return at && !at->of;
}

static uint32_t count_views(const struct bf_ext *ext)
{
	uint32_t count = 0;

	for (const struct bf_view *view = bf_s2_views(); view; view = view->next)
		count += view->ext == ext;
	return count;
}

struct creation {
	struct bf_view *view;
	int status;
};

/* Behind the base, which stays the first. In init there are no tables yet: they come with it. */
static void create(uint32_t cpu, void *ctx)
{
	struct creation *c = ctx;

	(void)cpu;
	c->status = count_views(c->view->ext) < BF_VIEWS_MAX ? 0 : BF_ENOMEM;
	if (!c->status && bf_s2_views()->root)
		c->status = bf_s2_make_view(c->view);
	if (c->status) {
		bf_s2_free_view(c->view);
		return;
	}
	c->view->next = bf_s2_views()->next;
	bf_s2_views()->next = c->view;
}

int bf_view_create(struct bf_ext *ext, struct bf_view **view)
{
	struct creation c = {.status = BF_ESTATE};
	int status = bf_s2_may_change(ext);

	if (!status && !view)
		status = BF_EINVAL;
	if (status)
		return status;
	c.view = bf_alloc(sizeof(*c.view));
	if (!c.view)
		return BF_ENOMEM;
	c.view->ext = ext;
	status = bf_s2_change(create, &c);
	if (!status)
		status = c.status;
	if (status)
		bf_free(c.view);
	else
		*view = c.view;
	return status;
}

/* vCPUs of other CPUs load what they are to run on when they enter their guests. */
static void leave(const struct bf_view *view)
{
	for (uint32_t i = 0; bf_control_vm && i < bf_control_vm->vcpu_count; i++) {
		struct bf_vcpu *vcpu = bf_control_vm->vcpu[i];

		if (!vcpu || vcpu->view != view)
			continue;
		vcpu->view = NULL;
		vcpu->through = false;
		bf_vcpu_pend(vcpu, BF_PENDING_VIEW);
	}
}

static void drop_rules(const struct bf_view *view)
{
	struct bf_s2_rule *rule, *next;

	for (rule = bf_s2_rules(); rule; rule = next) {
		next = rule->next;
		if (rule->view != view)
			continue;
		bf_s2_rule_unlink(rule);
		bf_s2_private_trim();
		(void)bf_s2_apply(rule->range);
		bf_free(rule);
	}
}

void bf_view_drop(struct bf_view *view)
{
	struct bf_view **link = &bf_s2_views()->next;

	while (*link != view)
		link = &(*link)->next;
	leave(view);
	*link = view->next;
	bf_s2_free_view(view);
	drop_rules(view);
	bf_free(view);
}

static void destroy(uint32_t cpu, void *ctx)
{
	struct creation *c = ctx;

	(void)cpu;
	c->status = c->view != bf_s2_views() && bf_view_is_listed(c->view) ? 0 : BF_ENOENT;
	if (!c->status)
		bf_view_drop(c->view);
}

void bf_view_destroy(struct bf_view *view)
{
	struct creation c = {.view = view};
	int status = view ? bf_s2_change(destroy, &c) : 0;

	if (status || c.status)
		bf_error("extension %s: bf_view_destroy() fails (error %d)", bf_running_name(),
			 status ? status : c.status);
}

struct remapping {
	struct bf_view *view;
	struct bf_s2_rule *old;
	struct bf_range page;
	uint64_t keep; /* number of the new one */
};

static bool is_old(const struct remapping *r, const struct bf_s2_rule *rule)
{
	return rule->kind == BF_S2_RULE_REMAP && rule->view == r->view &&
	       rule->range.first == r->page.first && rule->number != r->keep;
}

static void end_remap(uint32_t cpu, void *ctx)
{
	struct remapping *r = ctx;
	struct bf_s2_rule *rule = bf_s2_rules();

	(void)cpu;
	while (rule && !is_old(r, rule))
		rule = rule->next;
	r->old = rule;
	if (!rule)
		return;
	bf_s2_rule_unlink(rule);
	(void)bf_s2_apply(rule->range);
}

static bool can_show(const void *page)
{
	return !((uint64_t)page & ~BF_PAGE_MASK) &&
	       bf_phys_owned(bf_virt_to_phys((void *)page), BF_PAGE_SIZE) == BF_OWNED_ALL;
}

/* The new one counts from when it is there; then the old one can go. */
int bf_view_remap(struct bf_view *view, uint64_t gpa, void *page)
{
	struct remapping r = {.view = view, .page = BF_GPA_PAGE(gpa)};
	struct bf_s2_rule rule = {.view = view, .range = r.page, .kind = BF_S2_RULE_REMAP};
	int status;

	if (!view || view == bf_s2_views() || (page && !can_show(page)))
		return BF_EINVAL;
	rule.ext = view->ext;
	status = bf_s2_may_change(view->ext);
	if (!status && page) {
		rule.page = bf_virt_to_phys(page);
		status = bf_s2_rule_add(&rule, &r.keep);
	}
	if (!status)
		status = bf_s2_change(end_remap, &r);
	bf_free(r.old);
	return status;
}

void bf_vcpu_set_view(struct bf_vcpu *vcpu, struct bf_view *view)
{
	bool known;

	bf_lock(&bf_s2_lock);
	known = bf_view_is_listed(view);
	bf_unlock(&bf_s2_lock);
	if (!known) {
		bf_error("extension %s: bf_vcpu_set_view() of a view that is gone",
			 bf_running_name());
		return;
	}
	vcpu->view = view == bf_s2_views() ? NULL : view;
	vcpu->through = false;
	bf_vcpu_pend(vcpu, BF_PENDING_VIEW);
}

struct bf_view *bf_vcpu_view(const struct bf_vcpu *vcpu)
{
	return vcpu->view ? vcpu->view : bf_s2_views();
}

void bf_view_load(struct bf_vcpu *vcpu)
{
	bf_hv->s2_root(vcpu, bf_s2_active(vcpu)->root);
}

uint32_t bf_s2_rights(const struct bf_vcpu *vcpu, uint64_t gpa)
{
	struct bf_s2_sum sum;

	bf_lock(&bf_s2_lock);
	(void)bf_s2_sum(bf_vcpu_view(vcpu), gpa & BF_PAGE_MASK, BF_PAGE_SIZE, &sum);
	bf_unlock(&bf_s2_lock);
	return bf_s2_granted(BF_S2_RWX & ~(sum.denied | sum.hooked));
}

void *bf_page_alloc(void)
{
	return bf_pages_alloc(1);
}

void bf_page_free(void *page)
{
	bf_pages_free(page, 1);
}
