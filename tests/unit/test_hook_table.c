/* SPDX-License-Identifier: MIT */
/*
 * Every hook on both vendors: set, called by what a guest does, its change seen, removed; before
 * and after that the same instruction exits or does not, as without it. What a vendor does not
 * have is refused. Prints a line for each.
 */
#include <bareframe/ext.h>
#include <bfmock/execute.h>
#include <bfvmm/hooks.h>
#include "test.h"

static const struct bf_extension descriptor = {.name = "under test"};
static struct bf_ext ext;
static struct bf_vcpu *vcpu;
static uint32_t calls;

/* What a guest does to make a reason exit. Exits that the model does not make by itself are raw. */
struct cause {
	struct mock_insn insn;
	bool raises, interrupts, nmi;
	struct mock_exit vmx, svm; /* raw exits */
	bool raw;
	enum mock_end vmx_end, svm_end; /* when all hooks pass */
};

#define INSN(...)                                                                                  \
	{                                                                                          \
		.insn = { __VA_ARGS__ }                                                            \
	}
#define RAW(vmx_, svm_)                                                                            \
	{                                                                                          \
		.raw = true, .vmx = {.reason = (vmx_)}, .svm = {.reason = (svm_) }                 \
	}

/* As RAW(), for what ends the VM. */
#define HALT(vmx_, svm_)                                                                           \
	{                                                                                          \
		.raw = true, .vmx = {.reason = (vmx_)}, .vmx_end = MOCK_HALTED,                    \
		.svm = {.reason = (svm_)}, .svm_end = MOCK_HALTED                                  \
	}

#define MACHINE_CHECK 0x80000312 /* interruption information: hardware exception 18 */

static const struct cause of_reason[BF_EXIT_COUNT] = {
	[BF_EXIT_EXCEPTION] = {.raises = true},
	[BF_EXIT_EXTERNAL_INTERRUPT] = {.interrupts = true},
	[BF_EXIT_NMI] = {.nmi = true},
	[BF_EXIT_SMI] = RAW(6, 0x62),
	[BF_EXIT_MACHINE_CHECK] = {.raw = true,
				   .vmx = {.interruption = MACHINE_CHECK},
				   .svm = {.reason = 0x52}},
	[BF_EXIT_INIT] = RAW(3, 0x63),
	[BF_EXIT_SIPI] = RAW(4, 0),
	[BF_EXIT_TRIPLE_FAULT] = HALT(2, 0x7f),
	[BF_EXIT_ENTRY_FAILURE] = HALT(0x80000021, 0),
	[BF_EXIT_S2_MISCONFIG] = HALT(49, 0),
	[BF_EXIT_S2_FAULT] = {.raw = true,
			      .vmx = {.reason = 48, .gpa = 36ull << 30, .qualification = 0x181},
			      .svm = {.reason = 0x400, .gpa = 36ull << 30, .qualification = 4}},
	[BF_EXIT_VENDOR] = HALT(35, 0),
	[BF_EXIT_TASK_SWITCH] = RAW(9, 0x7d),
	[BF_EXIT_CPUID] = INSN(.kind = MOCK_CPUID),
	[BF_EXIT_HYPERCALL] = INSN(.kind = MOCK_HYPERCALL),
	[BF_EXIT_VIRT_INSTRUCTION] = INSN(.kind = MOCK_VIRT_INSN),
	[BF_EXIT_GETSEC] = RAW(11, 0),
	[BF_EXIT_HLT] = INSN(.kind = MOCK_HLT),
	[BF_EXIT_INVD] = INSN(.kind = MOCK_INVD),
	[BF_EXIT_WBINVD] = INSN(.kind = MOCK_WBINVD),
	[BF_EXIT_INVLPG] = INSN(.kind = MOCK_INVLPG, .address = 0x1000),
	[BF_EXIT_RDPMC] = INSN(.kind = MOCK_RDPMC),
	[BF_EXIT_RDTSC] = INSN(.kind = MOCK_RDTSC),
	[BF_EXIT_RDTSCP] = INSN(.kind = MOCK_RDTSCP_INSN),
	[BF_EXIT_RSM] = RAW(17, 0x73),
	[BF_EXIT_CR_READ] = INSN(.kind = MOCK_MOV_FROM_CR, .number = 3),
	[BF_EXIT_CR_WRITE] = INSN(.kind = MOCK_MOV_TO_CR, .number = 3, .gpr = 3),
	[BF_EXIT_DR_ACCESS] = INSN(.kind = MOCK_MOV_FROM_DR, .number = 3),
	[BF_EXIT_IO] = INSN(.kind = MOCK_IN, .port = 0x70, .size = 1),
	[BF_EXIT_RDMSR] = INSN(.kind = MOCK_RDMSR),
	[BF_EXIT_WRMSR] = INSN(.kind = MOCK_WRMSR),
	[BF_EXIT_MONITOR] = INSN(.kind = MOCK_MONITOR),
	[BF_EXIT_MWAIT] = INSN(.kind = MOCK_MWAIT),
	[BF_EXIT_PAUSE] = INSN(.kind = MOCK_PAUSE),
	[BF_EXIT_UMWAIT] = RAW(67, 0),
	[BF_EXIT_XSETBV] = INSN(.kind = MOCK_XSETBV),
	[BF_EXIT_PREEMPTION_TICK] = RAW(52, 0),
	[BF_EXIT_INTERRUPT_WINDOW] = RAW(7, 0x64),
	[BF_EXIT_NMI_WINDOW] = RAW(8, 0),
};

