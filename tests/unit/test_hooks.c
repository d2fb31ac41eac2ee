/* SPDX-License-Identifier: MIT */
/* Chains of hooks: order, verdicts, ranges, stages, removal. */
#include <bareframe/ext.h>
#include <bfmock/hv.h>
#include <bfvmm/hooks.h>
#include <bfvmm/log.h>
#include <bfvmm/mem.h>
#include "test.h"

static struct bf_vcpu *const vcpu = &mock_vcpus[0];

static const struct bf_extension descriptor = {.name = "under test"};
static const struct bf_extension other_descriptor = {.name = "bystander"};
static struct bf_ext ext, other;

/* What ran, in order, and what each is to answer. */
static char trace[64];
static uint32_t trace_length;
static enum bf_verdict answers[128];

static void ran(char name)
{
	trace[trace_length++] = name;
	trace[trace_length] = '\0';
}

static enum bf_verdict on_exit(struct bf_vcpu *v, struct bf_exit *exit, void *ctx)
{
	char name = *(const char *)ctx;

	assert_ptr_equal(v, vcpu);
	assert_int_equal(exit->reason, BF_EXIT_PAUSE);
	ran(name);
	return answers[(uint8_t)name];
}

static struct bf_hook *hook(const char *name, int priority)
{
	struct bf_hook *handle = NULL;

	assert_int_equal(bf_hook_exit(&ext, BF_ALL_VMS, BF_EXIT_PAUSE, on_exit, (void *)name,
				      priority, &handle),
			 0);
	assert_non_null(handle);
	return handle;
}

static int setup(void **state)
{
	(void)state;
	mock_hv_init(2);
	ext = (struct bf_ext){.descriptor = &descriptor};
	other = (struct bf_ext){.descriptor = &other_descriptor};
	trace_length = 0;
	trace[0] = '\0';
	memset(answers, 0, sizeof(answers));
	return 0;
}

static void expect(const char *order, enum bf_verdict verdict)
{
	trace_length = 0;
	trace[0] = '\0';
	assert_int_equal(mock_hv_exit(vcpu, BF_EXIT_PAUSE), verdict);
	assert_string_equal(trace, order);
}

static void nobody(void **state)
{
	(void)state;
	expect("", BF_SKIP);
	assert_int_equal(mock_hv.advanced, 1);
}

static void one(void **state)
{
	(void)state;
	hook("a", BF_PRIO_NORMAL);
	expect("a", BF_SKIP);
	answers['a'] = BF_DONE;
	expect("a", BF_DONE);
}

static void priorities(void **state)
{
	(void)state;
	hook("m", BF_PRIO_NORMAL);
	hook("z", BF_PRIO_LAST);
	hook("a", BF_PRIO_FIRST);
	hook("n", BF_PRIO_NORMAL);
	hook("l", BF_PRIO_NORMAL - 1);
	hook("o", BF_PRIO_NORMAL);
	hook("!", -5);
	expect("!almnoz", BF_SKIP);
}

/* Any verdict but BF_PASS ends the chain. */
static void verdicts_end_the_chain(void **state)
{
	static const enum bf_verdict rows[] = {BF_DONE, BF_SKIP, BF_INJECT};

	(void)state;
	hook("a", 1);
	hook("b", 2);
	hook("c", 3);
	for (size_t i = 0; i < COUNT(rows); i++) {
		answers['b'] = rows[i];
		expect("ab", rows[i]);
	}
	answers['b'] = BF_PASS;
	expect("abc", BF_SKIP);
}

static void stop(void *ctx)
{
	(void)ctx;
	mock_hv_exit(vcpu, BF_EXIT_PAUSE);
}

static void stop_panics(void **state)
{
	(void)state;
	hook("a", 1);
	answers['a'] = BF_STOP;
	assert_int_equal(mock_catch(stop, NULL), MOCK_HALTED);
	assert_int_equal(vcpu->pcpu->sw->running, BF_CPU_HALTED);
}

static void injection(void **state)
{
	(void)state;
	hook("a", 1);
	answers['a'] = BF_INJECT;
	bf_vcpu_inject_exception(vcpu, BF_VECTOR_PF, 2);
	expect("a", BF_INJECT);
	assert_int_equal(mock_hv.injected, 1);
	assert_int_equal(mock_hv.last_event.vector, BF_VECTOR_PF);
	assert_int_equal(mock_hv.last_event.error_code, 2);
	assert_int_equal(mock_hv.advanced, 0);
}

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

static void bad_verdict(void **state)
{
	(void)state;
	static const uint32_t bad[] = {BF_VERDICT_COUNT, 0x80000000u, UINT32_MAX};

	for (size_t i = 0; i < COUNT(bad); i++) {
		setup(state);
		hook("a", 1);
		bf_hook_exit(&other, BF_ALL_VMS, BF_EXIT_PAUSE, on_exit, "b", 2, NULL);
		hook("c", 3);
		answers['a'] = (enum bf_verdict)bad[i];
		/* The others are asked all the same; its own other hook is gone at once. */
		expect("ab", BF_SKIP);
		assert_true(logged("extension under test: verdict"));
		assert_true(ext.disabled);
		expect("b", BF_SKIP);
		assert_int_equal(
			bf_hook_exit(&ext, BF_ALL_VMS, BF_EXIT_PAUSE, on_exit, "a", 1, NULL),
			BF_ESTATE);
	}
}

