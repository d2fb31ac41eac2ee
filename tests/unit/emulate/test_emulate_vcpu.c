/* SPDX-License-Identifier: MIT */
/* The emulator on vCPUs of both vendors, from an exit to the next entry. */
#include <bareframe/ext.h>
#include <bfhw/phys.h>
#include <bfmock/guest.h>
#include <bfvmm/emulate.h>
#include <bfvmm/msr.h>
#include "../test.h"

#define DEVICE   0x7000000000UL
#define RIP_NEXT (MOCK_GUEST_RIP + 2)
#define HLT_VMX  12
#define HLT_SVM  0x78
#define HLT      0xf4
#define STI      1

/* A register of a device, and a fault to raise at it. */
static struct {
	uint64_t value;
	int status;
	uint32_t reads, limit;
	uint8_t insn[4];
} device;

static int access_device(struct bf_emu_access *access)
{
	assert_int_equal(access->va, DEVICE);
	access->fault = (struct bf_emu_fault){BF_VECTOR_PF, true, 2, access->va};
	return device.status;
}

static int read_device(void *ctx, struct bf_emu_access *access)
{
	(void)ctx;
	device.reads++;
	access->value[0] = device.value;
	return access_device(access);
}

static int write_device(void *ctx, struct bf_emu_access *access)
{
	(void)ctx;
	if (device.status)
		return access_device(access);
	device.value = access->value[0];
	return 0;
}

static const struct bf_emu_bus bus = {.read = read_device, .write = write_device};

/* What a hook on an exit does with the engine. */
static enum bf_verdict emulate(struct bf_vcpu *vcpu, struct bf_exit *exit, void *ctx)
{
	struct bf_emu emu = {
		.cpu = &bf_emu_vcpu, .cpu_ctx = vcpu, .bus = &bus, .limit = device.limit};

	(void)exit;
	(void)ctx;
	return bf_emu_verdict(vcpu, &emu, bf_emulate(&emu, device.insn, sizeof(device.insn)));
}

static int init(struct bf_ext *ext)
{
	return bf_hook_exit(ext, BF_ALL_VMS, BF_EXIT_HLT, emulate, NULL, BF_PRIO_NORMAL, NULL);
}

BF_EXTENSION(emulates, .version = "1.0", .license = "MIT", .init = init);

static struct bf_vcpu *start(const struct mock_profile *profile, const uint8_t *insn)
{
	mock_reset(profile, 1);
	memset(&device, 0, sizeof(device));
	memcpy(device.insn, insn, sizeof(device.insn));
	assert_int_equal(mock_vmm_start(""), 0);
	mock_vcpu()->regs.rbx = DEVICE;
	*(uint8_t *)bf_phys_to_virt(MOCK_GUEST_RIP) = HLT;
	return mock_vcpu();
}

/* The device is in the way of an instruction that does not exit by itself, as the exit's length
 * says: what counts is what was emulated. */
static struct mock_result run(struct bf_vcpu *vcpu)
{
	const struct mock_exit exit = {
		.reason = mock.profile->vendor == MOCK_INTEL ? HLT_VMX : HLT_SVM, .length = 1};

	return mock_guest_exit(vcpu, &exit);
}

#define EACH_PROFILE(cpu) (const struct mock_profile *const *cpu = mock_profiles; *cpu; cpu++)

static const uint8_t load[4] = {0x8b, 0x03}, add[4] = {0x01, 0x03}, rep_movsb[4] = {0xf3, 0xa4};
static const uint8_t fld[4] = {0xd9, 0x03}, registers[4] = {0x8b, 0xc3};

static void loads(void **state)
{
	(void)state;
	for
		EACH_PROFILE(cpu)
		{
			struct bf_vcpu *vcpu = start(*cpu, load);
			struct mock_result r;

			device.value = 0x1ffffffff;
			vcpu->regs.rax = UINT64_MAX;
			bf_vcpu_set(vcpu, BF_SHADOW, STI);
			bf_vcpu_set(vcpu, BF_RFLAGS, RFLAGS_FIXED | RFLAGS_IF | RFLAGS_RF);
			r = run(vcpu);
			assert_int_equal(r.end, MOCK_RETURNED);
			assert_false(r.injected);
			assert_int_equal(r.rip, RIP_NEXT);
			assert_int_equal(vcpu->regs.rax, 0xffffffff);
			assert_int_equal(bf_vcpu_get(vcpu, BF_SHADOW), 0);
			assert_int_equal(bf_vcpu_get(vcpu, BF_RFLAGS), RFLAGS_FIXED | RFLAGS_IF);
		}
}

