/* SPDX-License-Identifier: MIT */
/* What an extension is told to have done: calls, time, hooks, state; on all CPUs together. */
#include "../broken/broken.h"
#include <bfhw/phys.h>
#include <bfmock/guest.h>
#include <bfvmm/hooks.h>
#include "test.h"

#define CPUS 2
#define GPA  0x500000ul

static struct bf_ext_page *page;

static void start(const struct mock_profile *profile, const char *options)
{
	mock_reset(profile, CPUS);
	assert_int_equal(mock_vmm_start(options), 0);
	page = bf_phys_to_virt(GPA);
}

static int64_t ask(uint32_t first)
{
	memset(page, 0xff, BF_PAGE_SIZE);
	page->first = first;
	mock_execute_hypercall(mock_vcpu(), BF_HC_EXTENSIONS, GPA);
	return (int64_t)mock_vcpu()->regs.rax;
}

static const struct bf_ext_record *record(const char *name)
{
	assert_true(ask(0) > 0);
	for (uint32_t i = 0; i < page->count; i++)
		if (!strcmp(page->record[i].name, name))
			return &page->record[i];
	fail_msg("no record of %s", name);
	return NULL;
}

static void execute(uint32_t cpu, uint32_t leaf, uint32_t times)
{
	mock_cpu_switch(cpu);
	for (uint32_t i = 0; i < times; i++)
		mock_execute_cpuid(mock_vcpu(), leaf, 0);
}

static void calls(void **state)
{
	(void)state;
	for (const struct mock_profile *const *cpu = mock_profiles; *cpu; cpu++) {
		start(*cpu, "broken=self_unhook at=every");
		execute(0, BYSTANDER_LEAF, 100);
		execute(1, BYSTANDER_LEAF, 30);
		execute(0, 2, 50);
		assert_int_equal(record("bystander")->calls, 130);
		assert_int_equal(record("bystander")->hooks, 4);
		assert_int_equal(record("bystander")->state, BF_EXT_ACTIVE);
		assert_int_equal(record("null_read")->calls, 0);
		assert_int_equal(record("null_read")->hooks, 0);
		/* All CPUIDs, and the hypercalls that have asked. */
		assert_int_equal(record("self_unhook")->calls, 180 + 6);
		execute(0, BROKEN_LEAF, 1);
		assert_int_equal(record("self_unhook")->hooks, 0);
		assert_int_equal(record("self_unhook")->calls, 186 + 1);
	}
}

/* The mock's clock goes on by 10 with each RDTSC; only exits whose number is round are timed. */
static void time(void **state)
{
	(void)state;
	start(&mock_intel, "");
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		mock_cpu_switch(cpu);
		mock_vcpu()->exit_seq = 0;
		execute(cpu, BYSTANDER_LEAF, 5 * BF_TIMED_EXITS);
	}
	assert_int_equal(record("bystander")->timed_cycles, CPUS * 5 * 10);
	assert_int_equal(page->timed_exits, BF_TIMED_EXITS);
	assert_int_equal(record("null_read")->timed_cycles, 0);
}

static void time_under_the_vmm(void **state)
{
	uint64_t before;

	(void)state;
	start(&mock_amd, "");
	ask(0);
	before = page->cpu_cycles;
	mock.tsc += 1000000;
	ask(0);
	/* Each CPU's million, and what the clock goes on by when it is read. */
	assert_in_range(page->cpu_cycles - before, CPUS * 1000000, CPUS * 1000000 + 1000);
	/* A CPU that has gone bare counts no longer, and what it had is kept. */
	before = page->cpu_cycles;
	mock_cpu_switch(1);
	mock_execute_hypercall(mock_vcpu(), BF_HC_STOP, 0);
	mock_cpu_switch(0);
	mock.tsc += 1000000;
	ask(0);
	assert_in_range(page->cpu_cycles - before, 1000000, 1000000 + 1000);
}

static void disabled(void **state)
{
	(void)state;
	start(&mock_amd, "broken=null_read");
	assert_int_equal(record("null_read")->hooks, 2);
	execute(1, BROKEN_LEAF, 3);
	assert_int_equal(record("null_read")->state, BF_EXT_DISABLED);
	assert_int_equal(record("null_read")->hooks, 0);
	assert_int_equal(record("null_read")->calls, 1);
	assert_int_equal(record("bystander")->state, BF_EXT_ACTIVE);
	assert_int_equal(record("bystander")->calls, 6);
}

static void pages(void **state)
{
	uint32_t total;

	(void)state;
	start(&mock_intel, "");
	assert_true(ask(0) > 0);
	total = page->total;
	assert_int_equal(page->count, total);
	for (uint32_t first = 0; first < total; first++) {
		char name[BF_EXT_NAME];

		ask(0);
		memcpy(name, page->record[first].name, sizeof(name));
		assert_int_equal(ask(first), total - first);
		assert_string_equal(page->record[0].name, name);
	}
	assert_int_equal(ask(total), 0);
	assert_int_equal(ask(UINT32_MAX), 0);
	assert_int_equal(page->total, total);
}

/* More extensions than a page holds, one with a long name. */
static void many(void **state)
{
	static const struct bf_extension descriptor = {
		.name = "an extension whose name does not fit into its record"};
	static struct bf_ext fakes[BF_EXT_PAGE_RECORDS];
	struct bf_ext *last;

	(void)state;
	start(&mock_amd, "");
	for (last = bf_extensions(); last->next; last = last->next)
		;
	for (size_t i = 0; i < COUNT(fakes); i++) {
		fakes[i] = (struct bf_ext){.descriptor = &descriptor};
		last->next = &fakes[i];
		last = &fakes[i];
	}
	assert_int_equal(ask(0), BF_EXT_PAGE_RECORDS);
	assert_int_equal(ask(BF_EXT_PAGE_RECORDS), page->total - BF_EXT_PAGE_RECORDS);
	assert_int_equal(strlen(page->record[0].name), BF_EXT_NAME - 1);
	assert_memory_equal(page->record[0].name, descriptor.name, BF_EXT_NAME - 1);
}

static void bad_address(void **state)
{
	static const uint64_t rows[] = {GPA + 8, MOCK_MEMORY, UINT64_MAX, MOCK_POOL_PA};

	(void)state;
	start(&mock_amd, "");
	for (size_t i = 0; i < COUNT(rows); i++) {
		mock_execute_hypercall(mock_vcpu(), BF_HC_EXTENSIONS, rows[i]);
		assert_int_equal((int64_t)mock_vcpu()->regs.rax, BF_EFAULT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls),       cmocka_unit_test(time),
		cmocka_unit_test(disabled),    cmocka_unit_test(time_under_the_vmm),
		cmocka_unit_test(pages),       cmocka_unit_test(many),
		cmocka_unit_test(bad_address),
	};

	return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}