/* Why there is nothing to be seen of a reason here. */
static const char *const elsewhere[BF_EXIT_COUNT] = {
	[BF_EXIT_INVPCID] = "the machines",
	[BF_EXIT_SINGLE_STEP] = "the machines",
};

static bool intel(void)
{
	return mock.profile->vendor == MOCK_INTEL;
}

static void say(const char *name, const char *what)
{
	printf("table: hook %-24s %s mock    %s\n", name, intel() ? "VMX" : "SVM", what);
}

static void start(const struct mock_profile *profile)
{
	mock_reset(profile, 1);
	assert_int_equal(mock_vmm_start(""), 0);
	vcpu = mock_vcpu();
	ext = (struct bf_ext){.descriptor = &descriptor};
	mock_msr_set(0x174, 5);
}

static void prepare(void)
{
	vcpu->regs = (struct bf_regs){.rcx = 0x174, .rax = 5, .rbx = bf_vcpu_get(vcpu, BF_CR3)};
	bf_vcpu_set(vcpu, BF_RIP, MOCK_GUEST_RIP);
}

/* Hooks that come or go outside of an exit count from the next entry on. */
static void enter_again(void)
{
	prepare();
	(void)mock_execute_cpuid(vcpu, 0, 0);
	calls = 0;
}

/* XSETBV and RDPMC look at RCX too; what the CPU would refuse is not what a row is about. */
static void set_operands(const struct mock_insn *insn)
{
	if (insn->kind == MOCK_XSETBV || insn->kind == MOCK_RDPMC)
		vcpu->regs.rcx = 0;
	if (insn->kind == MOCK_XSETBV)
		vcpu->regs.rax = mock_this()->xcr0;
	if (insn->kind == MOCK_CPUID)
		vcpu->regs.rcx = 0;
	if (insn->kind == MOCK_HYPERCALL)
		vcpu->regs.rax = BF_HC_VERSION;
}

static struct mock_result provoke(const struct cause *c)
{
	prepare();
	if (c->raw)
		return mock_guest_exit(vcpu, intel() ? &c->vmx : &c->svm);
	if (c->raises)
		return mock_raise(vcpu, &(struct mock_exception){.vector = BF_VECTOR_UD});
	if (c->interrupts)
		return mock_interrupt(vcpu, 0x40);
	set_operands(&c->insn);
	return mock_execute_insn(vcpu, &c->insn);
}

static enum bf_verdict on_exit(struct bf_vcpu *v, struct bf_exit *exit, void *ctx)
{
	(void)v;
	(void)ctx;
	calls += exit->reason == *(uint32_t *)ctx;
	return BF_PASS;
}

/* Whether what the row does exits, with nobody's hook. */
static bool exits(const struct cause *c)
{
	uint32_t before = calls;
	bool exited;

	if (c->nmi) {
		before = mock_this()->guest_nmis;
		mock_nmi(0);
		return mock_this()->guest_nmis == before;
	}
	exited = provoke(c).exited;
	assert_int_equal(calls, before);
	return exited;
}

static enum mock_end end_of(const struct cause *c)
{
	return intel() ? c->vmx_end : c->svm_end;
}

static void cause_once(const struct cause *c)
{
	if (c->nmi)
		mock_nmi(0);
	else
		assert_int_equal(provoke(c).end, end_of(c));
}

