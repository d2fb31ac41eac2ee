/* SPDX-License-Identifier: MIT */
/* Calls of other CPUs and the NMIs that carry them, on both backends. */
#include <bareframe/cpu.h>
#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bfmock/guest.h>
#include <bfmock/svm.h>
#include <bfmock/vmx.h>
#include <bfhw/phys.h>
#include <bfvmm/call.h>
#include <bfvmm/hooks.h>
#include <bfvmm/msr.h>
#include <bfvmm/panic.h>
#include "test.h"

#define CPUS             4u
#define LEAF_CALL        0x40001000u
#define FIELD_PIN        0x4000
#define FIELD_ENTRY_INFO 0x4016
#define FIELD_BLOCKING   0x4824
#define PIN_NMI_EXITING  0x08u
#define EVENT_NMI        0x80000202u
#define BLOCKED_NMI      0x08u
#define VMCB_MISC1       0x00c
#define MISC1_NMI        0x02u
#define MISC1_IRET       (1u << 20)
#define EXIT_IRET        0x74
#define EXIT_VINTR       0x64
#define BASE_ENABLED     0x800u
#define BASE_X2APIC      0x400u

static bool wanted;
static int enabled;
static int (*at_leaf)(void); /* what LEAF_CALL does on the CPU that executes it */
static int status;
static uint32_t ran[CPUS];

static enum bf_verdict on_leaf(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	(void)vcpu;
	(void)io;
	(void)ctx;
	status = at_leaf();
	return BF_PASS;
}

static int init(struct bf_ext *ext)
{
	enabled = wanted ? bf_cpu_calls_enable(ext) : 0;
	if (enabled)
		return enabled;
	return bf_hook_cpuid(ext, BF_ALL_VMS, BF_LEAF(LEAF_CALL, LEAF_CALL), on_leaf, NULL,
			     BF_PRIO_NORMAL, NULL);
}

BF_EXTENSION(caller, .version = "1.0", .license = "MIT", .init = init);

static int start_with(const struct mock_profile *profile, uint32_t cpus, uint32_t remove)
{
	mock_reset_with(profile, cpus, remove, 0);
	memset(ran, 0, sizeof(ran));
	status = 1;
	return mock_vmm_start("");
}

static void start(const struct mock_profile *profile)
{
	wanted = true;
	assert_int_equal(start_with(profile, CPUS, 0), 0);
}

/* Executes LEAF_CALL on a CPU, which calls @fn. @return what that has returned */
static int call(uint32_t cpu, int (*fn)(void))
{
	at_leaf = fn;
	mock_cpu_switch(cpu);
	assert_int_equal(mock_execute_cpuid(mock_vcpu(), LEAF_CALL, 0).end, MOCK_RETURNED);
	mock_cpu_switch(0);
	return status;
}

static uint32_t guest_nmis(void)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < CPUS; i++)
		sum += mock.cpus[i].guest_nmis;
	return sum;
}

static void each_profile(void (*test)(const struct mock_profile *profile))
{
	for (const struct mock_profile *const *cpu = mock_profiles; *cpu; cpu++) {
		print_message("\t%s\n", (*cpu)->name);
		test(*cpu);
	}
}

static void mark(uint32_t cpu, void *ctx)
{
	assert_int_equal(cpu, mock.cpu);
	assert_int_equal(cpu, bf_cpu_this());
	assert_ptr_equal(bf_cpu_vcpu(), mock_vcpu());
	ran[cpu] += *(uint32_t *)ctx;
}

static uint32_t one = 1;

static int on_all(void)
{
	return bf_on_each_cpu(mark, &one, true);
}

static int on_all_later(void)
{
	return bf_on_each_cpu(mark, &one, false);
}

static int on_third(void)
{
	return bf_on_cpu(2, mark, &one);
}

static int on_myself(void)
{
	return bf_on_cpu(bf_cpu_this(), mark, &one);
}

