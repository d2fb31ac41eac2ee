/* SPDX-License-Identifier: MIT */
/*
 * The rules for second-level tables: one list, from which tables are made. A page is a leaf of its
 * own where some rule begins or ends, and part of a larger one where not. So new rules only split
 * pages and ended ones only merge them, which needs no memory and cannot fail.
 */
#include <stddef.h>
#include <bfvmm/s2.h>

struct bf_lock bf_s2_lock = BF_LOCK_INIT;

static struct bf_s2_rule *rules;
static struct bf_view base;
static uint64_t last_number;

void bf_s2_rules_reset(void)
{
	rules = NULL;
	base = (struct bf_view){0};
}

struct bf_view *bf_s2_views(void)
{
	return &base;
}

struct bf_s2_rule *bf_s2_rules(void)
{
	return rules;
}

/* Behind the others: of two remaps the later one counts. */
void bf_s2_rule_link(struct bf_s2_rule *rule)
{
	struct bf_s2_rule **link = &rules;

	while (*link)
		link = &(*link)->next;
	rule->next = NULL;
	if (!rule->number)
		rule->number = ++last_number;
	*link = rule;
}

void bf_s2_rule_unlink(struct bf_s2_rule *rule)
{
	struct bf_s2_rule **link = &rules;

	while (*link != rule)
		link = &(*link)->next;
	*link = rule->next;
}

struct bf_s2_rule *bf_s2_rule_find(uint64_t number)
{
	struct bf_s2_rule *rule = rules;

	while (rule && rule->number != number)
		rule = rule->next;
	return rule;
}

static bool touches(struct bf_range range, uint64_t gpa, uint64_t last)
{
	return range.first <= last && range.last >= gpa;
}

static bool covers(struct bf_range range, uint64_t gpa, uint64_t last)
{
	return range.first <= gpa && range.last >= last;
}

static void add(struct bf_s2_sum *sum, const struct bf_s2_rule *rule)
{
	/* One of a disabled extension is about to go, and does no more harm. */
	if (rule->kind == BF_S2_RULE_DENY && !rule->over)
		sum->denied |= rule->denied;
	else
		sum->hooked |= rule->denied;
	sum->mmio |= rule->kind == BF_S2_RULE_MMIO;
	if (rule->kind == BF_S2_RULE_REMAP)
		sum->page = rule->page;
}

/* Open pages have what the hooks take; everything else cannot be executed. */
static bool open_pages(const struct bf_view *view, uint64_t gpa, uint64_t last,
		       struct bf_s2_sum *sum)
{
	uint32_t rights = 0;

	for (uint32_t i = 0; i < view->open_count; i++) {
		const struct bf_s2_open *open = &view->open[i];
		struct bf_range page = BF_GPA_PAGE(open->gpa);

		if (!touches(page, gpa, last))
			continue;
		if (!covers(page, gpa, last))
			return false;
		rights |= open->rights;
	}
	sum->hooked = (sum->hooked | BF_S2_EXEC) & ~rights;
	return true;
}

/* A private view is cut up by the rules of all views, so that it can become a copy of any. */
bool bf_s2_sum(const struct bf_view *view, uint64_t gpa, uint64_t bytes, struct bf_s2_sum *sum)
{
	const struct bf_view *of = view->of ? view->of : view;
	uint64_t last = gpa + bytes - 1;

	*sum = (struct bf_s2_sum){0};
	for (const struct bf_s2_rule *rule = rules; rule; rule = rule->next) {
		bool mine = !rule->view || rule->view == of;

		if ((!mine && !view->of) || !touches(rule->range, gpa, last))
			continue;
		if (!covers(rule->range, gpa, last))
			return false;
		if (mine)
			add(sum, rule);
	}
	return !view->of || open_pages(view, gpa, last, sum);
}
