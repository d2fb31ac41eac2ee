/* SPDX-License-Identifier: MIT */
/*
 * Private views: what the emulator cannot do, the CPU does itself on second-level tables of its
 * vCPU's own. A few pages are open there, and nothing but open pages can be executed. So whatever
 * makes the guest do something else, be it an interrupt, an exception or a jump, faults, and the
 * vCPU is back on its view before anything goes unseen.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bfvmm/guest.h>
#include <bfvmm/s2_through.h>
#include <bfvmm/vcpu.h>

static struct bf_view *private_of(uint32_t index)
{
	struct bf_view *view = bf_s2_views();

	while (view && !(view->of && view->vcpu == index))
		view = view->next;
	return view;
}

static int make(uint32_t index)
{
	struct bf_view *view = bf_alloc(sizeof(*view));
	int status = 0;

	if (!view)
		return BF_ENOMEM;
	view->of = bf_s2_views();
	view->vcpu = index;
	/* In init there are no tables yet: they come with the base's. */
	if (bf_s2_views()->root)
		status = bf_s2_make_view(view);
	view->next = bf_s2_views()->next;
	bf_s2_views()->next = view;
	return status;
}

static bool is_needed(void)
{
	const struct bf_s2_rule *rule = bf_s2_rules();

	while (rule && rule->kind != BF_S2_RULE_HOOK && rule->kind != BF_S2_RULE_MMIO)
		rule = rule->next;
	return rule;
}

int bf_s2_private_make(void)
{
	int status = 0;

	for (uint32_t i = 0; i < bf_cpu_count() && !status; i++)
		if (!private_of(i))
			status = make(i);
	return status;
}

static void leave(uint32_t index)
{
	struct bf_vcpu *vcpu = bf_control_vm ? bf_control_vm->vcpu[index] : NULL;

	if (!vcpu || !vcpu->through)
		return;
	vcpu->through = false;
	bf_vcpu_pend(vcpu, BF_PENDING_VIEW);
}

void bf_s2_private_trim(void)
{
	struct bf_view **link = &bf_s2_views()->next;

	while (*link && !is_needed()) {
		struct bf_view *view = *link;

		if (!view->of) {
			link = &view->next;
			continue;
		}
		leave(view->vcpu);
		*link = view->next;
		bf_s2_free_view(view);
		bf_free(view);
	}
}

struct bf_view *bf_s2_active(const struct bf_vcpu *vcpu)
{
	struct bf_view *view = vcpu->through ? private_of(vcpu->index) : NULL;

	return view ? view : bf_vcpu_view(vcpu);
}

/* What is to be open. */
struct pages {
	struct bf_s2_open page[BF_S2_OPEN_MAX];
	uint32_t count;
};

static void add(struct pages *pages, uint64_t gpa, uint32_t rights)
{
	gpa &= BF_PAGE_MASK;
	for (uint32_t i = 0; i < pages->count; i++)
		if (pages->page[i].gpa == gpa) {
			pages->page[i].rights |= rights;
			return;
		}
	/* More than any instruction needs: older ones are of instructions before. */
	if (pages->count == BF_S2_OPEN_MAX)
		pages->count = 0;
	pages->page[pages->count++] = (struct bf_s2_open){gpa, rights};
}

/* Where there are no pages that can be executed but not read, they can be read. */
static uint32_t to_execute(void)
{
	return bf_s2_granted(BF_S2_EXEC) ? BF_S2_EXEC : BF_S2_EXEC | BF_S2_READ;
}

static bool is_so(const struct bf_view *view, const struct bf_view *of, const struct pages *pages)
{
	bool same = view->of == of && view->open_count == pages->count;

	for (uint32_t i = 0; i < pages->count && same; i++)
		same = view->open[i].gpa == pages->page[i].gpa &&
		       view->open[i].rights == pages->page[i].rights;
	return same;
}

static void remake_open(struct bf_view *view, const struct pages *pages)
{
	for (uint32_t i = 0; i < pages->count; i++)
		(void)bf_s2_remake(view, BF_GPA_PAGE(pages->page[i].gpa));
}

/* Old pages are merged before new ones are split: then the spare tables are enough. */
static void set_open(struct bf_view *view, const struct bf_view *of, const struct pages *pages)
{
	struct pages old = {.count = view->open_count};

	if (is_so(view, of, pages))
		return;
	for (uint32_t i = 0; i < old.count; i++)
		old.page[i] = view->open[i];
	view->open_count = 0;
	remake_open(view, &old);
	if (view->of != of) {
		view->of = of;
		(void)bf_s2_remake(view, BF_RANGE_ALL);
	}
	for (uint32_t i = 0; i < pages->count; i++)
		view->open[i] = pages->page[i];
	view->open_count = pages->count;
	view->opening = true;
	remake_open(view, pages);
	view->opening = false;
}

static uint64_t linear_page(struct bf_vcpu *vcpu)
{
	return (bf_hv->get(vcpu, BF_CS_BASE) + bf_hv->get(vcpu, BF_RIP)) & BF_PAGE_MASK;
}

static void go_on(struct bf_vcpu *vcpu)
{
	vcpu->through_page = linear_page(vcpu);
	vcpu->through = true;
	bf_view_load(vcpu);
	bf_hv->s2_flush(vcpu);
}

/* The page of the instruction; of one that is fetched, the faulting page itself. */
static int code_page(struct bf_vcpu *vcpu, const struct bf_s2_access *access, uint64_t *gpa)
{
	struct bf_translation to;
	int status;

	if (access->kind == BF_S2_EXEC && !access->walk) {
		*gpa = access->gpa;
		return 0;
	}
	status = bf_guest_translate(vcpu, linear_page(vcpu), BF_GUEST_FETCH, &to, NULL);
	*gpa = to.gpa;
	return status;
}

static void keep(const struct bf_vcpu *vcpu, const struct bf_view *view, struct pages *pages)
{
	pages->count = vcpu->through ? view->open_count : 0;
	for (uint32_t i = 0; i < pages->count; i++)
		pages->page[i] = view->open[i];
}

enum bf_verdict bf_s2_open(struct bf_vcpu *vcpu, const struct bf_s2_access *access)
{
	struct bf_view *view;
	struct pages pages;
	uint64_t code;

	/* The code has gone: the guest will find out. */
	if (code_page(vcpu, access, &code))
		return BF_DONE;
	if (linear_page(vcpu) != vcpu->through_page)
		bf_s2_close(vcpu);
	bf_lock(&bf_s2_lock);
	view = private_of(vcpu->index);
	if (view) {
		keep(vcpu, view, &pages);
		add(&pages, code, to_execute());
		if (access->kind != BF_S2_EXEC || access->walk)
			add(&pages, access->gpa, BF_S2_READ | BF_S2_WRITE);
		set_open(view, bf_vcpu_view(vcpu), &pages);
	}
	bf_unlock(&bf_s2_lock);
	if (view)
		go_on(vcpu);
	return BF_DONE;
}

void bf_s2_close(struct bf_vcpu *vcpu)
{
	if (!vcpu->through)
		return;
	vcpu->through = false;
	bf_view_load(vcpu);
}

/* An instruction may go on in the next page. */
bool bf_s2_stay_open(struct bf_vcpu *vcpu, const struct bf_s2_access *access, bool hooked)
{
	if (!vcpu->through || access->kind != BF_S2_EXEC || hooked)
		return false;
	if (linear_page(vcpu) == vcpu->through_page)
		(void)bf_s2_open(vcpu, access);
	else
		bf_s2_close(vcpu);
	return true;
}
