/* SPDX-License-Identifier: MIT */
/* The table of defaults, and the instructions that have few words to say: TSC, PMC, INVLPG. */
#include <bareframe/ext.h>
#include <bfmock/hv.h>
#include <bfvmm/defaults.h>
#include <bfvmm/hooks.h>
#include <bfvmm/log.h>
#include <bfvmm/msr.h>
#include "test.h"

static struct bf_vcpu *const vcpu = &mock_vcpus[0];
static struct bf_log_page page;

static int setup(void **state)
{
	(void)state;
	mock_hv_init(1);
	mock_hv.field[BF_CR0] = CR0_PE;
	mock_hv.field[BF_RIP] = 0x1234;
	return 0;
}

static void expect_logged(const char *text)
{
	memset(&page, 0, sizeof(page));
	while (bf_log_read(&page))
		for (uint32_t i = 0; i < page.count; i++)
			if (strstr(page.record[i].text, text))
				return;
	fail_msg("the log has no '%s'", text);
}

static void expect_exception(enum bf_exit_reason reason, uint8_t vector)
{
	assert_int_equal(mock_hv_exit(vcpu, reason), BF_INJECT);
	assert_int_equal(mock_hv.advanced, 0);
	assert_int_equal(mock_hv.last_event.type, BF_EVENT_EXCEPTION);
	assert_int_equal(mock_hv.last_event.vector, vector);
	assert_int_equal(mock_hv.last_event.has_error, vector == BF_VECTOR_GP);
}

static void fixed_answers(void **state)
{
	static const struct {
		enum bf_exit_reason reason;
		enum bf_verdict verdict;
		uint8_t vector;
		uint64_t wbinvd;
	} rows[] = {
		{BF_EXIT_TASK_SWITCH, BF_INJECT, BF_VECTOR_GP, 0},
		{BF_EXIT_VIRT_INSTRUCTION, BF_INJECT, BF_VECTOR_UD, 0},
		{BF_EXIT_VMFUNC, BF_INJECT, BF_VECTOR_UD, 0},
		{BF_EXIT_GETSEC, BF_INJECT, BF_VECTOR_UD, 0},
		{BF_EXIT_RSM, BF_INJECT, BF_VECTOR_UD, 0},
		{BF_EXIT_INVD, BF_SKIP, 0, 1},
		{BF_EXIT_WBINVD, BF_SKIP, 0, 1},
		{BF_EXIT_HLT, BF_SKIP, 0, 0},
		{BF_EXIT_MONITOR, BF_SKIP, 0, 0},
		{BF_EXIT_MWAIT, BF_SKIP, 0, 0},
		{BF_EXIT_UMWAIT, BF_SKIP, 0, 0},
		{BF_EXIT_PAUSE, BF_SKIP, 0, 0},
		{BF_EXIT_SMI, BF_DONE, 0, 0},
		{BF_EXIT_PREEMPTION_TICK, BF_DONE, 0, 0},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *name = bf_exit_name(rows[i].reason);

		setup(state);
		assert_row(bf_has_default(rows[i].reason), name);
		if (rows[i].verdict == BF_INJECT)
			expect_exception(rows[i].reason, rows[i].vector);
		else
			assert_row(mock_hv_exit(vcpu, rows[i].reason) == rows[i].verdict, name);
		assert_row(mock_hv.advanced == (rows[i].verdict == BF_SKIP), name);
		assert_row(mock.count.wbinvd == rows[i].wbinvd, name);
	}
}

static void exit_now(void *ctx)
{
	mock_hv_exit(vcpu, *(const enum bf_exit_reason *)ctx);
}

