/* SPDX-License-Identifier: MIT */
/* What a guest sees of the default handlers, on every kind of machine. */
#include <bfhw/phys.h>
#include <bfmock/guest.h>
#include <bfvmm/mem.h>
#include <bfvmm/msr.h>
#include "test.h"

static struct bf_vcpu *vcpu;

static void start(const struct mock_profile *profile)
{
	mock_reset(profile, 1);
	if (mock_vmm_start(""))
		fail_msg("%s: %s: %s", profile->name, mock_boot.report.what, mock_boot.report.rule);
	vcpu = mock_vcpu();
}

/* Runs a test on each profile. */
static void each(void (*test)(void))
{
	for (uint32_t p = 0; mock_profiles[p]; p++) {
		start(mock_profiles[p]);
		test();
		assert_int_equal(mock_vmm_stop(), 0);
	}
}

#define ON_EACH(name)                                                                              \
	static void name##_test(void **state)                                                      \
	{                                                                                          \
		(void)state;                                                                       \
		each(name);                                                                        \
	}

static void expect_advanced(struct mock_result r, uint64_t from, uint64_t bytes)
{
	assert_int_equal(r.end, MOCK_RETURNED);
	assert_false(r.injected);
	assert_int_equal(r.rip, from + bytes);
}

static void expect_fault(struct mock_result r, uint8_t vector, uint64_t rip)
{
	assert_int_equal(r.end, MOCK_RETURNED);
	assert_true(r.injected);
	assert_int_equal(r.type, BF_EVENT_EXCEPTION);
	assert_int_equal(r.vector, vector);
	assert_int_equal(r.has_error, vector == BF_VECTOR_GP);
	if (r.has_error)
		assert_int_equal(r.error_code, 0);
	assert_int_equal(r.rip, rip);
}

/* All that is not masked on purpose is the hardware's; upper halves are zero. */
static void cpuid_hardware(void)
{
	static const uint32_t leaves[] = {0, 2, 0xd, 0x16, 0x80000000, 0x80000008, 0x7fffffff};
	struct bf_regs *regs = &vcpu->regs;

	for (size_t i = 0; i < COUNT(leaves); i++) {
		struct bf_hw_cpuid hw = bf_hw_cpuid(leaves[i], 1);
		uint64_t rip = bf_vcpu_get(vcpu, BF_RIP);

		*regs = (struct bf_regs){.rax = 0xdead000000000000 | leaves[i],
					 .rbx = UINT64_MAX,
					 .rdx = UINT64_MAX,
					 .rsi = 77,
					 .rcx = 0xbeef000000000001};
		expect_advanced(mock_execute(vcpu, MOCK_CPUID), rip, 2);
		assert_int_equal(regs->rax, hw.eax);
		assert_int_equal(regs->rbx, hw.ebx);
		assert_int_equal(regs->rcx, hw.ecx);
		assert_int_equal(regs->rdx, hw.edx);
		assert_int_equal(regs->rsi, 77);
	}
}
ON_EACH(cpuid_hardware)

static void cpuid_hypervisor(void)
{
	char name[13] = {0};

	mock_execute_cpuid(vcpu, 1, 0);
	assert_true(vcpu->regs.rcx >> 31 & 1);
	assert_false(vcpu->regs.rcx >> 5 & 1); /* VMX is in use */
	mock_execute_cpuid(vcpu, 0x80000001, 0);
	assert_false(vcpu->regs.rcx >> 2 & 1); /* so is SVM */
	mock_execute_cpuid(vcpu, 0x40000000, 0);
	assert_int_equal(vcpu->regs.rax, 0x40000001);
	memcpy(name, &vcpu->regs.rbx, 4);
	memcpy(name + 4, &vcpu->regs.rcx, 4);
	memcpy(name + 8, &vcpu->regs.rdx, 4);
	assert_string_equal(name, "BareframeVMM");
	mock_execute_cpuid(vcpu, 0x40000001, 0);
	assert_int_equal(vcpu->regs.rax, BF_HC_ABI);
	mock_execute_cpuid(vcpu, 0x400000ff, 0);
	assert_int_equal(vcpu->regs.rax | vcpu->regs.rbx | vcpu->regs.rcx | vcpu->regs.rdx, 0);
}
ON_EACH(cpuid_hypervisor)

