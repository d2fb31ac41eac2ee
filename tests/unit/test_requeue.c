/* SPDX-License-Identifier: MIT */
/*
 * Exits in the middle of the delivery of an event: whatever a hook does, the guest gets what a bare
 * CPU would have delivered, on both vendors.
 */
#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bfmock/guest.h>
#include <bfmock/svm.h>
#include <bfmock/vmx.h>
#include <bfvmm/event.h>
#include <bfvmm/hooks.h>
#include <bfvmm/msr.h>
#include <svm/svm.h>
#include "test.h"

#define VALID      0x80000000u
#define HAS_ERROR  0x800u
#define GPA        0x600000
#define VECTOR_NP  11
#define VECTOR_UD  BF_VECTOR_UD
#define ERROR_CODE 0x1234

#define VMCS_IDT_ERROR     0x440a
#define VMCS_ENTRY_LENGTH  0x401a
#define VMCS_PROC          0x4002
#define PROC_IRQ_WINDOW    (1u << 2)
#define PROC_NMI_WINDOW    (1u << 22)
#define VMCS_INTERRUPTIBLE 0x4824
#define VMCS_ACTIVITY      0x4826
#define VMCS_PENDING_DEBUG 0x6822

/* What the hook does at the next exit, and what it saw at the last. */
static enum bf_verdict verdict;
static struct bf_event event;
static bool injects;
static int inject_status;
static uint64_t seen, seen_error;
static uint32_t hook_calls, shutdowns;

static enum bf_verdict on_exit(struct bf_vcpu *vcpu, struct bf_exit *exit, void *ctx)
{
	(void)exit;
	(void)ctx;
	hook_calls++;
	seen = bf_vcpu_get(vcpu, BF_EXIT_VECTORING);
	seen_error = bf_vcpu_get(vcpu, BF_EXIT_VECTORING_ERROR);
	if (injects)
		inject_status = bf_vcpu_inject(vcpu, event);
	return verdict;
}

static enum bf_verdict on_shutdown(struct bf_vcpu *vcpu, struct bf_exit *exit, void *ctx)
{
	(void)vcpu;
	(void)exit;
	(void)ctx;
	shutdowns++;
	return BF_DONE;
}

static int init(struct bf_ext *ext)
{
	static const enum bf_exit_reason reasons[] = {BF_EXIT_S2_FAULT, BF_EXIT_EXCEPTION,
						      BF_EXIT_CPUID, BF_EXIT_EXTERNAL_INTERRUPT,
						      BF_EXIT_NMI};

	for (size_t i = 0; i < COUNT(reasons); i++) {
		int status = bf_hook_exit(ext, BF_ALL_VMS, reasons[i], on_exit, NULL,
					  BF_PRIO_NORMAL, NULL);

		if (status && status != BF_ENOTSUP)
			return status;
	}
	return 0;
}

BF_EXTENSION(requeue_hook, .version = "1", .license = "MIT", .init = init);

static bool intel(void)
{
	return mock.profile->vendor == MOCK_INTEL;
}

static void start(const struct mock_profile *profile)
{
	mock_reset(profile, 1);
	hook_calls = shutdowns = 0;
	injects = false;
	verdict = BF_PASS;
	assert_int_equal(mock_vmm_start(""), 0);
}

static void for_all(void (*test)(const char *name))
{
	for (uint32_t p = 0; mock_profiles[p]; p++) {
		start(mock_profiles[p]);
		test(mock_profiles[p]->name);
	}
}

static void will_inject(enum bf_event_type type, uint8_t vector)
{
	injects = true;
	verdict = BF_INJECT;
	event = (struct bf_event){.type = type, .vector = vector, .error_code = ERROR_CODE};
	if (type >= BF_EVENT_SOFT_INT)
		event.length = 2;
}

static void will_say(enum bf_verdict what)
{
	injects = false;
	verdict = what;
}

/* The interrupted event as the CPU shows it. */
static uint64_t vectoring(enum bf_event_type type, uint8_t vector)
{
	bool soft = type == BF_EVENT_SOFT_EXCEPTION;
	uint64_t info = VALID | vector;

	info |= (uint64_t)(soft && !intel() ? BF_EVENT_EXCEPTION : type) << 8;
	if (type == BF_EVENT_EXCEPTION && bf_exception_has_error(vector))
		info |= HAS_ERROR | (intel() ? 0 : (uint64_t)ERROR_CODE << 32);
	return info;
}