/* What nobody can handle halts the CPU, and the log says what it was and where. */
static void dead_ends(void **state)
{
	static const struct {
		enum bf_exit_reason reason;
		const char *text;
	} rows[] = {
		{BF_EXIT_TRIPLE_FAULT, "vCPU 0: triple fault at RIP 0x1234"},
		{BF_EXIT_NMI_WINDOW, "that nobody asked for, RIP 0x1234"},
		{BF_EXIT_VENDOR, "that nobody asked for, RIP 0x1234"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		enum bf_exit_reason reason = rows[i].reason;

		setup(state);
		assert_int_equal(mock_catch(exit_now, &reason), MOCK_HALTED);
		expect_logged(rows[i].text);
		expect_logged("BAREFRAME PANIC on CPU 0: the control VM cannot go on");
	}
	assert_false(bf_has_default(BF_EXIT_NMI_WINDOW));
	assert_false(bf_has_default(BF_EXIT_COUNT));
	assert_true(bf_has_default(BF_EXIT_TRIPLE_FAULT));
}

static const struct bf_slot *backend_slot(enum bf_exit_reason reason)
{
	static const struct bf_slot own = {.ctx = "own"};

	return reason == BF_EXIT_PAUSE ? &own : NULL;
}

static void backend_comes_first(void **state)
{
	struct bf_hv_ops ops = mock_hv_ops;

	(void)state;
	ops.slot = backend_slot;
	bf_hv = &ops;
	assert_string_equal(bf_default_slot(BF_EXIT_PAUSE)->ctx, "own");
	assert_ptr_equal(bf_default_slot(BF_EXIT_CPUID)->fn, bf_default_cpuid);
	bf_hv = &mock_hv_ops;
}

static void time_stamps(void **state)
{
	(void)state;
	mock_msr_set(MSR_TSC_AUX, 0x1200000034);
	mock.tsc = 0x8000000100000000;
	mock_hv.field[BF_TSC_OFFSET] = 0x100000000000;
	vcpu->regs.rax = vcpu->regs.rdx = vcpu->regs.rcx = UINT64_MAX;
	assert_int_equal(mock_hv_exit(vcpu, BF_EXIT_RDTSC), BF_SKIP);
	assert_int_equal(vcpu->regs.rdx, 0x80001001);
	assert_true(vcpu->regs.rax && vcpu->regs.rax < 100);
	assert_int_equal(vcpu->regs.rcx, UINT64_MAX);
	assert_int_equal(mock_hv_exit(vcpu, BF_EXIT_RDTSCP), BF_SKIP);
	assert_int_equal(vcpu->regs.rcx, 0x34);
	assert_int_equal(mock_hv.advanced, 2);
	/* A CPU without the MSR has no RDTSCP either; nothing may break all the same. */
	mock_msr_remove(MSR_TSC_AUX);
	assert_int_equal(mock_hv_exit(vcpu, BF_EXIT_RDTSCP), BF_SKIP);
	assert_int_equal(vcpu->regs.rcx, 0);
}

/* SDM volume 2, "RDTSC", "RDPMC": who may read. Real mode may always. */
static void counters_by_ring(void **state)
{
	static const struct {
		uint64_t cr0, cr4, cpl;
		bool tsc, pmc;
	} rows[] = {
		{CR0_PE, 0, 0, true, true},         {CR0_PE, 0, 3, true, false},
		{CR0_PE, CR4_TSD, 0, true, true},   {CR0_PE, CR4_TSD, 3, false, false},
		{CR0_PE, CR4_TSD, 1, false, false}, {CR0_PE, CR4_PCE, 3, true, true},
		{0, CR4_TSD, 3, true, true},
	};
	static const enum bf_exit_reason reasons[] = {BF_EXIT_RDTSC, BF_EXIT_RDTSCP, BF_EXIT_RDPMC};

	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t r = 0; r < COUNT(reasons); r++) {
			bool allowed = r == 2 ? rows[i].pmc : rows[i].tsc;

			setup(state);
			mock_hv.field[BF_CR0] = rows[i].cr0;
			mock_hv.field[BF_CR4] = rows[i].cr4;
			mock_hv.field[BF_CPL] = rows[i].cpl;
			vcpu->regs.rcx = 1;
			vcpu->regs.rdx = UINT64_MAX;
			if (allowed)
				assert_int_equal(mock_hv_exit(vcpu, reasons[r]), BF_SKIP);
			else
				expect_exception(reasons[r], BF_VECTOR_GP);
			assert_int_equal(vcpu->regs.rdx == UINT64_MAX, !allowed);
		}
}

static void performance_counters(void **state)
{
	(void)state;
	mock.tsc = 0x500000000;
	vcpu->regs.rcx = 0xdead000000000002;
	assert_int_equal(mock_hv_exit(vcpu, BF_EXIT_RDPMC), BF_SKIP);
	assert_int_equal(vcpu->regs.rdx, 5);
	assert_int_equal(vcpu->regs.rax, 2);
	mock_hv.advanced = 0;
	vcpu->regs.rcx = 0x12345;
	expect_exception(BF_EXIT_RDPMC, BF_VECTOR_GP);
	assert_int_equal(vcpu->regs.rdx, 5);
}

static void invalidation(void **state)
{
	(void)state;
	mock_hv.field[BF_EXIT_GVA] = 0xffff800000005000;
	assert_int_equal(mock_hv_exit(vcpu, BF_EXIT_INVLPG), BF_SKIP);
	assert_int_equal(mock_hv.invalidated, 0xffff800000005000);
	assert_int_equal(mock_hv.advanced, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(fixed_answers, setup),
		cmocka_unit_test_setup(dead_ends, setup),
		cmocka_unit_test_setup(backend_comes_first, setup),
		cmocka_unit_test_setup(time_stamps, setup),
		cmocka_unit_test_setup(counters_by_ring, setup),
		cmocka_unit_test_setup(performance_counters, setup),
		cmocka_unit_test_setup(invalidation, setup),
	};

	return cmocka_run_group_tests_name("slots", tests, NULL, NULL);
}