static void reason_row(uint32_t reason, const char *name)
{
	const struct cause *c = &of_reason[reason];
	bool known = c->raw || c->raises || c->interrupts || c->nmi || c->insn.kind ||
		     reason == BF_EXIT_CPUID;
	struct bf_hook *handle;
	bool before = false;
	int status;

	if (known && !c->raw)
		before = exits(c);
	status = bf_hook_exit(&ext, BF_ALL_VMS, reason, on_exit, &reason, 1, &handle);
	if (status) {
		assert_row(status == BF_ENOTSUP, name);
		say(name, "impossible: refused with BF_ENOTSUP");
		return;
	}
	if (!known) {
		assert_row(elsewhere[reason], name);
		printf("table: hook %-24s %s mock    registers; shown by %s\n", name,
		       intel() ? "VMX" : "SVM", elsewhere[reason]);
		bf_unhook(handle);
		return;
	}
	enter_again();
	cause_once(c);
	assert_row(calls == 1, name);
	if (!c->raw) {
		bf_unhook(handle);
		enter_again();
		assert_row(exits(c) == before, name);
	}
	say(name, "pass");
}

static void reasons_on(const struct mock_profile *profile)
{
	static const char *const names[] = {
#define X(name, text) #name,
		BF_EXIT_REASONS(X)
#undef X
	};

	for (uint32_t reason = 0; reason < BF_EXIT_COUNT; reason++) {
		start(profile);
		reason_row(reason, names[reason]);
		if (!of_reason[reason].raw)
			assert_int_equal(mock_vmm_stop(), 0);
	}
}

static void reasons(void **state)
{
	(void)state;
	reasons_on(&mock_intel);
	reasons_on(&mock_amd);
}

/* A row of typed hooks: what the guest does, and where a hook's change is seen. */
struct typed {
	const char *name;
	enum bf_hook_family family;
	struct bf_range range;
	struct mock_insn insn;
	bool raises;
	enum bf_verdict verdict; /* of the hook before the default, which does without it */
	uint32_t offset, bytes;  /* of the operand that the hooks change; 0 bytes: none */
};

#define WHERE(io, field) offsetof(struct io, field), sizeof(((struct io *)0)->field)
#define NOWHERE          0, 0

static const struct typed typed_rows[] = {
	{"cpuid",
	 BF_FAMILY_CPUID,
	 BF_LEAF(5, 5),
	 {.kind = MOCK_CPUID},
	 false,
	 BF_SKIP,
	 WHERE(bf_cpuid, eax)},
	{"msr_read",
	 BF_FAMILY_MSR_READ,
	 BF_MSR(0x174, 0x174),
	 {.kind = MOCK_RDMSR},
	 false,
	 BF_SKIP,
	 WHERE(bf_msr, value)},
	{"msr_write",
	 BF_FAMILY_MSR_WRITE,
	 BF_MSR(0x174, 0x174),
	 {.kind = MOCK_WRMSR},
	 false,
	 BF_SKIP,
	 NOWHERE},
	{"io",
	 BF_FAMILY_IO,
	 BF_PORT(0x70, 0x70),
	 {.kind = MOCK_IN, .port = 0x70, .size = 1},
	 false,
	 BF_SKIP,
	 WHERE(bf_port_io, value)},
	{"cr_read",
	 BF_FAMILY_CR_READ,
	 BF_CR(3, 3),
	 {.kind = MOCK_MOV_FROM_CR, .number = 3},
	 false,
	 BF_SKIP,
	 WHERE(bf_cr, value)},
	{"cr_write",
	 BF_FAMILY_CR_WRITE,
	 BF_CR(3, 3),
	 {.kind = MOCK_MOV_TO_CR, .number = 3, .gpr = 3},
	 false,
	 BF_SKIP,
	 NOWHERE},
	{"dr",
	 BF_FAMILY_DR,
	 BF_DR(3, 3),
	 {.kind = MOCK_MOV_FROM_DR, .number = 3},
	 false,
	 BF_SKIP,
	 WHERE(bf_dr, value)},
	{"xsetbv", BF_FAMILY_XSETBV, BF_RANGE_ALL, {.kind = MOCK_XSETBV}, false, BF_SKIP, NOWHERE},
	{"exception", BF_FAMILY_EXCEPTION, BF_VECTOR(6, 6), {0}, true, BF_DONE, NOWHERE},
	{"hypercall",
	 BF_FAMILY_HYPERCALL,
	 BF_HYPERCALL(0, UINT64_MAX),
	 {.kind = MOCK_HYPERCALL},
	 false,
	 BF_SKIP,
	 WHERE(bf_hypercall, result)},
	{"rdtsc",
	 BF_FAMILY_RDTSC,
	 BF_RANGE_ALL,
	 {.kind = MOCK_RDTSC},
	 false,
	 BF_SKIP,
	 WHERE(bf_tsc, value)},
	{"rdtscp",
	 BF_FAMILY_RDTSCP,
	 BF_RANGE_ALL,
	 {.kind = MOCK_RDTSCP_INSN},
	 false,
	 BF_SKIP,
	 WHERE(bf_tsc, value)},
	{"rdpmc",
	 BF_FAMILY_RDPMC,
	 BF_RANGE_ALL,
	 {.kind = MOCK_RDPMC},
	 false,
	 BF_SKIP,
	 WHERE(bf_rdpmc, value)},
	{"invlpg",
	 BF_FAMILY_INVLPG,
	 BF_RANGE_ALL,
	 {.kind = MOCK_INVLPG, .address = 0x1000},
	 false,
	 BF_SKIP,
	 NOWHERE},
};