static void unhook(void **state)
{
	struct bf_hook *a = hook("a", 1), *b = hook("b", 2), *c = hook("c", 3);

	(void)state;
	bf_unhook(b);
	expect("ac", BF_SKIP);
	bf_unhook(a);
	expect("c", BF_SKIP);
	bf_unhook(NULL);
	bf_unhook(c);
	expect("", BF_SKIP);
}

static struct bf_hook *own;

static enum bf_verdict removes_itself(struct bf_vcpu *v, struct bf_exit *exit, void *ctx)
{
	(void)v;
	(void)exit;
	(void)ctx;
	ran('x');
	bf_unhook(own);
	return BF_PASS;
}

/* The chain that runs now must live on until the exit is over. */
static void unhook_from_inside(void **state)
{
	(void)state;
	bf_hook_exit(&ext, BF_ALL_VMS, BF_EXIT_PAUSE, removes_itself, NULL, 1, &own);
	hook("b", 2);
	expect("xb", BF_SKIP);
	expect("b", BF_SKIP);
}

/* A slot is freed once no vCPU can be inside it, and not before. */
static void retirement(void **state)
{
	uint64_t used;

	(void)state;
	for (int i = 0; i < 3; i++)
		bf_unhook(hook("a", 1));
	used = bf_pool_used();
	for (int i = 0; i < 2000; i++) {
		struct bf_hook *handle = hook("a", 1);

		for (uint32_t cpu = 0; cpu < 2; cpu++)
			mock_vcpus[cpu].exit_seq += 2;
		bf_unhook(handle);
	}
	assert_true(bf_pool_used() <= used + 1);
}

/*
 * A vCPU's count of exits may be seen late: its store can still be on the way when the slot is
 * replaced. One step of the count is therefore no proof that the old slot is out of use.
 */
static void retirement_waits(void **state)
{
	struct bf_hook *a = hook("a", 1);

	(void)state;
	vcpu->exit_seq = 5;
	mock_vcpus[1].exit_seq = 9;
	bf_unhook(a);
	mock_counts_reset();
	vcpu->exit_seq--; /* a backend is about to dispatch the exit again */
	mock_vcpus[1].exit_seq += 2;
	hook("b", 1);
	assert_int_equal(mock.count.page_free, 0);
	vcpu->exit_seq += 2;
	hook("b", 1);
	assert_int_equal(mock.count.page_free, 0);
	vcpu->exit_seq++;
	hook("c", 1);
	assert_int_equal(mock.count.page_free, 1);
}

/* A CPU that has gone offline never exits again, and must not keep slots for ever. */
static void retirement_offline(void **state)
{
	uint64_t used;

	(void)state;
	bf_unhook(hook("a", 1));
	mock_vcpus[1].pcpu = NULL;
	used = bf_pool_used();
	for (int i = 0; i < 2000; i++) {
		struct bf_hook *handle = hook("a", 1);

		vcpu->exit_seq += 2;
		bf_unhook(handle);
	}
	assert_true(bf_pool_used() <= used + 2);
}

static void arming(void **state)
{
	struct bf_hook *a, *b;

	(void)state;
	mock_hv_exit(vcpu, BF_EXIT_SMI); /* settles what mock_hv_init() left */
	assert_false(mock_hv.intercept[BF_EXIT_PAUSE]);
	a = hook("a", 1);
	assert_true(atomic_load(&vcpu->pending) & BF_PENDING_INTERCEPT);
	assert_true(atomic_load(&mock_vcpus[1].pending) & BF_PENDING_INTERCEPT);
	mock_hv_exit(vcpu, BF_EXIT_SMI);
	assert_true(mock_hv.intercept[BF_EXIT_PAUSE]);
	assert_false(mock_hv.intercept[BF_EXIT_RDTSC]);
	b = hook("b", 1);
	bf_unhook(a);
	mock_hv_exit(vcpu, BF_EXIT_SMI);
	assert_true(mock_hv.intercept[BF_EXIT_PAUSE]);
	bf_unhook(b);
	mock_hv_exit(vcpu, BF_EXIT_SMI);
	assert_false(mock_hv.intercept[BF_EXIT_PAUSE]);
}