/* A page fault that exits, where there are no second-level tables to fault instead. */
static struct mock_result fault_exit(uint64_t info)
{
	const struct mock_exit s2 = {
		.reason = intel() ? 48 : 0x400, .gpa = GPA, .length = 2, .vectoring = info};
	const struct mock_exit exception = {.reason = intel() ? 0 : 0x4e,
					    .interruption = VALID | HAS_ERROR | 3 << 8 | 14,
					    .length = 2,
					    .vectoring = info};
	struct mock_result r;
	struct bf_report report = {0};

	if (intel())
		mock_vmcs_set(VMCS_IDT_ERROR, ERROR_CODE);
	r = mock_guest_exit(mock_vcpu(), bf_vcpu_vm(mock_vcpu())->s2_root ? &s2 : &exception);
	if (r.end == MOCK_RETURNED && bf_hv->entry_check(mock_vcpu(), &report))
		fail_msg("%s: entry fails: %s is 0x%lx: %s", mock.profile->name, report.what,
			 report.value, report.rule);
	return r;
}

static struct mock_result interrupt_window(void)
{
	return mock_guest_exit(mock_vcpu(), &(struct mock_exit){.reason = intel() ? 7 : 0x64});
}

static struct mock_result nmi_window(void)
{
	return mock_guest_exit(mock_vcpu(), &(struct mock_exit){.reason = intel() ? 8 : 0x64});
}

/* Whether the guest exits as soon as it can take an interrupt, or an NMI. */
static bool waits(uint32_t vmx_control)
{
	const union bf_vmcb *v;

	if (intel())
		return mock_vmcs_get(VMCS_PROC) & vmx_control;
	v = &bf_svm(mock_vcpu())->vmcb;
	return (v->vintr & SVM_VINTR_V_IRQ) && (v->intercept_misc1 & SVM_MISC1_VINTR);
}

static void interruptible(bool on)
{
	bf_vcpu_set(mock_vcpu(), BF_RFLAGS, on ? RFLAGS_FIXED | RFLAGS_IF : RFLAGS_FIXED);
}

static bool is(const struct mock_result *r, enum bf_event_type type, uint8_t vector)
{
	return r->end == MOCK_RETURNED && r->injected && r->type == type && r->vector == vector;
}

static void again_test(const char *name)
{
	static const struct {
		enum bf_event_type type;
		uint8_t vector;
	} events[] = {
		{BF_EVENT_INTERRUPT, 0x31},         {BF_EVENT_NMI, BF_VECTOR_NMI},
		{BF_EVENT_EXCEPTION, BF_VECTOR_PF}, {BF_EVENT_EXCEPTION, BF_VECTOR_DB},
		{BF_EVENT_EXCEPTION, BF_VECTOR_GP}, {BF_EVENT_EXCEPTION, VECTOR_UD},
		{BF_EVENT_EXCEPTION, BF_VECTOR_DF},
	};
	static const enum bf_verdict verdicts[] = {BF_DONE, BF_SKIP};

	interruptible(true);
	for (size_t i = 0; i < COUNT(events); i++) {
		bool has_error = events[i].type == BF_EVENT_EXCEPTION &&
				 bf_exception_has_error(events[i].vector);

		for (size_t v = 0; v < COUNT(verdicts); v++) {
			struct mock_result r;

			/* Not for second-level faults of VMX, which have no length. */
			if (verdicts[v] == BF_SKIP && intel() && bf_vm_find(0)->s2_root)
				continue;
			will_say(verdicts[v]);
			r = fault_exit(vectoring(events[i].type, events[i].vector));
			assert_row(is(&r, events[i].type, events[i].vector), name);
			assert_row(r.has_error == has_error, name);
			assert_row(!has_error || r.error_code == ERROR_CODE, name);
			assert_row(r.rip == MOCK_GUEST_RIP, name);
			assert_row((seen & 0x700) >> 8 == events[i].type, name);
			assert_row((uint8_t)seen == events[i].vector && (seen & VALID), name);
			assert_row(!has_error || seen_error == ERROR_CODE, name);
		}
	}
	will_say(BF_DONE);
	assert_row(!fault_exit(0).injected && !seen, name);
}