/* OSXSAVE and OSPKE mirror the guest's CR4, not the VMM's. */
static void cpuid_mirrors_cr4(void)
{
	uint64_t cr4 = bf_vcpu_get(vcpu, BF_CR4);

	mock_execute_cpuid(vcpu, 1, 0);
	assert_int_equal(vcpu->regs.rcx >> 27 & 1, !!(cr4 & CR4_OSXSAVE));
	assert_int_equal(bf_vcpu_set(vcpu, BF_CR4, cr4 & ~CR4_OSXSAVE), 0);
	mock_execute_cpuid(vcpu, 1, 0);
	assert_false(vcpu->regs.rcx >> 27 & 1);
	assert_int_equal(bf_vcpu_set(vcpu, BF_CR4, cr4), 0);
	mock_execute_cpuid(vcpu, 7, 0);
	assert_int_equal(vcpu->regs.rcx >> 4 & 1, !!(cr4 & CR4_PKE));
	/* Subleaf 1 has other features in the same places: all of them are the hardware's. */
	mock_cpuid_set(7, 1, (struct bf_hw_cpuid){.ebx = ~0u, .ecx = ~0u, .edx = ~0u});
	mock_execute_cpuid(vcpu, 7, 1);
	assert_int_equal(vcpu->regs.rbx & vcpu->regs.rcx & vcpu->regs.rdx, ~0u);
}
ON_EACH(cpuid_mirrors_cr4)

/* A hypervisor that was loaded before the VMM gets as far as VMXON, where it can take a failure. */
static void cr4_vmxe(void)
{
	uint64_t cr4 = bf_vcpu_get(vcpu, BF_CR4), rip = bf_vcpu_get(vcpu, BF_RIP);

	if (mock.profile->vendor != MOCK_INTEL)
		return;
	assert_int_equal(bf_vcpu_set(vcpu, BF_CR4, cr4 | CR4_VMXE), 0);
	assert_int_equal(bf_vcpu_get(vcpu, BF_CR4), cr4 | CR4_VMXE);
	expect_fault(mock_execute(vcpu, MOCK_VIRT_INSN), BF_VECTOR_UD, rip);
	assert_int_equal(bf_vcpu_set(vcpu, BF_CR4, cr4), 0);
	assert_int_equal(bf_vcpu_get(vcpu, BF_CR4), cr4);
}
ON_EACH(cr4_vmxe)

static void msr_unknown(void)
{
	static const uint32_t numbers[] = {0x12345, 0x1fff, 0xc0001fff, 0xc0011fff, 0x40000000};
	uint64_t value;

	for (size_t i = 0; i < COUNT(numbers); i++) {
		uint64_t rip = bf_vcpu_get(vcpu, BF_RIP);
		struct mock_result r = mock_execute_rdmsr(vcpu, numbers[i], &value);

		if (r.exited)
			expect_fault(r, BF_VECTOR_GP, rip);
		assert_true(r.injected);
		r = mock_execute_wrmsr(vcpu, numbers[i], 1);
		if (r.exited)
			expect_fault(r, BF_VECTOR_GP, rip);
		assert_true(r.injected);
	}
}
ON_EACH(msr_unknown)

static void msr_plain(void)
{
	uint64_t value = 0, rip = bf_vcpu_get(vcpu, BF_RIP);

	expect_advanced(mock_execute_wrmsr(vcpu, MSR_IA32_LSTAR, 0xffffffff81234567), rip, 2);
	expect_advanced(mock_execute_rdmsr(vcpu, MSR_IA32_LSTAR, &value), rip + 2, 2);
	assert_int_equal(value, 0xffffffff81234567);
	expect_advanced(mock_execute_rdmsr(vcpu, MSR_IA32_APIC_BASE, &value), rip + 4, 2);
	assert_int_equal(value, 0xfee00900);
	assert_true(mock_execute_wrmsr(vcpu, MSR_IA32_LSTAR, 0x8000000000000000).injected);
}
ON_EACH(msr_plain)