static void refused(void **state)
{
	struct bf_hook *handle = (void *)1;

	(void)state;
	mock_hv.no_intercept[BF_EXIT_UMWAIT] = true;
	assert_int_equal(bf_hook_exit(&ext, BF_ALL_VMS, BF_EXIT_UMWAIT, on_exit, NULL, 1, &handle),
			 BF_ENOTSUP);
	assert_int_equal(
		bf_hook_exit(&ext, BF_ALL_VMS, BF_EXIT_GDTR_IDTR, on_exit, NULL, 1, &handle),
		BF_ENOTSUP);
	assert_int_equal(bf_hook_exit(&ext, BF_ALL_VMS, BF_EXIT_COUNT, on_exit, NULL, 1, &handle),
			 BF_EINVAL);
	assert_int_equal(bf_hook_exit(&ext, BF_ALL_VMS, BF_EXIT_HLT, NULL, NULL, 1, &handle),
			 BF_EINVAL);
	assert_int_equal(bf_hook_exit(NULL, BF_ALL_VMS, BF_EXIT_HLT, on_exit, NULL, 1, &handle),
			 BF_EINVAL);
	assert_int_equal(bf_hook_event(&ext, BF_LIFE_COUNT, NULL, NULL, &handle), BF_EINVAL);
	assert_ptr_equal(handle, (void *)1);
}

/* Out of memory at any point: an error, and the chain as it was. */
static void exhaustion(void **state)
{
	struct bf_hook *handle;
	int status, failures = 0;

	(void)state;
	hook("a", 1);
	for (uint64_t n = 1; n < 200; n++) {
		mock.fault.page_alloc = n > 1 ? 1 : 0;
		status = bf_hook_exit(&ext, BF_ALL_VMS, BF_EXIT_PAUSE, on_exit, "b", 2, &handle);
		assert_true(status == 0 || status == BF_ENOMEM);
		failures += status != 0;
		expect(status ? "a" : "ab", BF_SKIP);
		mock.fault.page_alloc = 0;
		if (!status)
			bf_unhook(handle);
		expect("a", BF_SKIP);
	}
	assert_true(failures > 0);
}

static void other_reasons_untouched(void **state)
{
	(void)state;
	hook("a", 1);
	assert_int_equal(mock_hv_exit(vcpu, BF_EXIT_SMI), BF_DONE);
	assert_string_equal(trace, "");
}

static uint32_t life[BF_LIFE_COUNT][2];

static void on_life(enum bf_life_event event, uint32_t cpu, void *ctx)
{
	assert_ptr_equal(ctx, life);
	life[event][cpu]++;
}

static void life_events(void **state)
{
	struct bf_hook *handle;

	(void)state;
	memset(life, 0, sizeof(life));
	assert_int_equal(bf_hook_event(&ext, BF_LIFE_CPU_STOP, on_life, life, &handle), 0);
	bf_life_event(BF_LIFE_CPU_START, 0);
	bf_life_event(BF_LIFE_CPU_STOP, 1);
	assert_int_equal(life[BF_LIFE_CPU_START][0], 0);
	assert_int_equal(life[BF_LIFE_CPU_STOP][1], 1);
	bf_unhook(handle);
	bf_life_event(BF_LIFE_CPU_STOP, 1);
	assert_int_equal(life[BF_LIFE_CPU_STOP][1], 1);
}

static struct bf_hook *once;

/* Removes itself, and has something else take its memory. */
static void on_life_once(enum bf_life_event event, uint32_t cpu, void *ctx)
{
	on_life(event, cpu, ctx);
	bf_unhook(once);
	memset(bf_alloc(sizeof(*once)), 0xff, sizeof(*once));
}

static void life_removed_from_inside(void **state)
{
	(void)state;
	memset(life, 0, sizeof(life));
	bf_hook_event(&ext, BF_LIFE_CPU_STOP, on_life, life, NULL);
	bf_hook_event(&ext, BF_LIFE_CPU_STOP, on_life_once, life, &once);
	bf_hook_event(&ext, BF_LIFE_CPU_STOP, on_life, life, NULL);
	bf_life_event(BF_LIFE_CPU_STOP, 1);
	assert_int_equal(life[BF_LIFE_CPU_STOP][1], 3);
	bf_life_event(BF_LIFE_CPU_STOP, 1);
	assert_int_equal(life[BF_LIFE_CPU_STOP][1], 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nobody, setup),
		cmocka_unit_test_setup(one, setup),
		cmocka_unit_test_setup(priorities, setup),
		cmocka_unit_test_setup(verdicts_end_the_chain, setup),
		cmocka_unit_test_setup(stop_panics, setup),
		cmocka_unit_test_setup(injection, setup),
		cmocka_unit_test_setup(bad_verdict, setup),
		cmocka_unit_test_setup(unhook, setup),
		cmocka_unit_test_setup(unhook_from_inside, setup),
		cmocka_unit_test_setup(retirement, setup),
		cmocka_unit_test_setup(retirement_waits, setup),
		cmocka_unit_test_setup(retirement_offline, setup),
		cmocka_unit_test_setup(arming, setup),
		cmocka_unit_test_setup(refused, setup),
		cmocka_unit_test_setup(exhaustion, setup),
		cmocka_unit_test_setup(other_reasons_untouched, setup),
		cmocka_unit_test_setup(life_events, setup),
		cmocka_unit_test_setup(life_removed_from_inside, setup),
	};

	return cmocka_run_group_tests_name("hooks", tests, NULL, NULL);
}