static void delivered_again(void **state)
{
	(void)state;
	for_all(again_test);
}

/* An instruction makes it: it is executed again, or delivered again as an instruction makes it. */
static void software_test(const char *name)
{
	static const struct {
		enum bf_event_type type;
		uint8_t vector;
	} events[] = {{BF_EVENT_SOFT_INT, 0x80}, {BF_EVENT_SOFT_EXCEPTION, BF_VECTOR_BP}};

	for (size_t i = 0; i < COUNT(events); i++) {
		struct mock_result r;

		will_say(BF_DONE);
		r = fault_exit(vectoring(events[i].type, events[i].vector));
		assert_row(r.injected == intel() && r.rip == MOCK_GUEST_RIP, name);
		assert_row(!intel() || is(&r, events[i].type, events[i].vector), name);
		assert_row(!intel() || mock_vmcs_get(VMCS_ENTRY_LENGTH) == 2, name);
		assert_row((seen & 0x700) >> 8 == events[i].type, name);
	}
}

static void software_again(void **state)
{
	(void)state;
	for_all(software_test);
}

static void own_software_test(const char *name)
{
	uint64_t behind = MOCK_GUEST_RIP + (intel() ? 0 : 2);
	struct mock_result r;

	/* No instruction of the guest's: a hook has it delivered instead of a CPUID. */
	will_inject(BF_EVENT_SOFT_INT, 0x80);
	r = mock_execute_cpuid(mock_vcpu(), 0, 0);
	assert_row(is(&r, BF_EVENT_SOFT_INT, 0x80) && r.rip == behind, name);
	will_say(BF_DONE);
	for (int i = 0; i < 3; i++) {
		r = fault_exit(vectoring(BF_EVENT_SOFT_INT, 0x80));
		assert_row(is(&r, BF_EVENT_SOFT_INT, 0x80) && r.rip == behind, name);
		/* Where the CPU takes the return address from NRIP. */
		assert_row(intel() || bf_svm(mock_vcpu())->vmcb.nrip == behind, name);
	}
	/* What comes in between returns to the instruction. */
	will_inject(BF_EVENT_EXCEPTION, BF_VECTOR_GP);
	r = fault_exit(vectoring(BF_EVENT_SOFT_INT, 0x80));
	assert_row(is(&r, BF_EVENT_EXCEPTION, BF_VECTOR_GP) && r.rip == MOCK_GUEST_RIP, name);
}

static void own_software_again(void **state)
{
	(void)state;
	for_all(own_software_test);
}

static void interrupt_test(const char *name)
{
	struct mock_result r;

	interruptible(true);
	will_inject(BF_EVENT_EXCEPTION, BF_VECTOR_GP);
	r = fault_exit(vectoring(BF_EVENT_INTERRUPT, 0x31));
	assert_row(is(&r, BF_EVENT_EXCEPTION, BF_VECTOR_GP), name);
	assert_row(r.has_error && r.error_code == ERROR_CODE, name);
	assert_row(waits(PROC_IRQ_WINDOW), name);
	will_say(BF_PASS);
	r = interrupt_window();
	assert_row(is(&r, BF_EVENT_INTERRUPT, 0x31), name);
	assert_row(!waits(PROC_IRQ_WINDOW), name);
	assert_row(!interrupt_window().injected, name);
}

static void interrupts_come_later(void **state)
{
	(void)state;
	for_all(interrupt_test);
}

static void nmi_test(const char *name)
{
	struct mock_result r;

	interruptible(true);
	will_inject(BF_EVENT_EXCEPTION, VECTOR_UD);
	r = fault_exit(vectoring(BF_EVENT_NMI, BF_VECTOR_NMI));
	assert_row(is(&r, BF_EVENT_EXCEPTION, VECTOR_UD) && !r.has_error, name);
	assert_row(waits(PROC_NMI_WINDOW), name);
	will_say(BF_PASS);
	r = nmi_window();
	assert_row(is(&r, BF_EVENT_NMI, BF_VECTOR_NMI), name);
}

static void nmis_come_later(void **state)
{
	(void)state;
	for_all(nmi_test);
}