static bool nmi_exits(void)
{
	if (mock.profile->vendor == MOCK_INTEL)
		return mock_vmcs_get(FIELD_PIN) & PIN_NMI_EXITING;
	return mock_vmcb_get(bf_virt_to_phys(mock_vcpu()->arch), VMCB_MISC1, 4) & MISC1_NMI;
}

/* Nobody asks for calls: NMIs are the guest's alone. */
static void off(const struct mock_profile *profile)
{
	wanted = false;
	assert_int_equal(start_with(profile, 2, 0), 0);
	assert_false(nmi_exits());
	assert_int_equal(call(0, on_all), BF_ESTATE);
	mock_nmi(0);
	assert_int_equal(mock.cpus[0].guest_nmis, 1);
	assert_int_equal(mock_vcpu()->exits[BF_EXIT_NMI], 0);
	assert_int_equal(mock_vmm_stop(), 0);
}

static void off_by_default(void **state)
{
	(void)state;
	each_profile(off);
}

/* A single CPU has nobody to call but itself, and needs no NMIs for that. */
static void alone(void **state)
{
	(void)state;
	wanted = true;
	assert_int_equal(start_with(&mock_intel, 1, MOCK_VIRTUAL_NMI), 0);
	assert_false(nmi_exits());
	assert_int_equal(call(0, on_all), 0);
	assert_int_equal(call(0, on_myself), 0);
	assert_int_equal(ran[0], 2);
}

static void no_nmi_exiting(void **state)
{
	(void)state;
	wanted = true;
	assert_int_equal(start_with(&mock_intel, 2, MOCK_VIRTUAL_NMI), BF_EEXT);
	assert_int_equal(enabled, BF_ENOTSUP);
	mock_reset(&mock_amd, 2);
	mock_msr_set(MSR_IA32_APIC_BASE, MOCK_APIC_PA);
	assert_int_equal(mock_vmm_start(""), BF_EEXT);
	assert_int_equal(enabled, BF_ENOTSUP);
	mock_reset(&mock_amd, 2);
	mock_msr_set(MSR_IA32_APIC_BASE, (MOCK_APIC_PA + 0x1000) | BASE_ENABLED);
	assert_int_equal(mock_vmm_start(""), BF_EEXT);
	assert_int_equal(enabled, BF_ENOTSUP);
}

/* Not at run time: the other CPUs run without NMI exiting. */
static int enable_late(void)
{
	return bf_calls_enable();
}

static void only_at_init(void **state)
{
	(void)state;
	wanted = false;
	assert_int_equal(start_with(&mock_intel, 2, 0), 0);
	assert_int_equal(call(0, enable_late), BF_ESTATE);
	start(&mock_intel);
	assert_int_equal(call(0, enable_late), 0);
}

static void expect_ran(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	const uint32_t expected[CPUS] = {a, b, c, d};

	for (uint32_t i = 0; i < CPUS; i++)
		assert_int_equal(ran[i], expected[i]);
}

static void each_once(const struct mock_profile *profile)
{
	start(profile);
	assert_true(nmi_exits());
	assert_int_equal(call(1, on_all), 0);
	expect_ran(1, 1, 1, 1);
	assert_int_equal(mock.count.nmi_ipi, CPUS - 1);
	assert_int_equal(call(3, on_all_later), 0);
	expect_ran(2, 2, 2, 2);
	assert_int_equal(call(0, on_third), 0);
	expect_ran(2, 2, 3, 2);
	assert_int_equal(call(2, on_third), 0);
	expect_ran(2, 2, 4, 2);
	/* All of them were the VMM's: no guest has seen one. */
	assert_int_equal(guest_nmis(), 0);
	for (uint32_t i = 0; i < CPUS; i++) {
		mock_cpu_switch(i);
		assert_false(mock_execute_cpuid(mock_vcpu(), 0, 0).injected);
		assert_int_equal(atomic_load(&mock_vcpu()->pending), 0);
	}
	assert_int_equal(mock_vmm_stop(), 0);
}