/* SVME, which the VMM has set for itself, is not there for the guest. */
static void msr_efer(void)
{
	uint64_t value, rip = bf_vcpu_get(vcpu, BF_RIP);
	const uint64_t efer = EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE;

	if (mock.profile->vendor == MOCK_INTEL)
		return; /* RDMSR of EFER does not exit: the processor switches it */
	mock_execute_rdmsr(vcpu, MSR_IA32_EFER, &value);
	assert_int_equal(value, efer);
	expect_advanced(mock_execute_wrmsr(vcpu, MSR_IA32_EFER, efer & ~EFER_SCE), rip + 2, 2);
	mock_execute_rdmsr(vcpu, MSR_IA32_EFER, &value);
	assert_int_equal(value, efer & ~EFER_SCE);
	assert_true(mock_execute_wrmsr(vcpu, MSR_IA32_EFER, efer | 1ull << 40).injected);
	assert_true(mock_execute_wrmsr(vcpu, MSR_IA32_EFER, efer & ~EFER_LME).injected);
	mock_execute_wrmsr(vcpu, MSR_IA32_EFER, efer);
	assert_true(bf_hw_rdmsr(MSR_IA32_EFER) & EFER_SVME);
}
ON_EACH(msr_efer)

static void xsetbv(void)
{
	static const struct {
		uint32_t index;
		uint64_t value;
		bool ok;
	} rows[] = {
		{0, 1, true},           {0, 3, true},     {0, 7, true},
		{0, 0, false},          {0, 2, false},    {0, 5, false},
		{1, 7, false},          {0, 0x17, false}, {0, 7ull | 1ull << 63, false},
		{0xffffffff, 7, false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t before = mock_this()->xcr0, rip = bf_vcpu_get(vcpu, BF_RIP);
		struct mock_result r = mock_execute_xsetbv(vcpu, rows[i].index, rows[i].value);

		assert_int_equal(r.end, MOCK_RETURNED);
		assert_int_equal(r.injected, !rows[i].ok);
		if (r.injected)
			assert_int_equal(r.vector, BF_VECTOR_GP);
		else
			assert_int_equal(r.rip, rip + 3);
		assert_int_equal(mock_this()->xcr0, rows[i].ok ? rows[i].value : before);
	}
}
ON_EACH(xsetbv)

/* Firmware leaves OSXSAVE clear: the VMM needs it for itself all the same. (On Intel the VMCS
 * has it; the mock does not load the host's CR4 from there.) */
static void xsetbv_from_firmware(void **state)
{
	static const struct mock_profile *const profiles[] = {&mock_amd, &mock_amd_bare};

	(void)state;
	for (size_t p = 0; p < COUNT(profiles); p++) {
		mock_reset(profiles[p], 1);
		mock_this()->cr4 &= ~CR4_OSXSAVE;
		assert_int_equal(mock_vmm_start(""), 0);
		vcpu = mock_vcpu();
		assert_false(bf_vcpu_get(vcpu, BF_CR4) & CR4_OSXSAVE);
		assert_int_equal(bf_vcpu_set(vcpu, BF_CR4, bf_vcpu_get(vcpu, BF_CR4) | CR4_OSXSAVE),
				 0);
		assert_false(mock_execute_xsetbv(vcpu, 0, 3).injected);
		assert_int_equal(mock_this()->xcr0, 3);
		assert_int_equal(mock_vmm_stop(), 0);
	}
}

/* What exits for a hook that then passes, or beside what it asked for, goes on as ever. */
static void hooked_and_passed(void **state)
{
	static const struct mock_exit exits[] = {
		{.reason = 12, .length = 1}, /* HLT */
		{.reason = 16, .length = 2}, /* RDTSC */
		{.reason = 36, .length = 3}, /* MWAIT */
		{.reason = 39, .length = 3}, /* MONITOR */
		{.reason = 51, .length = 3}, /* RDTSCP */
		{.reason = 68, .length = 4}, /* TPAUSE */
	};

	(void)state;
	start(&mock_intel);
	for (size_t i = 0; i < COUNT(exits); i++) {
		uint64_t rip = bf_vcpu_get(vcpu, BF_RIP);

		vcpu->regs.rax = vcpu->regs.rdx = UINT64_MAX;
		expect_advanced(mock_guest_exit(vcpu, &exits[i]), rip, exits[i].length);
		if (exits[i].reason == 16 || exits[i].reason == 51)
			assert_false((vcpu->regs.rax | vcpu->regs.rdx) >> 32);
	}
	assert_int_equal(mock_vmm_stop(), 0);
}

static void set_ring(uint32_t ring)
{
	uint64_t access = bf_vcpu_get(vcpu, BF_SS_ACCESS) & ~(uint64_t)BF_AR_DPL;

	bf_vcpu_set(vcpu, BF_SS_ACCESS, access | ring << 5);
	bf_vcpu_set(vcpu, BF_CPL, ring);
	assert_int_equal(bf_vcpu_get(vcpu, BF_CPL), ring);
}

/* From ring 3 everything of this kind is an exception, none the VMM's or the kernel's trouble. */
static void from_ring_3(void)
{
	/* Each would do something from ring 0. */
	static const struct {
		enum mock_instruction instruction;
		struct bf_regs regs;
		uint8_t vector;
	} rows[] = {
		{MOCK_XSETBV, {.rax = 3}, BF_VECTOR_GP},
		{MOCK_HYPERCALL, {.rax = BF_HC_STOP}, BF_VECTOR_UD},
		{MOCK_RDMSR, {.rcx = MSR_IA32_APIC_BASE}, BF_VECTOR_GP},
		{MOCK_WRMSR, {.rcx = MSR_IA32_SYSENTER_CS}, BF_VECTOR_GP},
		{MOCK_INVD, {0}, BF_VECTOR_GP},
	};

	set_ring(3);
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t rip = bf_vcpu_get(vcpu, BF_RIP);

		vcpu->regs = rows[i].regs;
		expect_fault(mock_execute(vcpu, rows[i].instruction), rows[i].vector, rip);
		assert_int_equal(mock_this()->xcr0, 7);
	}
	set_ring(0);
}
ON_EACH(from_ring_3)