static void stores_with_flags(void **state)
{
	(void)state;
	for
		EACH_PROFILE(cpu)
		{
			struct bf_vcpu *vcpu = start(*cpu, add);

			device.value = 0xffffffff;
			vcpu->regs.rax = 1;
			(void)run(vcpu);
			assert_int_equal(device.value, 0);
			assert_int_equal(bf_vcpu_get(vcpu, BF_RFLAGS) & (RFLAGS_CF | RFLAGS_ZF),
					 RFLAGS_CF | RFLAGS_ZF);
		}
}

static void single_step(void **state)
{
	(void)state;
	for
		EACH_PROFILE(cpu)
		{
			struct bf_vcpu *vcpu = start(*cpu, load);
			struct mock_result r;

			bf_vcpu_set(vcpu, BF_RFLAGS, RFLAGS_FIXED | RFLAGS_TF);
			r = run(vcpu);
			assert_true(r.debug_trap);
			assert_int_equal(r.rip, RIP_NEXT);
		}
}

/* RIP stays, and RF keeps the breakpoint on the instruction from hitting again. */
static void unfinished(void **state)
{
	(void)state;
	for
		EACH_PROFILE(cpu)
		{
			struct bf_vcpu *vcpu = start(*cpu, rep_movsb);
			struct mock_result r;

			vcpu->regs.rsi = vcpu->regs.rdi = DEVICE;
			vcpu->regs.rcx = 2;
			device.limit = 1;
			r = run(vcpu);
			assert_int_equal(r.rip, MOCK_GUEST_RIP);
			assert_int_equal(vcpu->regs.rcx, 1);
			assert_int_equal(vcpu->regs.rsi, DEVICE + 1);
			assert_true(bf_vcpu_get(vcpu, BF_RFLAGS) & RFLAGS_RF);
			vcpu->regs.rsi = vcpu->regs.rdi = DEVICE;
			r = run(vcpu);
			assert_int_equal(r.rip, RIP_NEXT);
			assert_false(bf_vcpu_get(vcpu, BF_RFLAGS) & RFLAGS_RF);
		}
}

static void faults(void **state)
{
	(void)state;
	for
		EACH_PROFILE(cpu)
		{
			struct bf_vcpu *vcpu = start(*cpu, add);
			struct mock_result r;

			device.status = BF_EFAULT;
			r = run(vcpu);
			assert_true(r.injected && r.type == BF_EVENT_EXCEPTION);
			assert_int_equal(r.vector, BF_VECTOR_PF);
			assert_true(r.has_error);
			assert_int_equal(r.error_code, 2);
			assert_int_equal(r.rip, MOCK_GUEST_RIP);
			assert_int_equal(bf_vcpu_get(vcpu, BF_CR2), DEVICE);
			assert_true(bf_vcpu_get(vcpu, BF_RFLAGS) & RFLAGS_RF);
			/* #GP: an address that is none */
			device.status = 0;
			vcpu->regs.rbx = 1ull << 60;
			r = run(vcpu);
			assert_int_equal(r.vector, BF_VECTOR_GP);
			assert_true(r.has_error && !r.error_code);
			assert_int_equal(bf_vcpu_get(vcpu, BF_CR2), DEVICE);
		}
}

/* What is left to the caller, and what to the guest. */
static void others(void **state)
{
	(void)state;
	for
		EACH_PROFILE(cpu)
		{
			struct bf_vcpu *vcpu = start(*cpu, load);
			struct bf_emu emu = {0};

			assert_int_equal(bf_emu_verdict(vcpu, &emu, BF_ENOTSUP), BF_PASS);
			assert_int_equal(bf_emu_verdict(vcpu, &emu, BF_ERANGE), BF_PASS);
			assert_int_equal(bf_emu_verdict(vcpu, &emu, BF_EPERM), BF_PASS);
			assert_int_equal(bf_emu_verdict(vcpu, &emu, BF_EINVAL), BF_DONE);
			assert_int_equal(bf_emu_verdict(vcpu, &emu, BF_EMU_AGAIN), BF_DONE);
			assert_int_equal(bf_vcpu_get(vcpu, BF_RIP), MOCK_GUEST_RIP);
			memcpy(device.insn, fld, sizeof(fld));
			assert_int_equal(run(vcpu).rip,
					 MOCK_GUEST_RIP + 1); /* HLT as it would be */
			memcpy(device.insn, registers, sizeof(registers));
			assert_int_equal(run(vcpu).rip, MOCK_GUEST_RIP + 1); /* RIP where it was */
			assert_int_equal(device.reads, 0);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads),       cmocka_unit_test(stores_with_flags),
		cmocka_unit_test(single_step), cmocka_unit_test(unfinished),
		cmocka_unit_test(faults),      cmocka_unit_test(others),
	};

	return cmocka_run_group_tests_name("emulate_vcpu", tests, NULL, NULL);
}