static void on_each(void **state)
{
	(void)state;
	each_profile(each_once);
}

static bool nmi_programmed(void)
{
	if (mock.profile->vendor == MOCK_INTEL)
		return (mock_vmcs_get(FIELD_ENTRY_INFO) & ~0x1000u) == EVENT_NMI;
	return mock_vmcb_get(bf_virt_to_phys(mock_vcpu()->arch), MOCK_VMCB_EVENTINJ, 4) ==
	       EVENT_NMI;
}

/* An NMI that is no kick exits too, and reaches the guest. */
static void real(const struct mock_profile *profile)
{
	start(profile);
	mock_cpu_switch(1);
	mock_nmi(1);
	assert_true(nmi_programmed());
	assert_int_equal(mock_vcpu()->exits[BF_EXIT_NMI], 1);
	assert_int_equal(guest_nmis(), 0);
}

static void real_nmi(void **state)
{
	(void)state;
	each_profile(real);
}

/*
 * A kick is on its way when the guest's own NMI comes first: the first of the two is taken for the
 * kick, the other one for the guest's. None is lost, and none is one too many.
 */
static void overtaken(const struct mock_profile *profile)
{
	start(profile);
	mock_cpu_switch(1);
	atomic_store(&mock_this()->pcpu->kicked, true);
	mock_nmi(1);
	assert_false(nmi_programmed());
	mock_nmi(1);
	assert_true(nmi_programmed());
	assert_false(atomic_load(&mock_this()->pcpu->kicked));
}

static void real_nmi_first(void **state)
{
	(void)state;
	each_profile(overtaken);
}

static int nmi_to_myself(void)
{
	mock_nmi(mock.cpu);
	return 0;
}

/* An NMI that hits the VMM is delivered all the same. */
static void in_vmm(const struct mock_profile *profile)
{
	start(profile);
	call(2, nmi_to_myself);
	mock_cpu_switch(2);
	assert_true(nmi_programmed());
	atomic_store(&mock_this()->pcpu->kicked, true);
	call(2, nmi_to_myself);
	mock_cpu_switch(2);
	assert_false(nmi_programmed());
}

static void nmi_in_the_vmm(void **state)
{
	(void)state;
	each_profile(in_vmm);
}

/* While the guest handles an NMI that was injected, the next one waits for its IRET. */
static void blocked_vmx(void **state)
{
	(void)state;
	start(&mock_intel);
	mock_vmcs_set(FIELD_BLOCKING, BLOCKED_NMI);
	mock_nmi(0);
	assert_false(nmi_programmed());
	mock_vmcs_set(FIELD_BLOCKING, 0);
	assert_true(mock_guest_exit(mock_vcpu(), &(struct mock_exit){.reason = 8}).injected);
	assert_true(nmi_programmed());
	/* Kicks do not wait: they are not injected. */
	mock_vmcs_set(FIELD_ENTRY_INFO, 0);
	mock_vmcs_set(FIELD_BLOCKING, BLOCKED_NMI);
	assert_int_equal(call(1, on_all), 0);
	expect_ran(1, 1, 1, 1);
}

static uint64_t misc1(void)
{
	return mock_vmcb_get(bf_virt_to_phys(mock_vcpu()->arch), VMCB_MISC1, 4);
}

