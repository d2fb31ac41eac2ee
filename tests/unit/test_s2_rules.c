/* SPDX-License-Identifier: MIT */
/* Second-level rules and views, on both backends: what tables become, and who hears of it. */
#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bareframe/s2.h>
#include <bfhw/phys.h>
#include <bfmock/guest.h>
#include <bfmock/svm.h>
#include <bfmock/vmx.h>
#include <bfvmm/hooks.h>
#include <bfvmm/log.h>
#include <bfvmm/mem.h>
#include <bfvmm/s2.h>
#include <svm/svm.h>
#include "test.h"

#define CPUS      4u
#define LEAF_CALL 0x40001000u
#define PAGE      0x600000ul /* in a large page, of which nothing is special */
#define LARGE     0x200000ul
#define FIELD_EPT 0x201a

static struct bf_ext *one, *two;
static int (*at_init)(void), (*at_leaf)(void);
static int status;

static enum bf_verdict on_leaf(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	(void)vcpu;
	(void)io;
	(void)ctx;
	status = at_leaf();
	return BF_PASS;
}

static int init_one(struct bf_ext *ext)
{
	int result = at_init ? 0 : bf_s2_enable(ext);

	one = ext;
	if (!result && at_init)
		result = at_init();
	if (result)
		return result;
	return bf_hook_cpuid(ext, BF_ALL_VMS, BF_LEAF(LEAF_CALL, LEAF_CALL), on_leaf, NULL,
			     BF_PRIO_NORMAL, NULL);
}

static int init_two(struct bf_ext *ext)
{
	two = ext;
	return 0;
}

BF_EXTENSION(one, .version = "1.0", .license = "MIT", .init = init_one);
BF_EXTENSION(two, .version = "1.0", .license = "MIT", .init = init_two);

static const struct mock_profile *const profiles[] = {&mock_intel, &mock_amd, &mock_amd_bare};

static void start(const struct mock_profile *profile, int (*init)(void))
{
	mock_reset(profile, CPUS);
	at_init = init;
	assert_int_equal(mock_vmm_start(""), 0);
}

static void each_profile(void (*test)(void))
{
	for (size_t i = 0; i < COUNT(profiles); i++) {
		print_message("\t%s\n", profiles[i]->name);
		start(profiles[i], NULL);
		test();
		assert_int_equal(mock_vmm_stop(), 0);
	}
}

/* Executes LEAF_CALL on a CPU, whose hook calls @fn. @return what that has returned */
static int call(uint32_t cpu, int (*fn)(void))
{
	at_leaf = fn;
	status = 1;
	mock_cpu_switch(cpu);
	assert_int_equal(mock_execute_cpuid(mock_vcpu(), LEAF_CALL, 0).end, MOCK_RETURNED);
	mock_cpu_switch(0);
	return status;
}

static uint32_t level_in(const struct bf_view *view, uint64_t gpa)
{
	uint32_t level;

	return bf_s2_lookup_in(view, gpa, &level) ? level : 0;
}

static uint64_t shown_in(const struct bf_view *view, uint64_t gpa)
{
	uint32_t level;
	uint64_t entry = bf_s2_lookup_in(view, gpa, &level);

	return bf_hv->s2_format()->address(entry, level);
}

/* What the entry itself grants, whatever the list of rules says. */
static uint32_t rights_in(const struct bf_view *view, uint64_t gpa)
{
	const struct bf_s2_format *format = bf_hv->s2_format();
	uint32_t level;
	uint64_t entry = bf_s2_lookup_in(view, gpa, &level);
	uint64_t pa = format->address(entry, level);

	for (uint32_t rights = 0; rights <= BF_S2_RWX; rights++)
		for (uint32_t type = 0; type <= BF_MT_WB; type++)
			if (format->granted(rights) == rights &&
			    format->leaf(pa, level, rights, type) == entry)
				return rights;
	fail_msg("entry 0x%lx of level %u is none that the format makes", entry, level);
	return 0;
}

static uint32_t rights(uint64_t gpa)
{
	uint32_t found = rights_in(bf_view_base(), gpa);

	assert_int_equal(bf_s2_rights(mock_vcpu(), gpa), found);
	return found;
}

static struct bf_s2_rule *rule[3];
static struct bf_view *view;
static void *page;

static int deny_write(void)
{
	return bf_s2_deny(one, NULL, BF_GPA_PAGE(PAGE), BF_S2_WRITE, &rule[0]);
}

static int deny_exec_too(void)
{
	return bf_s2_deny(two, NULL, BF_GPA(PAGE + 1, PAGE + 0x1000), BF_S2_EXEC, &rule[1]);
}

