/* SPDX-License-Identifier: MIT */
/* Extensions that misbehave, on CPUs of both vendors: named, disabled, and the guest goes on. */
#include "../broken/broken.h"
#include <bfhw/phys.h>
#include <bfmock/guest.h>
#include <bfmock/svm.h>
#include <bfmock/vmx.h>
#include <bfvmm/hooks.h>
#include <bfvmm/log.h>
#include <bfvmm/mem.h>
#include <svm/svm.h>
#include "test.h"

#define CPUS 2

static const struct mock_profile *const profiles[] = {&mock_intel, &mock_amd};

static bool logged(const char *text)
{
	struct bf_log_page page = {0};

	while (bf_log_read(&page))
		for (uint32_t i = 0; i < page.count; i++) {
			page.record[i].text[BF_LOG_TEXT - 1] = '\0';
			if (strstr(page.record[i].text, text))
				return true;
		}
	return false;
}

static struct bf_ext *find(const char *name)
{
	struct bf_ext *ext = bf_extensions();

	while (ext && strcmp(ext->descriptor->name, name))
		ext = ext->next;
	if (!ext)
		fail_msg("no extension %s", name);
	return ext;
}

static bool rdtsc_exits(struct bf_vcpu *vcpu)
{
	if (mock.profile->vendor == MOCK_INTEL)
		return mock_vmcs_get(0x4002) >> 12 & 1;
	return mock_vmcb_get(bf_virt_to_phys(&bf_svm(vcpu)->vmcb), 0x00c, 4) >> 14 & 1;
}

/* A leaf that nobody has hooked, for whatever waits for the next entry. */
static void settle(void)
{
	mock_execute_cpuid(mock_vcpu(), 2, 0);
}

static uint32_t ask_bystander(void)
{
	struct bf_vcpu *vcpu = mock_vcpu();
	struct mock_result r = mock_execute_cpuid(vcpu, BYSTANDER_LEAF, 0);

	assert_int_equal(r.end, MOCK_RETURNED);
	assert_false(r.injected);
	assert_int_equal(vcpu->regs.rax, BYSTANDER_ANSWER);
	return (uint32_t)vcpu->regs.rbx;
}

/* The guest sees what it sees without the extension. */
static void execute_leaf(const char *name)
{
	struct bf_vcpu *vcpu = mock_vcpu();
	uint64_t rip = bf_vcpu_get(vcpu, BF_RIP);
	struct mock_result r = mock_execute_cpuid(vcpu, BROKEN_LEAF, 0);

	assert_row(r.end == MOCK_RETURNED, name);
	assert_row(!r.injected, name);
	assert_row(r.rip == rip + 2, name);
	assert_row(!vcpu->regs.rax && !vcpu->regs.rbx && !vcpu->regs.rcx && !vcpu->regs.rdx, name);
	bf_vcpu_set(vcpu, BF_RIP, rip);
}

static void read_msr(const char *name)
{
	struct bf_vcpu *vcpu = mock_vcpu();
	uint64_t rip = bf_vcpu_get(vcpu, BF_RIP), value;
	struct mock_result r = mock_execute_rdmsr(vcpu, BROKEN_MSR, &value);

	assert_row(r.end == MOCK_RETURNED, name);
	assert_row(!r.injected && r.exited, name);
	assert_row(value == mock_msr_find(BROKEN_MSR)->value, name);
	bf_vcpu_set(vcpu, BF_RIP, rip);
}

static void start(const struct mock_profile *profile, const char *name, const char *at)
{
	char options[96];

	snprintf(options, sizeof(options), "broken=%s at=%s", name, at);
	mock_reset(profile, CPUS);
	assert_row(mock_vmm_start(options) == 0, name);
}

struct row {
	const char *name;
	const char *says; /* behind "extension NAME: " */
	bool harmless;    /* it is not disabled */
	bool keeps;       /* its RDTSC exits stay */
};