static void blocked_svm(void **state)
{
	const struct mock_exit iret = {.reason = EXIT_IRET}, window = {.reason = EXIT_VINTR};

	(void)state;
	start(&mock_amd);
	bf_vcpu_set(mock_vcpu(), BF_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	mock_nmi(0);
	assert_true(nmi_programmed());
	assert_true(misc1() & MISC1_IRET);
	mock_nmi(0);
	assert_false(nmi_programmed());
	assert_int_equal(call(1, on_all), 0);
	expect_ran(1, 1, 1, 1);
	/* The second is delivered behind the IRET, not in front of it. */
	assert_false(mock_guest_exit(mock_vcpu(), &iret).injected);
	assert_false(misc1() & MISC1_IRET);
	struct mock_result r = mock_guest_exit(mock_vcpu(), &window);
	assert_true(r.injected && r.type == BF_EVENT_NMI);
	assert_true(misc1() & MISC1_IRET);
	assert_false(mock_guest_exit(mock_vcpu(), &iret).injected);
	assert_false(misc1() & (MISC1_IRET | 0x10));
}

static uint32_t seen;
static enum bf_verdict nmi_verdict;

static enum bf_verdict on_nmi(struct bf_vcpu *vcpu, struct bf_exit *exit, void *ctx)
{
	(void)vcpu;
	(void)exit;
	(void)ctx;
	seen++;
	return nmi_verdict;
}

static int hook_nmis(void)
{
	static struct bf_ext ext = {.descriptor = &bf_extension_caller};

	return bf_hook_exit(&ext, BF_ALL_VMS, BF_EXIT_NMI, on_nmi, NULL, BF_PRIO_NORMAL, NULL);
}

/* Hooks see the guest's NMIs, which they may pass on or swallow, and no kicks. */
static void hooked(const struct mock_profile *profile)
{
	start(profile);
	seen = 0;
	assert_int_equal(call(0, hook_nmis), 0);
	assert_int_equal(call(1, on_all), 0);
	assert_int_equal(seen, 0);
	nmi_verdict = BF_PASS;
	mock_nmi(0);
	assert_int_equal(seen, 1);
	assert_true(nmi_programmed());
	nmi_verdict = BF_DONE;
	mock_cpu_switch(2);
	mock_nmi(2);
	assert_int_equal(seen, 2);
	assert_false(nmi_programmed());
}

static void hook_on_nmis(void **state)
{
	(void)state;
	each_profile(hooked);
}

/* The guest of the calling CPU may be between the two halves of an APIC command. */
static void keeps_icr(void **state)
{
	(void)state;
	start(&mock_intel);
	mock_this()->icr_high = 0x5a000000;
	assert_int_equal(call(0, on_all), 0);
	assert_int_equal(mock.cpus[0].icr_high, 0x5a000000);
}

static void x2apic(void **state)
{
	(void)state;
	wanted = true;
	mock_reset(&mock_amd, CPUS);
	memset(ran, 0, sizeof(ran));
	mock_msr_set(MSR_IA32_APIC_BASE, MOCK_APIC_PA | BASE_ENABLED | BASE_X2APIC);
	mock_msr_set(MSR_X2APIC_ID, 0);
	for (uint32_t i = 0; i < CPUS; i++) {
		mock_cpu_switch(i);
		mock_msr_find(MSR_X2APIC_ID)->value = i;
	}
	assert_int_equal(mock_vmm_start(""), 0);
	assert_int_equal(call(2, on_all), 0);
	expect_ran(1, 1, 1, 1);
	/* The control VM switches it off: calls say so instead of waiting for ever. */
	mock_msr_set(MSR_IA32_APIC_BASE, MOCK_APIC_PA);
	assert_int_equal(call(2, on_all), BF_ENOTSUP);
	expect_ran(1, 1, 1, 1);
}

/* Who has left is not called, and no NMI of the VMM's follows it out. */
static void leaves(const struct mock_profile *profile)
{
	start(profile);
	mock_cpu_switch(2);
	atomic_store(&mock_this()->pcpu->kicked, true);
	at_leaf = nmi_to_myself;
	bf_vcpu_pend(mock_vcpu(), BF_PENDING_STOP);
	assert_int_equal(mock_execute_cpuid(mock_vcpu(), LEAF_CALL, 0).end, MOCK_LEFT);
	assert_int_equal(mock_switch[2].nmi_pending, 0);
	assert_false(bf_cpu_is_up(2));
	assert_int_equal(call(0, on_all), 0);
	expect_ran(1, 1, 0, 1);
	assert_int_equal(call(0, on_third), BF_ENOENT);
	assert_int_equal(mock_vmm_start_cpu(2), 0);
	assert_true(bf_cpu_is_up(2));
	assert_int_equal(call(0, on_all), 0);
	expect_ran(2, 2, 1, 2);
	assert_int_equal(mock_vmm_stop(), 0);
	assert_int_equal(guest_nmis(), 0);
}

static void left(void **state)
{
	(void)state;
	each_profile(leaves);
}

static void panic_on_third(uint32_t cpu, void *ctx)
{
	(void)ctx;
	if (cpu == 2)
		bf_panic("asked to");
	ran[cpu]++;
}

static int panic_there(void)
{
	return bf_on_each_cpu(panic_on_third, NULL, true);
}

static int rendezvous_panics(void)
{
	return bf_rendezvous(panic_on_third, NULL, BF_RENDEZVOUS_ALL);
}

/* A CPU that dies over a call ends it, and is not waited for again. */
static void panics(const struct mock_profile *profile)
{
	start(profile);
	assert_int_equal(call(0, panic_there), 0);
	expect_ran(1, 1, 0, 1);
	assert_int_equal(call(1, on_all), 0);
	expect_ran(2, 2, 0, 2);
	assert_int_equal(call(1, on_third), BF_ENOENT);
	start(profile);
	assert_int_equal(call(0, rendezvous_panics), 0);
	expect_ran(1, 1, 0, 1);
	assert_int_equal(call(1, rendezvous_panics), 0);
	expect_ran(2, 2, 0, 2);
}

static void panicked(void **state)
{
	(void)state;
	each_profile(panics);
}

static uint32_t bad_cpu;

static void fault_on(uint32_t cpu, void *ctx)
{
	(void)ctx;
	if (cpu == bad_cpu)
		*(volatile uint32_t *)8 = 1;
	ran[cpu]++;
}

static int fault_there(void)
{
	return bf_on_each_cpu(fault_on, NULL, true);
}

static int fault_together(void)
{
	return bf_rendezvous(fault_on, NULL, BF_RENDEZVOUS_ALL);
}

/*
 * A function that faults, on the CPU that called or on another: the extension is disabled, the call
 * comes to its end, and what comes after it works.
 */
static void faults(const struct mock_profile *profile)
{
	int (*const how[])(void) = {fault_there, fault_together};

	for (uint32_t i = 0; i < 2 * COUNT(how); i++) {
		start(profile);
		bad_cpu = i / 2;
		assert_int_equal(call(0, how[i % 2]), 0);
		for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
			assert_true(bf_cpu_is_up(cpu));
			assert_true(ran[cpu] <= (cpu != bad_cpu));
		}
		assert_int_equal(bf_on_each_cpu(mark, &one, true), 0);
		assert_int_equal(bf_rendezvous(mark, &one, BF_RENDEZVOUS_ALL), 0);
		for (uint32_t cpu = 0; cpu < CPUS; cpu++)
			assert_true(ran[cpu] >= 2);
		assert_int_equal(mock_vmm_stop(), 0);
	}
}