static int deny_write_again(void)
{
	return bf_s2_deny(two, NULL, BF_GPA_PAGE(PAGE), BF_S2_WRITE, &rule[2]);
}

static int allow_first(void)
{
	bf_s2_allow(rule[0]);
	return 0;
}

static int allow_rest(void)
{
	bf_s2_allow(rule[1]);
	bf_s2_allow(rule[2]);
	return 0;
}

static void combine(void)
{
	uint64_t used = bf_pool_used();
	uint32_t level = level_in(bf_view_base(), PAGE);

	assert_true(level > 1);
	assert_int_equal(call(0, deny_write), 0);
	assert_int_equal(rights(PAGE), BF_S2_READ | BF_S2_EXEC);
	assert_int_equal(rights(PAGE - 0x1000), BF_S2_RWX);
	assert_int_equal(rights(PAGE + 0x1000), BF_S2_RWX);
	assert_int_equal(call(1, deny_exec_too), 0);
	assert_int_equal(rights(PAGE), BF_S2_READ);
	assert_int_equal(rights(PAGE + 0x1000), BF_S2_READ | BF_S2_WRITE);
	assert_int_equal(rights(PAGE + 0x2000), BF_S2_RWX);
	assert_int_equal(call(2, deny_write_again), 0);
	assert_int_equal(call(3, allow_first), 0);
	assert_int_equal(rights(PAGE), BF_S2_READ);
	assert_int_equal(shown_in(bf_view_base(), PAGE), PAGE);
	assert_int_equal(call(0, allow_rest), 0);
	assert_int_equal(rights(PAGE), BF_S2_RWX);
	assert_int_equal(level_in(bf_view_base(), PAGE), level);
	assert_int_equal(bf_pool_used(), used);
}

static void rights_combine(void **state)
{
	(void)state;
	each_profile(combine);
}

static int deny_large(void)
{
	return bf_s2_deny(one, NULL, BF_GPA(PAGE & -LARGE, (PAGE & -LARGE) + LARGE - 1), BF_S2_EXEC,
			  &rule[1]);
}

/* A page that one rule covers whole stays large, inside of others that were. */
static void keep_large(void)
{
	assert_int_equal(call(0, deny_large), 0);
	assert_int_equal(level_in(bf_view_base(), PAGE), 2);
	assert_int_equal(rights(PAGE), BF_S2_READ | BF_S2_WRITE);
	assert_int_equal(call(0, deny_write), 0);
	assert_int_equal(level_in(bf_view_base(), PAGE), 1);
	assert_int_equal(rights(PAGE), BF_S2_READ);
	assert_int_equal(rights(PAGE + 0x1000), BF_S2_READ | BF_S2_WRITE);
	assert_int_equal(call(0, allow_first), 0);
	assert_int_equal(level_in(bf_view_base(), PAGE), 2);
}

static void large_pages_stay(void **state)
{
	(void)state;
	each_profile(keep_large);
}

static int deny_all_now(void)
{
	return bf_s2_deny(one, NULL, BF_GPA_PAGE(PAGE), BF_S2_RWX, &rule[0]);
}

static void deny_all(void)
{
	assert_int_equal(call(0, deny_all_now), 0);
	assert_int_equal(rights(PAGE), 0);
	assert_int_equal(shown_in(bf_view_base(), PAGE), PAGE);
	assert_int_equal(call(0, allow_first), 0);
	assert_int_equal(rights(PAGE), BF_S2_RWX);
}

static void no_rights(void **state)
{
	(void)state;
	each_profile(deny_all);
}

/* Each CPU drops its translations: INVEPT, or TLB_CONTROL for its next VMRUN. */
static void expect_flush(int (*fn)(void))
{
	for (uint32_t i = 0; i < CPUS; i++) {
		mock_cpu_switch(i);
		mock_execute_cpuid(mock_vcpu(), 2, 0);
		mock_execute_cpuid(mock_vcpu(), 2, 0);
		if (mock.profile->vendor == MOCK_AMD)
			assert_int_equal(bf_svm(mock_vcpu())->vmcb.tlb_control, 0);
	}
	mock_counts_reset();
	assert_int_equal(call(1, fn), 0);
	if (mock.profile->vendor == MOCK_INTEL)
		assert_int_equal(mock.count.invept, CPUS);
	for (uint32_t i = 0; i < CPUS && mock.profile->vendor == MOCK_AMD; i++)
		assert_int_not_equal(bf_svm(bf_vm_find(0)->vcpu[i])->vmcb.tlb_control, 0);
}

static void shootdown(void)
{
	expect_flush(deny_write);
	expect_flush(allow_first);
}