static const struct row rows[] = {
	{"null_read", "#PF (vector 14, error code 0x4) at 0x", false, false},
	{"null_call", "#PF (vector 14, error code 0x14) at 0x0, address 0x0", false, false},
	{"wild_write", "#GP (vector 13, error code 0x0) at 0x", false, false},
	{"undefined", "#UD (vector 6, ", false, false},
	{"divide", "#DE (vector 0, ", false, false},
	{"bad_verdict", "verdict 77 does not exist here", false, false},
	{"big_array", "stack overflow, #PF", false, false},
	{"recursion", "stack overflow, #PF", false, false},
	{"deep_alloc", "stack overflow, #PF", false, false},
	{"unaligned", "#GP (vector 13, error code 0x0)", false, false},
	{"double_unhook", "bf_unhook() of a hook that is gone (handle ", true, false},
	{"self_unhook", NULL, true, false},
	{"wild_free", "bf_free() of 0x", true, true},
	{"storm", "wants more ", true, true},
	{"no_memory", "wants more memory", true, true},
};

static void expect_contained(const struct row *row)
{
	char text[160];

	snprintf(text, sizeof(text), "extension %s: %s", row->name, row->says ? row->says : "");
	assert_row(logged(text) == (row->says != NULL), row->name);
	snprintf(text, sizeof(text), "extension %s: disabled", row->name);
	assert_row(logged(text) == !row->harmless, row->name);
	assert_row(find(row->name)->disabled == !row->harmless, row->name);
	assert_row(!find("bystander")->disabled, row->name);
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		mock_cpu_switch(cpu);
		settle();
		assert_row(rdtsc_exits(mock_vcpu()) == row->keeps, row->name);
	}
}

static void misbehave(const struct row *row, void (*trigger)(const char *name), uint32_t calls)
{
	for (uint32_t i = 0; i < 2 * CPUS; i++) {
		mock_cpu_switch(i % CPUS);
		trigger(row->name);
		assert_row(ask_bystander() == calls * (i + 1), row->name);
	}
	expect_contained(row);
	assert_row(mock_vmm_stop() == 0, row->name);
}

/* Each of them, wherever a hook can be. */
static void everywhere(void **state)
{
	static const struct {
		const char *at;
		void (*trigger)(const char *name);
		uint32_t calls; /* of the bystander */
	} places[] = {
		{"cpuid", execute_leaf, 2}, {"post", execute_leaf, 2}, {"exit", execute_leaf, 2},
		{"every", execute_leaf, 2}, {"msr", read_msr, 1},
	};

	(void)state;
	for (size_t p = 0; p < COUNT(profiles); p++)
		for (size_t i = 0; i < COUNT(rows); i++)
			for (size_t at = 0; at < COUNT(places); at++) {
				start(profiles[p], rows[i].name, places[at].at);
				settle();
				assert_true(rdtsc_exits(mock_vcpu()));
				misbehave(&rows[i], places[at].trigger, places[at].calls);
			}
}

/* The exits that are timed take another loop. */
static void in_a_timed_exit(void **state)
{
	(void)state;
	for (size_t p = 0; p < COUNT(profiles); p++)
		for (size_t i = 0; i < COUNT(rows); i++) {
			start(profiles[p], rows[i].name, "cpuid");
			settle();
			mock_vcpu()->exit_seq = 2 * BF_TIMED_EXITS - 1;
			execute_leaf(rows[i].name);
			assert_int_equal(ask_bystander(), 2);
			expect_contained(&rows[i]);
			assert_int_equal(mock_vmm_stop(), 0);
		}
}

static void in_life_cycle_hooks(void **state)
{
	static const char *const places[] = {"start", "stop", "end"};

	(void)state;
	for (size_t p = 0; p < COUNT(profiles); p++)
		for (size_t i = 0; i < COUNT(rows); i++)
			for (size_t at = 0; at < COUNT(places); at++) {
				char text[160];

				/* They return nothing: no verdict is bad. */
				if (!strcmp(rows[i].name, "bad_verdict"))
					continue;
				start(profiles[p], rows[i].name, places[at]);
				assert_int_equal(ask_bystander(), 0);
				assert_row(mock_vmm_stop() == 0, rows[i].name);
				snprintf(text, sizeof(text), "extension %s: disabled",
					 rows[i].name);
				assert_row(logged(text) == !rows[i].harmless, rows[i].name);
			}
}