static void function_faults(void **state)
{
	(void)state;
	each_profile(faults);
}

static uint32_t levels;
static int deepest;

/* Each CPU calls all others from inside the call: too deep at some point, but never stuck. */
static void deeper(uint32_t cpu, void *ctx)
{
	uint32_t level = (uint32_t)(uint64_t)ctx;

	(void)cpu;
	if (level > levels)
		levels = level;
	if (level < 8)
		deepest = bf_on_cpu((cpu + 1) % CPUS, deeper, (void *)(uint64_t)(level + 1));
}

static int call_deeper(void)
{
	return bf_on_cpu(1, deeper, NULL);
}

static void back_and_forth(uint32_t cpu, void *ctx)
{
	uint32_t level = (uint32_t)(uint64_t)ctx;

	levels = level;
	if (level < 20)
		deepest = bf_on_cpu(cpu ^ 1, back_and_forth, (void *)(uint64_t)(level + 1));
}

static int call_back_and_forth(void)
{
	return bf_on_cpu(1, back_and_forth, NULL);
}

static void nested(void **state)
{
	(void)state;
	start(&mock_amd);
	levels = 0;
	assert_int_equal(call(0, call_deeper), 0);
	assert_int_equal(levels, 8);
	/* CPU 0 waits, runs what CPU 1 asks, calls again from there: four levels on each. */
	levels = 0;
	assert_int_equal(call(0, call_back_and_forth), 0);
	assert_int_equal(levels, 7);
	/* Nothing is left of it. */
	assert_int_equal(call(3, on_all), 0);
	expect_ran(1, 1, 1, 1);
}

