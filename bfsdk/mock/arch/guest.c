/* SPDX-License-Identifier: MIT */
/* Instructions of a guest. */
#include <string.h>
#include <bfhw/phys.h>
#include "backend.h"

static const struct mock_backend *backend(void)
{
	return mock.profile->vendor == MOCK_INTEL ? &mock_vmx_backend : &mock_svm_backend;
}

struct bf_vcpu *mock_vcpu(void)
{
	if (!mock_this()->pcpu || !mock_this()->pcpu->vcpu)
		mock_fault("CPU %u runs no vCPU", mock.cpu);
	return mock_this()->pcpu->vcpu;
}

struct exiting {
	struct bf_vcpu *vcpu;
	const struct mock_exit *exit;
};

static void run_exit(void *ctx)
{
	struct exiting *e = ctx;

	backend()->exit(e->vcpu, e->exit);
}

static enum mock_end exit_once(struct bf_vcpu *vcpu, const struct mock_exit *exit)
{
	struct exiting e = {vcpu, exit};
	enum mock_end end;

	mock_this()->in_vmm++;
	end = mock_catch(run_exit, &e);
	mock_this()->in_vmm--;
	return end;
}

static bool exits(const struct mock_exit *exit)
{
	return exit->reason || exit->interruption;
}

/* An NMI that came while the VMM kept NMIs back comes now that it has entered the guest. */
static enum mock_end late_nmis(struct bf_vcpu *vcpu)
{
	enum mock_end end = MOCK_RETURNED;

	while (end == MOCK_RETURNED && mock_this()->nmi) {
		struct mock_exit exit = backend()->nmi(vcpu);

		mock_this()->nmi = exits(&exit) && mock.profile->vendor == MOCK_AMD;
		mock_this()->guest_nmis += !exits(&exit);
		if (exits(&exit))
			end = exit_once(vcpu, &exit);
	}
	return end;
}

bool mock_nmi_to_guest(void)
{
	struct bf_vcpu *vcpu = mock_vcpu();
	struct mock_exit exit = backend()->nmi(vcpu);

	if (exits(&exit))
		(void)late_nmis(vcpu);
	return exits(&exit);
}

struct mock_result mock_guest_exit(struct bf_vcpu *vcpu, const struct mock_exit *exit)
{
	struct mock_result result = {.exited = true};

	result.end = exit_once(vcpu, exit);
	if (result.end == MOCK_RETURNED)
		result.end = late_nmis(vcpu);
	mock_settle();
	if (result.end == MOCK_RETURNED)
		backend()->result(vcpu, &result);
	return result;
}

static struct mock_result native_fault(struct mock_result result, uint8_t vector)
{
	result.injected = true;
	result.type = BF_EVENT_EXCEPTION;
	result.vector = vector;
	result.has_error = vector == BF_VECTOR_GP;
	return result;
}

/* What the processor does itself, as no control makes it exit. */
static struct mock_result native(struct bf_vcpu *vcpu, enum mock_instruction instruction)
{
	struct bf_regs *regs = &vcpu->regs;
	uint64_t value = (uint32_t)regs->rax | regs->rdx << 32;
	struct mock_result result = {0};
	bool ok = true;

	if (instruction == MOCK_WRMSR) {
		ok = bf_hw_wrmsr_safe((uint32_t)regs->rcx, value);
	} else if (instruction == MOCK_XSETBV) {
		ok = bf_hw_xsetbv_safe((uint32_t)regs->rcx, value);
	} else if (instruction == MOCK_RDMSR) {
		ok = bf_hw_rdmsr_safe((uint32_t)regs->rcx, &value);
		regs->rax = (uint32_t)value;
		regs->rdx = value >> 32;
	} else if (instruction == MOCK_CPUID) {
		bf_hw_cpuid_regs(&regs->rax, &regs->rbx, &regs->rcx, &regs->rdx);
	}
	if (!ok)
		return native_fault(result, BF_VECTOR_GP);
	result.rip = bf_vcpu_get(vcpu, BF_RIP) + backend()->instruction[instruction].length;
	bf_vcpu_set(vcpu, BF_RIP, result.rip);
	return result;
}

static bool privileged(enum mock_instruction instruction)
{
	return instruction == MOCK_RDMSR || instruction == MOCK_WRMSR || instruction == MOCK_INVD ||
	       (instruction == MOCK_XSETBV && mock.profile->vendor == MOCK_AMD);
}

struct mock_result mock_execute(struct bf_vcpu *vcpu, enum mock_instruction instruction)
{
	uint64_t rip = bf_vcpu_get(vcpu, BF_RIP);
	struct mock_exit exit = {
		.reason = backend()->instruction[instruction].reason,
		.qualification = backend()->instruction[instruction].qualification,
		.length = backend()->instruction[instruction].length,
	};

	memcpy(bf_phys_to_virt(rip), backend()->instruction[instruction].bytes, exit.length);
	if (privileged(instruction) && bf_vcpu_get(vcpu, BF_CPL))
		return native_fault((struct mock_result){.rip = rip}, BF_VECTOR_GP);
	if (!backend()->exits(vcpu, instruction))
		return native(vcpu, instruction);
	return mock_guest_exit(vcpu, &exit);
}

struct mock_result mock_execute_cpuid(struct bf_vcpu *vcpu, uint32_t leaf, uint32_t subleaf)
{
	vcpu->regs.rax = leaf;
	vcpu->regs.rcx = subleaf;
	return mock_execute(vcpu, MOCK_CPUID);
}

struct mock_result mock_execute_rdmsr(struct bf_vcpu *vcpu, uint32_t msr, uint64_t *value)
{
	struct mock_result result;

	vcpu->regs.rcx = msr;
	result = mock_execute(vcpu, MOCK_RDMSR);
	*value = (uint32_t)vcpu->regs.rax | vcpu->regs.rdx << 32;
	return result;
}

struct mock_result mock_execute_wrmsr(struct bf_vcpu *vcpu, uint32_t msr, uint64_t value)
{
	vcpu->regs.rcx = msr;
	vcpu->regs.rax = (uint32_t)value;
	vcpu->regs.rdx = value >> 32;
	return mock_execute(vcpu, MOCK_WRMSR);
}

struct mock_result mock_execute_xsetbv(struct bf_vcpu *vcpu, uint32_t index, uint64_t value)
{
	vcpu->regs.rcx = index;
	vcpu->regs.rax = (uint32_t)value;
	vcpu->regs.rdx = value >> 32;
	return mock_execute(vcpu, MOCK_XSETBV);
}

struct mock_result mock_execute_hypercall(struct bf_vcpu *vcpu, uint64_t number, uint64_t arg)
{
	vcpu->regs.rax = number;
	vcpu->regs.rdi = arg;
	return mock_execute(vcpu, MOCK_HYPERCALL);
}