static void all_cpus_flush(void **state)
{
	(void)state;
	each_profile(shootdown);
}

static int make_view(void)
{
	return bf_view_create(one, &view);
}

static int deny_in_view(void)
{
	return bf_s2_deny(one, view, BF_GPA_PAGE(PAGE), BF_S2_EXEC, &rule[1]);
}

static int remap(void)
{
	return bf_view_remap(view, PAGE + 0x123, page);
}

static int unmap(void)
{
	return bf_view_remap(view, PAGE, NULL);
}

static int use_view(void)
{
	bf_vcpu_set_view(mock_vcpu(), view);
	return bf_vcpu_view(mock_vcpu()) == view ? 0 : 1;
}

static int destroy_view(void)
{
	bf_view_destroy(view);
	return 0;
}

static uint64_t root_of(uint32_t cpu)
{
	uint64_t root;

	mock_cpu_switch(cpu);
	if (mock.profile->vendor == MOCK_INTEL)
		root = mock_vmcs_get(FIELD_EPT) & BF_PAGE_MASK;
	else
		root = bf_svm(mock_vcpu())->vmcb.n_cr3;
	mock_cpu_switch(0);
	return root;
}

static void use_views(void)
{
	uint64_t base = bf_view_base()->root;

	page = bf_page_alloc();
	assert_int_equal(call(0, deny_write), 0);
	/* Small blocks come from pages of their own. */
	assert_int_equal(call(0, make_view), 0);
	assert_int_equal(call(0, destroy_view), 0);
	uint64_t used = bf_pool_used();
	assert_int_equal(call(0, make_view), 0);
	assert_int_equal(rights_in(view, PAGE), BF_S2_READ | BF_S2_EXEC);
	assert_int_equal(call(0, deny_in_view), 0);
	assert_int_equal(rights_in(view, PAGE), BF_S2_READ);
	assert_int_equal(rights(PAGE), BF_S2_READ | BF_S2_EXEC);
	assert_int_equal(call(0, remap), 0);
	assert_int_equal(call(0, remap), 0);
	assert_int_equal(shown_in(view, PAGE), bf_virt_to_phys(page));
	assert_int_equal(shown_in(bf_view_base(), PAGE), PAGE);
	assert_int_equal(call(2, use_view), 0);
	assert_int_equal(root_of(2), view->root);
	/* All views share an ASID there. */
	if (mock.profile->vendor == MOCK_AMD)
		assert_int_not_equal(bf_svm(bf_vm_find(0)->vcpu[2])->vmcb.tlb_control, 0);
	assert_int_equal(root_of(1), base);
	assert_int_equal(call(0, unmap), 0);
	assert_int_equal(shown_in(view, PAGE), PAGE);
	assert_int_equal(call(1, destroy_view), 0);
	assert_int_equal(root_of(2), base);
	assert_ptr_equal(bf_vcpu_view(bf_vm_find(0)->vcpu[2]), bf_view_base());
	assert_int_equal(bf_pool_used(), used);
	assert_int_equal(call(0, allow_first), 0);
	bf_page_free(page);
}

static void views(void **state)
{
	(void)state;
	each_profile(use_views);
}

static int deny_read_alone(void)
{
	return bf_s2_deny(one, NULL, BF_GPA_PAGE(PAGE), BF_S2_READ, NULL);
}

static int deny_data(void)
{
	return bf_s2_deny(one, NULL, BF_GPA_PAGE(PAGE), BF_S2_READ | BF_S2_WRITE, &rule[0]);
}

static int deny_nonsense(void)
{
	if (bf_s2_deny(one, NULL, BF_GPA(2, 1), BF_S2_READ, NULL) != BF_EINVAL ||
	    bf_s2_deny(one, NULL, BF_GPA_PAGE(PAGE), 0, NULL) != BF_EINVAL ||
	    bf_s2_deny(one, NULL, BF_GPA_PAGE(PAGE), 8, NULL) != BF_EINVAL ||
	    bf_s2_deny(NULL, NULL, BF_GPA_PAGE(PAGE), 1, NULL) != BF_EINVAL ||
	    bf_view_create(one, NULL) != BF_EINVAL ||
	    bf_view_remap(bf_view_base(), PAGE, page) != BF_EINVAL)
		return 1;
	return 0;
}

static void refuse(void)
{
	bool exec_only = mock.profile->vendor == MOCK_INTEL;

	assert_int_equal(call(0, deny_read_alone), BF_ENOTSUP);
	assert_int_equal(call(0, deny_nonsense), 0);
	assert_int_equal(call(0, deny_data), exec_only ? 0 : BF_ENOTSUP);
	if (!exec_only)
		return;
	assert_int_equal(rights(PAGE), BF_S2_EXEC);
	assert_int_equal(call(0, allow_first), 0);
}