_Static_assert(COUNT(typed_rows) == BF_FAMILY_COUNT, "a typed hook has no row");

#define MAGIC 0x5a

static enum bf_verdict change(void *io, const struct typed *row)
{
	const uint64_t magic = MAGIC;

	calls++;
	if (row->bytes)
		memcpy((uint8_t *)io + row->offset, &magic, row->bytes);
	return row->verdict;
}

static enum bf_verdict before(struct bf_vcpu *v, void *io, void *ctx)
{
	(void)v;
	return change(io, ctx);
}

static enum bf_verdict behind(struct bf_vcpu *v, void *io, void *ctx)
{
	(void)v;
	change(io, ctx);
	return BF_PASS;
}

static struct mock_result provoke_typed(const struct typed *row)
{
	const struct cause c = {.insn = row->insn, .raises = row->raises};

	prepare();
	if (row->raises)
		return mock_raise(vcpu, &(struct mock_exception){.vector = BF_VECTOR_UD});
	set_operands(&c.insn);
	if (row->family == BF_FAMILY_CPUID)
		vcpu->regs.rax = 5;
	return mock_execute_insn(vcpu, &row->insn);
}

static void typed_row(const struct typed *row, enum bf_hook_stage stage)
{
	bool natural = provoke_typed(row).exited;
	struct mock_result result;
	struct bf_hook *handle;
	char name[40];
	int status;

	snprintf(name, sizeof(name), "%s%s", row->name, stage == BF_HOOK_POST ? "_post" : "");
	status = bf_hook_typed(&ext, row->family, stage, BF_ALL_VMS, row->range,
			       stage == BF_HOOK_PRE ? before : behind, (void *)row, 1, &handle);
	if (row->family == BF_FAMILY_EXCEPTION && stage == BF_HOOK_POST) {
		assert_row(status == BF_ENOTSUP, name);
		say(name, "impossible: nothing runs behind the delivery");
		return;
	}
	assert_row(!status, name);
	enter_again();
	result = provoke_typed(row);
	assert_row(result.end == MOCK_RETURNED && result.exited, name);
	assert_row(calls == 1, name);
	assert_row(!result.injected, name);
	assert_row((result.rip == MOCK_GUEST_RIP) == (row->verdict == BF_DONE), name);
	if (row->bytes)
		assert_row((uint8_t)vcpu->regs.rax == MAGIC, name);
	bf_unhook(handle);
	enter_again();
	assert_row(provoke_typed(row).exited == natural && !calls, name);
	say(name, "pass");
}

static void typed_on(const struct mock_profile *profile)
{
	for (uint32_t i = 0; i < COUNT(typed_rows); i++)
		for (int stage = BF_HOOK_PRE; stage <= BF_HOOK_POST; stage++) {
			start(profile);
			typed_row(&typed_rows[i], (enum bf_hook_stage)stage);
			assert_int_equal(mock_vmm_stop(), 0);
		}
}

static void typed(void **state)
{
	(void)state;
	typed_on(&mock_intel);
	typed_on(&mock_amd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(typed),
		cmocka_unit_test(reasons),
	};

	return cmocka_run_group_tests_name("hook_table", tests, NULL, NULL);
}