static uint32_t in_guest_seen;

/* While it runs, every CPU is in the VMM. */
static void look(uint32_t cpu, void *ctx)
{
	(void)ctx;
	for (uint32_t i = 0; i < CPUS; i++)
		in_guest_seen += !mock.cpus[i].in_vmm;
	ran[cpu]++;
}

static int meet_caller(void)
{
	return bf_rendezvous(look, NULL, BF_RENDEZVOUS_CALLER);
}

static int meet_all(void)
{
	return bf_rendezvous(look, NULL, BF_RENDEZVOUS_ALL);
}

static void meets(const struct mock_profile *profile)
{
	start(profile);
	in_guest_seen = 0;
	assert_int_equal(call(2, meet_caller), 0);
	expect_ran(0, 0, 1, 0);
	assert_int_equal(call(1, meet_all), 0);
	expect_ran(1, 1, 2, 1);
	assert_int_equal(in_guest_seen, 0);
	assert_int_equal(guest_nmis(), 0);
	assert_int_equal(mock_vmm_stop(), 0);
}

static void rendezvous(void **state)
{
	(void)state;
	each_profile(meets);
}

static int inner;

static void meet_again(uint32_t cpu, void *ctx)
{
	(void)ctx;
	inner |= meet_all() == BF_EBUSY ? 1 << cpu : 0;
	inner |= bf_on_each_cpu(mark, &one, true) ? 1 << 8 : 0;
}

static int meet_inside(void)
{
	return bf_rendezvous(meet_again, NULL, BF_RENDEZVOUS_ALL);
}

static void meet_there(uint32_t cpu, void *ctx)
{
	(void)cpu;
	*(int *)ctx = meet_inside();
}

static int meet_from_call(void)
{
	int met = 1;

	return bf_on_cpu(3, meet_there, &met) | met;
}

/* None inside one; calls inside one are fine, and so is one inside a call. */
static void rendezvous_inside(void **state)
{
	(void)state;
	start(&mock_intel);
	inner = 0;
	assert_int_equal(call(0, meet_inside), 0);
	assert_int_equal(inner, 0xf);
	expect_ran(4, 4, 4, 4);
	assert_int_equal(call(1, meet_from_call), 0);
	expect_ran(8, 8, 8, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(off_by_default),
		cmocka_unit_test(alone),
		cmocka_unit_test(no_nmi_exiting),
		cmocka_unit_test(only_at_init),
		cmocka_unit_test(on_each),
		cmocka_unit_test(real_nmi),
		cmocka_unit_test(real_nmi_first),
		cmocka_unit_test(nmi_in_the_vmm),
		cmocka_unit_test(blocked_vmx),
		cmocka_unit_test(blocked_svm),
		cmocka_unit_test(hook_on_nmis),
		cmocka_unit_test(keeps_icr),
		cmocka_unit_test(x2apic),
		cmocka_unit_test(left),
		cmocka_unit_test(panicked),
		cmocka_unit_test(function_faults),
		cmocka_unit_test(nested),
		cmocka_unit_test(rendezvous),
		cmocka_unit_test(rendezvous_inside),
	};

	return cmocka_run_group_tests_name("calls", tests, NULL, NULL);
}
