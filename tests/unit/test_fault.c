/* SPDX-License-Identifier: MIT */
/* Exceptions that hit the VMM: whose fault they are, and what comes of them. */
#include <bareframe/ext.h>
#include <bfmock/hv.h>
#include <bfvmm/chain.h>
#include <bfvmm/guard.h>
#include <bfvmm/hooks.h>
#include <bfvmm/lock.h>
#include <bfvmm/log.h>
#include <bfvmm/nmi.h>
#include <common/frame.h>
#include "test.h"

static const struct bf_extension descriptor = {.name = "under test"};
static const struct bf_extension other_descriptor = {.name = "bystander"};
static struct bf_ext ext, other;
static struct bf_vcpu *const vcpu = &mock_vcpus[0];
static struct bf_frame frame;
static uint32_t calls;

static int setup(void **state)
{
	(void)state;
	mock_hv_init(2);
	ext = (struct bf_ext){.descriptor = &descriptor};
	other = (struct bf_ext){.descriptor = &other_descriptor};
	frame = (struct bf_frame){.rip = 0x1234, .rsp = UINT64_MAX / 2};
	calls = 0;
	return 0;
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

/* The stack window that the fault handler believes to be on. */
static uint64_t window(void)
{
	return (uint64_t)__builtin_frame_address(0) & ~(BF_STACK_WINDOW - 1);
}

static enum bf_verdict faults(struct bf_vcpu *v, struct bf_exit *exit, void *ctx)
{
	(void)v;
	(void)exit;
	(void)ctx;
	calls++;
	bf_fault(&frame);
	return BF_PASS;
}

static void hook(struct bf_ext *owner, bf_exit_fn fn)
{
	assert_int_equal(bf_hook_exit(owner, BF_ALL_VMS, BF_EXIT_PAUSE, fn, NULL, 1, NULL), 0);
}

static void exits(void *ctx)
{
	(void)ctx;
	mock_hv_exit(vcpu, BF_EXIT_PAUSE);
}

static void blames_the_hook(void **state)
{
	static const struct {
		uint64_t vector;
		const char *text;
	} rows[] = {
		{0, "#DE (vector 0,"},
		{3, "#BP (vector 3,"},
		{6, "#UD (vector 6,"},
		{12, "#SS (vector 12,"},
		{13, "#GP (vector 13,"},
		{14, "#PF (vector 14,"},
		{20, "an exception (vector 20,"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		setup(state);
		hook(&ext, faults);
		frame.vector = rows[i].vector;
		assert_int_equal(mock_catch(exits, NULL), MOCK_RETURNED);
		assert_true(ext.disabled);
		assert_row(logged(rows[i].text), rows[i].text);
	}
}

/* CR2 tells of page faults; with others it is the guest's, and nobody's business. */
static void address(void **state)
{
	static const struct {
		uint64_t vector;
		const char *text;
	} rows[] = {{14, "address 0x77000"}, {13, "address 0x0"}, {6, "address 0x0"}};

	for (size_t i = 0; i < COUNT(rows); i++) {
		setup(state);
		hook(&ext, faults);
		frame.vector = rows[i].vector;
		mock_this()->cr2 = 0x77000;
		mock_catch(exits, NULL);
		assert_row(logged(rows[i].text), rows[i].text);
	}
}

static void stack_overflow(void **state)
{
	(void)state;
	hook(&ext, faults);
	frame.vector = BF_VECTOR_DF;
	mock_this()->cr2 = window() + BF_STACK_MAIN - 8;
	frame.rsp = mock_this()->cr2 + 8;
	mock_catch(exits, NULL);
	assert_true(logged("extension under test: stack overflow, #DF at 0x1234"));
}

static void halts(uint64_t vector, uint64_t rsp)
{
	setup(NULL);
	hook(&ext, faults);
	frame.vector = vector;
	frame.rsp = rsp;
	assert_int_equal(mock_catch(exits, NULL), MOCK_HALTED);
	assert_false(ext.disabled);
	assert_true(logged("BAREFRAME PANIC on CPU 0: exception"));
}

/* A machine check comes from outside; on the stacks of NMI, #DF and #MC runs the VMM. */
static void not_the_hooks_fault(void **state)
{
	(void)state;
	halts(BF_VECTOR_MC, UINT64_MAX / 2);
	halts(BF_VECTOR_PF, window() + BF_STACK_NMI_TOP);
	halts(BF_VECTOR_PF, window() + BF_STACK_NMI + 8);
	halts(BF_VECTOR_PF, window() + BF_STACK_DF_TOP - 64);
	halts(BF_VECTOR_PF, window() + BF_STACK_MC_TOP);
}

static void nobody_runs(void **state)
{
	(void)state;
	frame.vector = BF_VECTOR_PF;
	assert_int_equal(mock_catch((void (*)(void *))bf_fault, &frame), MOCK_HALTED);
	assert_true(logged("exception 14"));
}

static enum bf_verdict faults_with_a_lock(struct bf_vcpu *v, struct bf_exit *exit, void *ctx)
{
	static struct bf_lock lock;

	bf_lock(&lock);
	return faults(v, exit, ctx);
}

/* Nobody could ever take that lock again. */
static void with_a_lock(void **state)
{
	(void)state;
	hook(&ext, faults_with_a_lock);
	frame.vector = BF_VECTOR_PF;
	assert_int_equal(mock_catch(exits, NULL), MOCK_HALTED);
	assert_true(logged("BAREFRAME PANIC on CPU 0: extension under test: #PF at 0x1234"));
}

static uint64_t fault_now(void *ctx)
{
	(void)ctx;
	bf_fault(&frame);
	return 0;
}

/* Code of one extension under a hook of another, as a call on several CPUs may have it. */
static enum bf_verdict calls_other(struct bf_vcpu *v, struct bf_exit *exit, void *ctx)
{
	(void)v;
	(void)exit;
	(void)ctx;
	calls++;
	assert_int_equal(bf_call_ext(&other, fault_now, NULL), BF_TRIPPED);
	assert_ptr_equal(bf_running_ext(), &ext);
	return BF_PASS;
}

static void inner_guard(void **state)
{
	(void)state;
	hook(&ext, calls_other);
	frame.vector = BF_VECTOR_UD;
	exits(NULL);
	assert_true(other.disabled);
	assert_false(ext.disabled);
	assert_null(bf_running_ext());
	assert_int_equal(vcpu->pcpu->guard, 0);
	exits(NULL);
	assert_int_equal(calls, 2);
}

static enum bf_verdict calls_other_and_faults(struct bf_vcpu *v, struct bf_exit *exit, void *ctx)
{
	calls_other(v, exit, ctx);
	bf_fault(&frame);
	return BF_PASS;
}

static void both_guards(void **state)
{
	(void)state;
	hook(&ext, calls_other_and_faults);
	frame.vector = BF_VECTOR_UD;
	exits(NULL);
	assert_true(other.disabled);
	assert_true(ext.disabled);
	assert_int_equal(vcpu->pcpu->guard, 0);
	exits(NULL);
	assert_int_equal(calls, 1);
}

static enum bf_verdict faults_in_a_fault(struct bf_vcpu *v, struct bf_exit *exit, void *ctx)
{
	v->pcpu->guard = 0; /* as it is while the stack is unwound */
	return faults(v, exit, ctx);
}

static void unwinding_is_not_guarded(void **state)
{
	(void)state;
	hook(&ext, faults_in_a_fault);
	frame.vector = BF_VECTOR_PF;
	assert_int_equal(mock_catch(exits, NULL), MOCK_HALTED);
}

/* On a second CPU, while the first has found it out and not yet come to its hooks. */
static enum bf_verdict disabled_meanwhile(struct bf_vcpu *v, struct bf_exit *exit, void *ctx)
{
	ext.disabled = true;
	return faults(v, exit, ctx);
}

static void by_two_cpus_at_once(void **state)
{
	(void)state;
	hook(&ext, disabled_meanwhile);
	frame.vector = BF_VECTOR_UD;
	exits(NULL);
	assert_true(logged("#UD"));
	assert_false(logged("disabled, its hooks are gone"));
	assert_int_equal(bf_hook_exit(&ext, BF_ALL_VMS, BF_EXIT_PAUSE, faults, NULL, 1, NULL),
			 BF_ESTATE);
}

static void fixed_up(void **state)
{
	(void)state;
	frame.vector = BF_VECTOR_GP;
	frame.rip = 0x2000;
	bf_fault(&frame);
	assert_int_equal(frame.rip, 0x2003);
	assert_int_equal(frame.rflags & 1, 1);
}

static void nmi(void **state)
{
	(void)state;
	frame.vector = BF_VECTOR_NMI;
	bf_fault(&frame);
	assert_true(atomic_load(&vcpu->pending) & BF_PENDING_NMI);
	assert_int_equal(frame.rip, 0x1234);
	frame.rip = (uint64_t)bf_nmi_window_start;
	bf_fault(&frame);
	assert_ptr_equal(frame.rip, bf_nmi_window_restart);
	frame.rip = (uint64_t)bf_nmi_window_end;
	bf_fault(&frame);
	assert_ptr_equal(frame.rip, bf_nmi_window_end);
}

/* An NMI in the middle of a hook, and while its fault is handled, is the guest's. */
static enum bf_verdict hit_by_nmi(struct bf_vcpu *v, struct bf_exit *exit, void *ctx)
{
	struct bf_frame nmi = {.vector = BF_VECTOR_NMI, .rip = 0x4321};

	bf_fault(&nmi);
	assert_int_equal(nmi.rip, 0x4321);
	return ctx ? faults(v, exit, NULL) : BF_PASS;
}

static void nmi_in_a_hook(void **state)
{
	for (uint64_t and_fault = 0; and_fault < 2; and_fault++) {
		setup(state);
		frame.vector = BF_VECTOR_PF;
		bf_hook_exit(&ext, BF_ALL_VMS, BF_EXIT_PAUSE, hit_by_nmi, (void *)and_fault, 1,
			     NULL);
		exits(NULL);
		assert_int_equal(mock_hv.injected_nmi, 1);
		assert_int_equal(ext.disabled, and_fault);
	}
}

/* An error of init is its own affair, whichever number it has. */
static int answers;

static uint64_t answer(void *ctx)
{
	(void)ctx;
	return (uint32_t)answers;
}

static void results(void **state)
{
	static const int rows[] = {0, 7, BF_EINVAL, BF_ENOMEM, INT32_MIN, INT32_MAX};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		answers = rows[i];
		assert_int_equal((int)bf_call_ext(&ext, answer, NULL), rows[i]);
		assert_false(ext.disabled);
	}
}

/*
 * The host's stack is where it likes; tests that look where a stack window begins and ends must
 * not lie across two of them.
 */
static int run_within_window(const struct CMUnitTest *tests, size_t count)
{
	const size_t above = (uint64_t)__builtin_frame_address(0) % BF_STACK_WINDOW;
	volatile char *skipped = __builtin_alloca(above + BF_STACK_WINDOW / 4);

	skipped[0] = 0;
	return _cmocka_run_group_tests("fault", tests, count, NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(blames_the_hook, setup),
		cmocka_unit_test_setup(address, setup),
		cmocka_unit_test_setup(stack_overflow, setup),
		cmocka_unit_test_setup(not_the_hooks_fault, setup),
		cmocka_unit_test_setup(nobody_runs, setup),
		cmocka_unit_test_setup(with_a_lock, setup),
		cmocka_unit_test_setup(inner_guard, setup),
		cmocka_unit_test_setup(both_guards, setup),
		cmocka_unit_test_setup(unwinding_is_not_guarded, setup),
		cmocka_unit_test_setup(by_two_cpus_at_once, setup),
		cmocka_unit_test_setup(fixed_up, setup),
		cmocka_unit_test_setup(nmi, setup),
		cmocka_unit_test_setup(nmi_in_a_hook, setup),
		cmocka_unit_test_setup(results, setup),
	};

	return run_within_window(tests, COUNT(tests));
}