/* The interrupted event goes first, the hook's interrupt or NMI behind it. */
static void behind_test(const char *name)
{
	struct mock_result r;

	interruptible(true);
	will_inject(BF_EVENT_INTERRUPT, 0x41);
	r = fault_exit(vectoring(BF_EVENT_EXCEPTION, BF_VECTOR_PF));
	assert_row(is(&r, BF_EVENT_EXCEPTION, BF_VECTOR_PF), name);
	r = interrupt_window();
	assert_row(is(&r, BF_EVENT_INTERRUPT, 0x41), name);
	will_inject(BF_EVENT_NMI, 77);
	r = fault_exit(vectoring(BF_EVENT_INTERRUPT, 0x31));
	assert_row(is(&r, BF_EVENT_INTERRUPT, 0x31), name);
	r = nmi_window();
	assert_row(is(&r, BF_EVENT_NMI, BF_VECTOR_NMI), name);
}

static void hooks_events_come_later(void **state)
{
	(void)state;
	for_all(behind_test);
}

/* SDM volume 3, table 6-5: classes of vectors 0 to 31, by line of the table. */
static const char classes[] = "cbbbbbbbDbcccc"
			      "pbbbbbpcbbbbbbbcbb";

static enum bf_combination expected(uint8_t first, uint8_t second)
{
	char a = classes[first], b = classes[second];

	if (a == 'D')
		return b == 'c' || b == 'p' ? BF_TRIPLE_FAULT : BF_SERIAL;
	if (a == 'p')
		return b == 'c' || b == 'p' ? BF_DOUBLE_FAULT : BF_SERIAL;
	return a == 'c' && b == 'c' ? BF_DOUBLE_FAULT : BF_SERIAL;
}

static void table(void **state)
{
	(void)state;
	assert_int_equal(sizeof(classes) - 1, 32);
	for (uint32_t first = 0; first < 32; first++)
		for (uint32_t second = 0; second < 32; second++)
			assert_int_equal(bf_exceptions_combine(first, second),
					 expected(first, second));
	assert_int_equal(bf_exceptions_combine(0xec, BF_VECTOR_GP), BF_SERIAL);
	assert_int_equal(bf_exceptions_combine(BF_VECTOR_GP, 0xec), BF_SERIAL);
}

static void combine_test(const char *name)
{
	static const struct {
		uint8_t first, second, result;
	} rows[] = {
		{BF_VECTOR_GP, BF_VECTOR_GP, BF_VECTOR_DF},
		{BF_VECTOR_GP, BF_VECTOR_PF, BF_VECTOR_PF},
		{BF_VECTOR_PF, BF_VECTOR_PF, BF_VECTOR_DF},
		{BF_VECTOR_PF, VECTOR_NP, BF_VECTOR_DF},
		{BF_VECTOR_PF, VECTOR_UD, VECTOR_UD},
		{BF_VECTOR_DB, BF_VECTOR_GP, BF_VECTOR_GP},
		{BF_VECTOR_DE, BF_VECTOR_SS, BF_VECTOR_DF},
		{BF_VECTOR_DF, VECTOR_UD, VECTOR_UD},
		{VECTOR_NP, BF_VECTOR_DB, BF_VECTOR_DB},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mock_result r;

		will_inject(BF_EVENT_EXCEPTION, rows[i].second);
		r = fault_exit(vectoring(BF_EVENT_EXCEPTION, rows[i].first));
		assert_row(is(&r, BF_EVENT_EXCEPTION, rows[i].result), name);
		assert_row(r.has_error == bf_exception_has_error(rows[i].result), name);
		if (rows[i].result == BF_VECTOR_DF)
			assert_row(r.error_code == 0, name);
	}
}

static void exceptions_combine(void **state)
{
	(void)state;
	for_all(combine_test);
}

static const struct bf_extension descriptor = {.name = "under test"};
static struct bf_ext ext = {.descriptor = &descriptor};