static void virt_instruction(void)
{
	uint64_t rip = bf_vcpu_get(vcpu, BF_RIP);

	expect_fault(mock_execute(vcpu, MOCK_VIRT_INSN), BF_VECTOR_UD, rip);
}
ON_EACH(virt_instruction)

static void invd(void)
{
	uint64_t rip = bf_vcpu_get(vcpu, BF_RIP);

	expect_advanced(mock_execute(vcpu, MOCK_INVD), rip, 2);
	assert_int_equal(mock.count.wbinvd, 1);
}
ON_EACH(invd)

static void hypercalls(void)
{
	const uint64_t gpa = 0x500000;
	struct bf_log_page *log = bf_phys_to_virt(gpa);
	struct bf_stats_page *stats = bf_phys_to_virt(gpa);
	uint64_t rip = bf_vcpu_get(vcpu, BF_RIP);

	expect_advanced(mock_execute_hypercall(vcpu, BF_HC_VERSION, 0), rip, 3);
	assert_int_equal(vcpu->regs.rax, BF_HC_ABI);
	expect_advanced(mock_execute_hypercall(vcpu, BF_HC_LOG_READ, gpa), rip + 3, 3);
	assert_true(log->count > 0);
	assert_int_equal(vcpu->regs.rax, log->count);
	memset(stats, 0, sizeof(*stats));
	expect_advanced(mock_execute_hypercall(vcpu, BF_HC_STATS, gpa), rip + 6, 3);
	assert_int_equal(vcpu->regs.rax, 0);
	assert_int_equal(stats->exits[BF_EXIT_HYPERCALL], 3);
	assert_int_equal(stats->reasons, BF_EXIT_COUNT);
	stats->cpu = 1;
	mock_execute_hypercall(vcpu, BF_HC_STATS, gpa);
	assert_int_equal((int64_t)vcpu->regs.rax, BF_ENOENT);
	stats->cpu = 0xffffffff;
	mock_execute_hypercall(vcpu, BF_HC_STATS, gpa);
	assert_int_equal((int64_t)vcpu->regs.rax, BF_ENOENT);
}
ON_EACH(hypercalls)