static void combinations(void **state)
{
	(void)state;
	each_profile(refuse);
}

static bool logged(const char *text)
{
	struct bf_log_page found = {0};

	while (bf_log_read(&found))
		for (uint32_t i = 0; i < found.count; i++)
			if (strstr(found.record[i].text, text))
				return true;
	return false;
}

static void without_tables(void **state)
{
	(void)state;
	mock_reset(&mock_intel_old, 1);
	at_init = NULL;
	assert_int_equal(mock_vmm_start(""), BF_EEXT);
	assert_int_equal(mock_boot.report.value, (uint64_t)(int64_t)BF_ENOTSUP);
	assert_true(logged("extension one: no access control: this CPU has no second-level"));
	mock_reset_with(&mock_amd, 1, MOCK_NPT, 0);
	assert_int_equal(mock_vmm_start(""), BF_EEXT);
	assert_true(logged("extension one: no access control: this CPU has no second-level"));
}

static int all_in_init(void)
{
	int result = deny_write();

	page = bf_page_alloc();
	if (!result)
		result = make_view();
	if (!result)
		result = deny_in_view();
	return result ? result : remap();
}

static void before_the_tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(profiles); i++) {
		start(profiles[i], all_in_init);
		assert_int_equal(rights(PAGE), BF_S2_READ | BF_S2_EXEC);
		assert_int_equal(rights_in(view, PAGE), BF_S2_READ);
		assert_int_equal(shown_in(view, PAGE), bf_virt_to_phys(page));
		assert_int_equal(call(1, allow_first), 0);
		assert_int_equal(rights(PAGE), BF_S2_RWX);
		assert_int_equal(mock_vmm_stop(), 0);
	}
}

static int fault(void)
{
	(void)*(volatile int *)8;
	return 0;
}

static void disabled_owner(void)
{
	uint64_t used = bf_pool_used(), base = bf_view_base()->root;

	assert_int_equal(call(0, make_view), 0);
	assert_int_equal(call(0, deny_write), 0);
	assert_int_equal(call(0, deny_in_view), 0);
	assert_int_equal(call(0, deny_exec_too), 0);
	assert_int_equal(call(2, use_view), 0);
	assert_int_equal(root_of(2), view->root);
	(void)call(1, fault);
	assert_true(one->disabled);
	assert_int_equal(root_of(2), base);
	assert_int_equal(rights(PAGE), BF_S2_READ | BF_S2_WRITE);
	assert_null(bf_view_base()->next);
	assert_true(bf_pool_used() > used);
	assert_int_equal(bf_s2_deny(one, NULL, BF_GPA_PAGE(PAGE), BF_S2_WRITE, NULL), BF_ESTATE);
}

static void owner_goes(void **state)
{
	(void)state;
	each_profile(disabled_owner);
}

/* With the @n-th page allocation failing: all as it was, or all done. @return done */
static bool tried(uint64_t n, int (*fn)(void), int (*undo)(void))
{
	uint64_t used = bf_pool_used();
	int result;

	mock.fault.page_alloc = n;
	result = call(0, fn);
	mock.fault.page_alloc = 0;
	if (result) {
		assert_int_equal(result, BF_ENOMEM);
		assert_int_equal(rights(PAGE), BF_S2_RWX);
		assert_true(level_in(bf_view_base(), PAGE) > 1);
		assert_int_equal(bf_pool_used(), used);
	} else {
		assert_int_equal(call(0, undo), 0);
	}
	return !result;
}

static void out_of_memory(void)
{
	uint64_t n = 1, m = 1;

	assert_int_equal(call(0, make_view), 0);
	assert_int_equal(call(0, deny_write), 0);
	assert_int_equal(call(0, allow_first), 0);
	while (!tried(n, deny_write, allow_first))
		n++;
	assert_true(n > 2);
	assert_int_equal(call(0, destroy_view), 0);
	while (!tried(m, make_view, destroy_view))
		m++;
	assert_true(m > 2);
}

static void allocation_fails(void **state)
{
	(void)state;
	each_profile(out_of_memory);
}

static int storm(void)
{
	int result = 0;

	for (uint64_t i = 0; !result && i <= BF_S2_RULES_MAX; i++)
		result = bf_s2_deny(one, NULL, BF_GPA_PAGE(PAGE), BF_S2_WRITE, NULL);
	return result;
}

static int too_many_views(void)
{
	int result = 0;

	for (uint32_t i = 0; !result && i <= BF_VIEWS_MAX; i++)
		result = bf_view_create(one, &view);
	return result;
}