static void triple_test(const char *name)
{
	struct bf_hook *hook = NULL;
	struct mock_result r;

	assert_int_equal(bf_hook_exit(&ext, BF_ALL_VMS, BF_EXIT_TRIPLE_FAULT, on_shutdown, NULL,
				      BF_PRIO_NORMAL, &hook),
			 0);
	will_inject(BF_EVENT_EXCEPTION, BF_VECTOR_GP);
	r = fault_exit(vectoring(BF_EVENT_EXCEPTION, BF_VECTOR_DF));
	assert_row(r.end == MOCK_RETURNED && !r.injected, name);
	assert_row(shutdowns == 1 && mock_vcpu()->exits[BF_EXIT_TRIPLE_FAULT] == 1, name);
	bf_unhook(hook);
	/* With nobody to handle it, it is the end. */
	r = fault_exit(vectoring(BF_EVENT_EXCEPTION, BF_VECTOR_DF));
	assert_row(r.end == MOCK_HALTED && shutdowns == 1, name);
}

static void triple_faults(void **state)
{
	(void)state;
	for_all(triple_test);
}

static void bad_event_test(const char *name)
{
	static const struct bf_event bad[] = {
		{.type = 1, .vector = 3},
		{.type = 7},
		{.type = BF_EVENT_EXCEPTION, .vector = 32},
		{.type = BF_EVENT_EXCEPTION, .vector = BF_VECTOR_NMI},
		{.type = BF_EVENT_EXCEPTION, .vector = BF_VECTOR_OF},
		{.type = BF_EVENT_EXCEPTION, .vector = 5},
		{.type = BF_EVENT_SOFT_INT, .vector = 0x80},
		{.type = BF_EVENT_SOFT_INT, .vector = 0x80, .length = 16},
	};
	struct mock_result r;

	/* A good one first: nobody shall get it later. */
	will_inject(BF_EVENT_EXCEPTION, BF_VECTOR_GP);
	r = fault_exit(0);
	assert_row(is(&r, BF_EVENT_EXCEPTION, BF_VECTOR_GP) && !inject_status, name);
	for (size_t i = 0; i < COUNT(bad); i++) {
		will_inject(bad[i].type, bad[i].vector);
		event = bad[i];
		r = fault_exit(0);
		assert_row(r.end == MOCK_RETURNED && !r.injected, name);
		assert_row(inject_status == BF_EINVAL, name);
	}
	will_say(BF_INJECT);
	r = fault_exit(0);
	assert_row(r.end == MOCK_RETURNED && !r.injected, name);
	/* What was interrupted is delivered all the same. */
	r = fault_exit(vectoring(BF_EVENT_EXCEPTION, BF_VECTOR_PF));
	assert_row(is(&r, BF_EVENT_EXCEPTION, BF_VECTOR_PF), name);
}

static void bad_events(void **state)
{
	(void)state;
	for_all(bad_event_test);
}

/* Some implementations call an interrupt an exception, of a vector that no exception has. */
static void unknown_exceptions(void **state)
{
	struct mock_result r;

	(void)state;
	start(&mock_amd_bare);
	interruptible(true);
	will_inject(BF_EVENT_EXCEPTION, BF_VECTOR_GP);
	r = fault_exit(VALID | BF_EVENT_EXCEPTION << 8 | 0xec);
	assert_true(is(&r, BF_EVENT_EXCEPTION, BF_VECTOR_GP));
	assert_int_equal((seen & 0x700) >> 8, BF_EVENT_INTERRUPT);
	r = interrupt_window();
	assert_true(is(&r, BF_EVENT_INTERRUPT, 0xec));
	r = fault_exit(VALID | BF_EVENT_EXCEPTION << 8 | BF_VECTOR_NMI);
	assert_int_equal((seen & 0x700) >> 8, BF_EVENT_NMI);
}

/* An exit that takes an interrupt or an NMI off the CPU: a hook that injects does not lose it. */
static void taken_events(void **state)
{
	const struct mock_exit interrupt = {.reason = 1, .interruption = VALID | 0x51};
	const struct mock_exit nmi = {.reason = 0, .interruption = VALID | 2 << 8 | 2};
	struct mock_result r;

	(void)state;
	start(&mock_intel);
	interruptible(true);
	will_inject(BF_EVENT_EXCEPTION, VECTOR_UD);
	r = mock_guest_exit(mock_vcpu(), &interrupt);
	assert_true(is(&r, BF_EVENT_EXCEPTION, VECTOR_UD));
	assert_int_equal(hook_calls, 1);
	r = interrupt_window();
	assert_true(is(&r, BF_EVENT_INTERRUPT, 0x51));
	r = mock_guest_exit(mock_vcpu(), &nmi);
	assert_true(is(&r, BF_EVENT_EXCEPTION, VECTOR_UD));
	assert_int_equal(hook_calls, 2);
	r = nmi_window();
	assert_true(is(&r, BF_EVENT_NMI, BF_VECTOR_NMI));
	/* One that handles it keeps it. */
	will_say(BF_DONE);
	assert_false(mock_guest_exit(mock_vcpu(), &interrupt).injected);
	assert_false(interrupt_window().injected);
}