/* What it says there makes the start fail, and names it. */
static void in_init(void **state)
{
	(void)state;
	for (size_t p = 0; p < COUNT(profiles); p++)
		for (size_t i = 0; i < COUNT(rows); i++) {
			char options[96];

			if (rows[i].harmless || !strcmp(rows[i].name, "bad_verdict"))
				continue;
			mock_reset(profiles[p], CPUS);
			snprintf(options, sizeof(options), "broken=%s at=init", rows[i].name);
			assert_row(mock_vmm_start(options) == BF_EEXT, rows[i].name);
			assert_string_equal(mock_boot.report.what, rows[i].name);
			assert_non_null(strstr(mock_boot.report.rule, "faulted"));
			snprintf(options, sizeof(options), "extension %s: disabled", rows[i].name);
			assert_row(logged(options), rows[i].name);
		}
}

static void init_that_fails(void **state)
{
	(void)state;
	mock_reset(&mock_amd, CPUS);
	assert_int_equal(mock_vmm_start("broken=refuses"), BF_EEXT);
	assert_string_equal(mock_boot.report.what, "refuses");
	assert_int_equal((int64_t)mock_boot.report.value, BF_EINVAL);
	assert_non_null(strstr(mock_boot.report.rule, "returned this error"));
	assert_false(logged("disabled"));
}

/* A guest in its own page fault handler reads CR2 behind the exit: ours must not be in there. */
static void the_guests_cr2(void **state)
{
	(void)state;
	start(&mock_intel, "null_read", "cpuid");
	bf_vcpu_set(mock_vcpu(), BF_CR2, 0x1234567000);
	execute_leaf("null_read");
	assert_true(find("null_read")->disabled);
	assert_int_equal(bf_vcpu_get(mock_vcpu(), BF_CR2), 0x1234567000);
}

/* With no page left to make shorter chains of, its hooks still go, and its exits with them. */
static void disabled_without_memory(void **state)
{
	(void)state;
	for (size_t p = 0; p < COUNT(profiles); p++) {
		start(profiles[p], "null_read", "cpuid");
		settle();
		while (bf_pages_alloc(1))
			;
		while (bf_alloc(1024) || bf_alloc(16))
			;
		misbehave(&rows[0], execute_leaf, 2);
	}
}

/* Each allocation of a start in turn. */
static void no_memory_at_the_start(void **state)
{
	(void)state;
	for (size_t p = 0; p < COUNT(profiles); p++) {
		uint32_t failures = 0;
		int status = -1;

		while (status) {
			mock_reset(profiles[p], CPUS);
			mock.fault.page_alloc = failures + 1;
			status = mock_vmm_start("broken=self_unhook");
			assert_true(status == 0 || mock_boot.report.code == status);
			assert_true(status == 0 || mock_boot.report.what[0]);
			failures += status != 0;
		}
		mock.fault.page_alloc = 0;
		assert_true(failures > 5);
		execute_leaf("self_unhook");
		assert_int_equal(mock_vmm_stop(), 0);
	}
}

static void all_that_it_tells(void **state)
{
	(void)state;
	start(&mock_amd, "no_memory", "cpuid");
	execute_leaf("no_memory");
	assert_true(logged(" times, failed otherwise 0 times, at last 0"));
	assert_false(logged("refused 0 times"));
	start(&mock_amd, "storm", "cpuid");
	execute_leaf("storm");
	assert_true(logged("storm: status -2 after "));
	assert_false(logged("after 0 hooks"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everywhere),
		cmocka_unit_test(in_a_timed_exit),
		cmocka_unit_test(in_life_cycle_hooks),
		cmocka_unit_test(in_init),
		cmocka_unit_test(init_that_fails),
		cmocka_unit_test(the_guests_cr2),
		cmocka_unit_test(disabled_without_memory),
		cmocka_unit_test(no_memory_at_the_start),
		cmocka_unit_test(all_that_it_tells),
	};

	return cmocka_run_group_tests_name("broken", tests, NULL, NULL);
}