static int mistakes(void)
{
	struct bf_view none = {0};

	bf_s2_allow(rule[0]);
	bf_s2_allow(rule[0]);
	bf_s2_allow(NULL);
	bf_view_destroy(NULL);
	bf_view_destroy(&none);
	bf_view_destroy(bf_view_base());
	bf_vcpu_set_view(mock_vcpu(), &none);
	return bf_vcpu_view(mock_vcpu()) == bf_view_base() ? 0 : 1;
}

static void misuse(void)
{
	assert_int_equal(call(0, deny_write), 0);
	assert_int_equal(call(0, mistakes), 0);
	assert_true(logged("bf_s2_allow() of rule"));
	assert_true(logged("bf_view_destroy() fails"));
	assert_true(logged("of a view that is gone"));
	assert_int_equal(rights(PAGE), BF_S2_RWX);
	assert_int_equal(call(0, storm), BF_ENOMEM);
	assert_int_equal(call(0, too_many_views), BF_ENOMEM);
}

static void limits(void **state)
{
	(void)state;
	each_profile(misuse);
}

/* Rules at random, against a model: an array of pages. */
#define MODEL_FIRST (PAGE - 0x5000)
#define MODEL_PAGES 0x410u
#define MODEL_RULES 12u

static struct model_rule {
	struct bf_s2_rule *handle;
	struct bf_view *view;
	uint32_t first, last, rights;
} model[MODEL_RULES];

static uint32_t random_state;

static uint32_t below(uint32_t limit)
{
	random_state = random_state * 1103515245 + 12345;
	return (random_state >> 8) % limit;
}

static int change_one(void)
{
	static const uint32_t possible[] = {BF_S2_WRITE, BF_S2_EXEC, BF_S2_WRITE | BF_S2_EXEC,
					    BF_S2_RWX};
	struct model_rule *m = &model[below(MODEL_RULES)];
	struct bf_range range;

	if (m->handle) {
		bf_s2_allow(m->handle);
		m->handle = NULL;
		return 0;
	}
	m->first = below(MODEL_PAGES);
	m->last = m->first + below(below(2) ? 4 : MODEL_PAGES - m->first);
	m->last = m->last < MODEL_PAGES ? m->last : MODEL_PAGES - 1;
	m->rights = possible[below(COUNT(possible))];
	m->view = below(3) ? NULL : below(2) ? view : bf_view_base();
	range = BF_GPA(MODEL_FIRST + m->first * 0x1000ul, MODEL_FIRST + m->last * 0x1000ul);
	return bf_s2_deny(one, m->view, range, m->rights, &m->handle);
}

static void compare(struct bf_view *in)
{
	for (uint32_t i = 0; i < MODEL_PAGES; i++) {
		uint64_t gpa = MODEL_FIRST + i * 0x1000ul, size;
		uint32_t denied = 0, level;
		uint64_t entry = bf_s2_lookup_in(in, gpa, &level);

		for (uint32_t r = 0; r < MODEL_RULES; r++)
			if (model[r].handle && (!model[r].view || model[r].view == in) &&
			    model[r].first <= i && i <= model[r].last)
				denied |= model[r].rights;
		size = 1ul << (12 + 9 * (level - 1));
		assert_int_equal(rights_in(in, gpa), bf_s2_granted(BF_S2_RWX & ~denied));
		assert_int_equal(bf_hv->s2_format()->address(entry, level), gpa & -size);
	}
}

static void at_random(void)
{
	uint64_t used;

	assert_int_equal(call(0, make_view), 0);
	used = bf_pool_used();
	memset(model, 0, sizeof(model));
	random_state = 1;
	for (uint32_t i = 0; i < 150; i++) {
		assert_int_equal(call(i % CPUS, change_one), 0);
		compare(bf_view_base());
		compare(view);
	}
	for (uint32_t i = 0; i < MODEL_RULES; i++)
		bf_s2_allow(model[i].handle);
	assert_int_equal(bf_pool_used(), used);
}

static void random_rules(void **state)
{
	(void)state;
	each_profile(at_random);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rights_combine), cmocka_unit_test(large_pages_stay),
		cmocka_unit_test(no_rights),      cmocka_unit_test(all_cpus_flush),
		cmocka_unit_test(views),          cmocka_unit_test(combinations),
		cmocka_unit_test(without_tables), cmocka_unit_test(before_the_tables),
		cmocka_unit_test(owner_goes),     cmocka_unit_test(allocation_fails),
		cmocka_unit_test(limits),         cmocka_unit_test(random_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