/* The delivery of an NMI has blocked NMIs; delivered again, it finds them unblocked. */
static void nmi_blocks_itself(void **state)
{
	struct mock_result r;

	(void)state;
	start(&mock_intel);
	mock_vmcs_set(VMCS_INTERRUPTIBLE, 8);
	will_say(BF_DONE);
	r = fault_exit(vectoring(BF_EVENT_NMI, BF_VECTOR_NMI));
	assert_true(is(&r, BF_EVENT_NMI, BF_VECTOR_NMI));
	assert_int_equal(mock_vmcs_get(VMCS_INTERRUPTIBLE), 0);
}

/* An IRET that faults has let NMIs in; executed again, it finds them blocked again. */
static void iret_and_nmis(void **state)
{
	const struct mock_exit iret = {.reason = 48, .qualification = 0x1000, .gpa = GPA};

	(void)state;
	start(&mock_intel);
	will_say(BF_DONE);
	mock_guest_exit(mock_vcpu(), &iret);
	assert_int_equal(mock_vmcs_get(VMCS_INTERRUPTIBLE), 8);
	mock_vmcs_set(VMCS_INTERRUPTIBLE, 0);
	will_inject(BF_EVENT_EXCEPTION, BF_VECTOR_PF);
	mock_guest_exit(mock_vcpu(), &iret);
	assert_int_equal(mock_vmcs_get(VMCS_INTERRUPTIBLE), 0);
}

static void wakes_from_hlt(void **state)
{
	const struct mock_exit interrupt = {.reason = 1, .interruption = VALID | 0x51};
	struct bf_report report = {0};
	struct mock_result r;

	(void)state;
	start(&mock_intel);
	interruptible(true);
	mock_vmcs_set(VMCS_ACTIVITY, 1);
	will_inject(BF_EVENT_EXCEPTION, BF_VECTOR_PF);
	r = mock_guest_exit(mock_vcpu(), &interrupt);
	assert_true(is(&r, BF_EVENT_EXCEPTION, BF_VECTOR_PF));
	assert_int_equal(mock_vmcs_get(VMCS_ACTIVITY), 0);
	assert_int_equal(bf_hv->entry_check(mock_vcpu(), &report), 0);
}

/* A trap that is pending when an instruction faults is none; one in front of an NMI is. */
static void pending_traps(void **state)
{
	static const struct {
		struct mock_exit exit;
		bool stays;
	} rows[] = {
		{{.reason = 48, .gpa = GPA}, false},
		{{.reason = 0, .interruption = VALID | 3 << 8 | 6}, false},
		{{.reason = 0, .interruption = VALID | 2 << 8 | 2}, true},
		{{.reason = 0, .interruption = VALID | 3 << 8 | 18}, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		start(&mock_intel);
		mock_vmcs_set(VMCS_PENDING_DEBUG, 0x1001);
		will_say(BF_DONE);
		mock_guest_exit(mock_vcpu(), &rows[i].exit);
		assert_int_equal(!!mock_vmcs_get(VMCS_PENDING_DEBUG), rows[i].stays);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delivered_again),
		cmocka_unit_test(software_again),
		cmocka_unit_test(own_software_again),
		cmocka_unit_test(interrupts_come_later),
		cmocka_unit_test(nmis_come_later),
		cmocka_unit_test(hooks_events_come_later),
		cmocka_unit_test(table),
		cmocka_unit_test(exceptions_combine),
		cmocka_unit_test(triple_faults),
		cmocka_unit_test(bad_events),
		cmocka_unit_test(unknown_exceptions),
		cmocka_unit_test(taken_events),
		cmocka_unit_test(nmi_blocks_itself),
		cmocka_unit_test(iret_and_nmis),
		cmocka_unit_test(wakes_from_hlt),
		cmocka_unit_test(pending_traps),
	};

	return cmocka_run_group_tests_name("requeue", tests, NULL, NULL);
}
