/* SPDX-License-Identifier: MIT */
/* From an exit to a verdict and its consequences; pending work; panics. */
#include <bfhw/this_cpu.h>
#include <bfmock/hv.h>
#include <bfvmm/log.h>
#include <bfvmm/panic.h>
#include <bfvmm/report.h>
#include "test.h"

static struct bf_vcpu *const vcpu = &mock_vcpus[0];
static enum bf_verdict answer;

static enum bf_verdict handler(struct bf_vcpu *v, struct bf_exit *exit, const void *ctx)
{
	assert_ptr_equal(v, vcpu);
	assert_ptr_equal(ctx, &answer);
	assert_int_equal(exit->reason, BF_EXIT_HLT);
	return answer;
}

static const struct bf_slot slot = {.fn = handler, .ctx = &answer};

static int setup(void **state)
{
	(void)state;
	mock_hv_init(2);
	atomic_store(&mock_vm.slots[BF_EXIT_HLT], &slot);
	return 0;
}

static void exit_with(void *verdict)
{
	answer = *(enum bf_verdict *)verdict;
	mock_hv_exit(vcpu, BF_EXIT_HLT);
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

static void verdicts(void **state)
{
	static const struct {
		enum bf_verdict verdict;
		enum mock_end end;
		uint32_t advanced, injected;
	} rows[] = {
		{BF_DONE, MOCK_RETURNED, 0, 0},   {BF_SKIP, MOCK_RETURNED, 1, 0},
		{BF_INJECT, MOCK_RETURNED, 0, 1}, {BF_STOP, MOCK_HALTED, 0, 0},
		{BF_PASS, MOCK_HALTED, 0, 0},     {BF_VERDICT_COUNT, MOCK_HALTED, 0, 0},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		enum bf_verdict verdict = rows[i].verdict;

		setup(state);
		assert_int_equal(mock_catch(exit_with, &verdict), rows[i].end);
		assert_int_equal(mock_hv.advanced, rows[i].advanced);
		assert_int_equal(mock_hv.injected, rows[i].injected);
		assert_int_equal(vcpu->exit_seq, 1);
		assert_int_equal(vcpu->exits[BF_EXIT_HLT], 1);
	}
}

static void stop_names_the_exit(void **state)
{
	enum bf_verdict verdict = BF_STOP;

	(void)state;
	mock_catch(exit_with, &verdict);
	assert_true(logged("cannot go on: HLT"));
	assert_true(logged("RIP"));
	assert_true(mock_this()->pcpu->panicked);
}

static void panic(void *ctx)
{
	bf_panic("%s", (const char *)ctx);
}

/* A panic in the dump of a panic, or before there is a vCPU, still says its line. */
static void nested_panic(void **state)
{
	(void)state;
	mock_this()->pcpu->panicked = true;
	assert_int_equal(mock_catch(panic, "second"), MOCK_HALTED);
	assert_true(logged("PANIC on CPU 0: second"));
	assert_false(logged("RIP"));
	mock_cpu_switch(1);
	mock_this()->pcpu->vcpu = NULL;
	assert_int_equal(mock_catch(panic, "early"), MOCK_HALTED);
	assert_true(logged("PANIC on CPU 1: early"));
}

static void pending_work(void **state)
{
	static const struct {
		uint32_t bit, event, nmi, flush;
		bool intercept;
	} rows[] = {
		{BF_PENDING_EVENT, 1, 0, 0, false},
		{BF_PENDING_NMI, 0, 1, 0, false},
		{BF_PENDING_FLUSH, 0, 0, 1, false},
		{BF_PENDING_INTERCEPT, 0, 0, 0, true},
		{BF_PENDING_EVENT | BF_PENDING_NMI | BF_PENDING_FLUSH, 1, 1, 1, false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		setup(state);
		mock_hv.intercept[BF_EXIT_RDTSC] = true; /* nobody wants it */
		atomic_store(&vcpu->pending, 0);
		bf_vcpu_pend(vcpu, rows[i].bit);
		bf_vcpu_pending(vcpu);
		assert_int_equal(mock_hv.injected, rows[i].event);
		assert_int_equal(mock_hv.injected_nmi, rows[i].nmi);
		assert_int_equal(mock_hv.flushed, rows[i].flush);
		assert_int_equal(mock_hv.intercept[BF_EXIT_RDTSC], !rows[i].intercept);
		assert_int_equal(atomic_load(&vcpu->pending), 0);
	}
}

/* Two kinds of work under one bit would each take the other's away. */
static void pending_bits(void **state)
{
	static const uint32_t bits[] = {
		BF_PENDING_EVENT,     BF_PENDING_NMI,  BF_PENDING_STOP,    BF_PENDING_FLUSH,
		BF_PENDING_INTERCEPT, BF_PENDING_REGS, BF_PENDING_BACKEND,
	};
	uint32_t seen = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(bits); i++) {
		assert_int_equal(seen & bits[i], 0);
		seen |= bits[i];
	}
	atomic_store(&vcpu->pending, BF_PENDING_BACKEND);
	bf_vcpu_pending(vcpu);
	assert_int_equal(atomic_load(&vcpu->pending), BF_PENDING_BACKEND);
}

static void taking(void **state)
{
	(void)state;
	atomic_store(&vcpu->pending, 0);
	bf_vcpu_pend(vcpu, BF_PENDING_NMI | BF_PENDING_FLUSH);
	assert_int_equal(bf_vcpu_take(vcpu, BF_PENDING_STOP), 0);
	assert_int_equal(bf_vcpu_take(vcpu, BF_PENDING_NMI | BF_PENDING_STOP), BF_PENDING_NMI);
	assert_int_equal(atomic_load(&vcpu->pending), BF_PENDING_FLUSH);
}

/* Each vector knows whether it pushes an error code (SDM volume 3, table 6-1). */
static void exceptions(void **state)
{
	static const uint8_t with_code[] = {8, 10, 11, 12, 13, 14, 17, 21, 29, 30};

	(void)state;
	for (uint32_t vector = 0; vector < 256; vector++) {
		bool expected = memchr(with_code, (int)vector, sizeof(with_code));

		bf_vcpu_inject_exception(vcpu, (uint8_t)vector, 0x18);
		assert_int_equal(vcpu->event.type, BF_EVENT_EXCEPTION);
		assert_int_equal(vcpu->event.vector, vector);
		assert_int_equal(vcpu->event.has_error, expected);
	}
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(bf_exit_name(BF_EXIT_CPUID), "CPUID");
	assert_string_equal(bf_exit_name(BF_EXIT_VENDOR), "vendor-specific");
	assert_string_equal(bf_exit_name(BF_EXIT_COUNT), "unknown");
}

/* The first report stays; it names the CPU, and is cut to its fields. */
static void reports(void **state)
{
	struct bf_report report = {0};
	char longer[400];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	mock_cpu_switch(1);
	assert_int_equal(bf_report(&report, BF_EENTRY, "GUEST_CR0", 5, "bit %u", 3), BF_EENTRY);
	assert_int_equal(report.code, BF_EENTRY);
	assert_int_equal(report.cpu, 1);
	assert_int_equal(report.value, 5);
	assert_string_equal(report.what, "GUEST_CR0");
	assert_string_equal(report.rule, "bit 3");
	assert_int_equal(bf_report(&report, BF_ENOMEM, "other", 1, "other"), BF_ENOMEM);
	assert_int_equal(report.code, BF_EENTRY);
	report.code = 0;
	bf_set_this_pcpu(NULL);
	bf_report(&report, BF_EINVAL, longer, 0, "%s", longer);
	assert_int_equal(strlen(report.what), sizeof(report.what) - 1);
	assert_int_equal(strlen(report.rule), sizeof(report.rule) - 1);
	assert_int_equal(report.cpu, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(verdicts, setup),
		cmocka_unit_test_setup(stop_names_the_exit, setup),
		cmocka_unit_test_setup(nested_panic, setup),
		cmocka_unit_test_setup(pending_work, setup),
		cmocka_unit_test_setup(pending_bits, setup),
		cmocka_unit_test_setup(taking, setup),
		cmocka_unit_test_setup(exceptions, setup),
		cmocka_unit_test_setup(names, setup),
		cmocka_unit_test_setup(reports, setup),
	};

	return cmocka_run_group_tests_name("dispatch", tests, NULL, NULL);
}