/* Addresses that are no page of the caller's own RAM. */
static void hypercall_addresses(void)
{
	static const uint64_t bad[] = {0x500001,        0x500008,  MOCK_POOL_PA, MOCK_MEMORY,
				       MOCK_MEMORY - 8, 1ul << 52, UINT64_MAX,   ~0xffful};

	for (size_t i = 0; i < COUNT(bad); i++) {
		mock_execute_hypercall(vcpu, BF_HC_LOG_READ, bad[i]);
		assert_int_equal((int64_t)vcpu->regs.rax, BF_EFAULT);
		mock_execute_hypercall(vcpu, BF_HC_STATS, bad[i]);
		assert_int_equal((int64_t)vcpu->regs.rax, BF_EFAULT);
	}
}
ON_EACH(hypercall_addresses)

static void hypercall_unknown(void)
{
	static const uint64_t numbers[] = {
		0,          BF_HC_BASE - 1,        BF_HC_EXTENSIONS + 1, 0x42460000ul << 32,
		UINT64_MAX, BF_HC_BASE | 1ul << 32};
	uint64_t rip = bf_vcpu_get(vcpu, BF_RIP);

	for (size_t i = 0; i < COUNT(numbers); i++)
		expect_fault(mock_execute_hypercall(vcpu, numbers[i], 0), BF_VECTOR_UD, rip);
}
ON_EACH(hypercall_unknown)

/* Single-stepping over an instruction that exits traps behind it, once. */
static void single_step(void)
{
	uint64_t rip = bf_vcpu_get(vcpu, BF_RIP);
	struct mock_result r;

	bf_vcpu_set(vcpu, BF_RFLAGS, RFLAGS_FIXED | RFLAGS_TF);
	r = mock_execute_cpuid(vcpu, 0, 0);
	assert_true(r.debug_trap);
	assert_int_equal(r.rip, rip + 2);
	bf_vcpu_set(vcpu, BF_RFLAGS, RFLAGS_FIXED);
}
ON_EACH(single_step)

/* The shadow of STI and MOV SS ends with the instruction. */
static void shadow_ends(void)
{
	bf_vcpu_set(vcpu, BF_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	bf_vcpu_set(vcpu, BF_SHADOW, 1);
	assert_int_equal(bf_vcpu_get(vcpu, BF_SHADOW) & 3, 1);
	mock_execute_cpuid(vcpu, 0, 0);
	assert_int_equal(bf_vcpu_get(vcpu, BF_SHADOW) & 3, 0);
}
ON_EACH(shadow_ends)

/* RF falls with the instruction. */
static void resume_flag_falls(void)
{
	bf_vcpu_set(vcpu, BF_RFLAGS, RFLAGS_FIXED | RFLAGS_RF);
	mock_execute_cpuid(vcpu, 0, 0);
	assert_int_equal(bf_vcpu_get(vcpu, BF_RFLAGS), RFLAGS_FIXED);
}
ON_EACH(resume_flag_falls)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpuid_hardware_test),
		cmocka_unit_test(cpuid_hypervisor_test),
		cmocka_unit_test(cpuid_mirrors_cr4_test),
		cmocka_unit_test(cr4_vmxe_test),
		cmocka_unit_test(msr_unknown_test),
		cmocka_unit_test(msr_plain_test),
		cmocka_unit_test(msr_efer_test),
		cmocka_unit_test(xsetbv_test),
		cmocka_unit_test(xsetbv_from_firmware),
		cmocka_unit_test(hooked_and_passed),
		cmocka_unit_test(from_ring_3_test),
		cmocka_unit_test(virt_instruction_test),
		cmocka_unit_test(invd_test),
		cmocka_unit_test(hypercalls_test),
		cmocka_unit_test(hypercall_addresses_test),
		cmocka_unit_test(hypercall_unknown_test),
		cmocka_unit_test(single_step_test),
		cmocka_unit_test(shadow_ends_test),
		cmocka_unit_test(resume_flag_falls_test),
	};

	return cmocka_run_group_tests_name("defaults", tests, NULL, NULL);
}
