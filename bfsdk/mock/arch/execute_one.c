/* SPDX-License-Identifier: MIT */
/* Short forms of mock_execute_insn(), an instruction each. */
#include <bfmock/execute.h>

#define RAX 0

struct mock_result mock_execute_cpuid(struct bf_vcpu *vcpu, uint32_t leaf, uint32_t subleaf)
{
	vcpu->regs.rax = leaf;
	vcpu->regs.rcx = subleaf;
	return mock_execute(vcpu, MOCK_CPUID);
}

static void set_value(struct bf_vcpu *vcpu, uint32_t rcx, uint64_t value)
{
	vcpu->regs.rcx = rcx;
	vcpu->regs.rax = (uint32_t)value;
	vcpu->regs.rdx = value >> 32;
}

static uint64_t get_value(const struct bf_vcpu *vcpu)
{
	return (uint32_t)vcpu->regs.rax | vcpu->regs.rdx << 32;
}

struct mock_result mock_execute_rdmsr(struct bf_vcpu *vcpu, uint32_t msr, uint64_t *value)
{
	struct mock_result result;

	vcpu->regs.rcx = msr;
	result = mock_execute(vcpu, MOCK_RDMSR);
	*value = get_value(vcpu);
	return result;
}

struct mock_result mock_execute_wrmsr(struct bf_vcpu *vcpu, uint32_t msr, uint64_t value)
{
	set_value(vcpu, msr, value);
	return mock_execute(vcpu, MOCK_WRMSR);
}

struct mock_result mock_execute_xsetbv(struct bf_vcpu *vcpu, uint32_t index, uint64_t value)
{
	set_value(vcpu, index, value);
	return mock_execute(vcpu, MOCK_XSETBV);
}

struct mock_result mock_execute_hypercall(struct bf_vcpu *vcpu, uint64_t number, uint64_t arg)
{
	vcpu->regs.rax = number;
	vcpu->regs.rdi = arg;
	return mock_execute(vcpu, MOCK_HYPERCALL);
}

uint64_t mock_execute_tsc(struct bf_vcpu *vcpu, enum mock_instruction kind,
			  struct mock_result *result)
{
	*result = mock_execute(vcpu, kind);
	return get_value(vcpu);
}

uint32_t mock_execute_in(struct bf_vcpu *vcpu, uint16_t port, uint8_t size,
			 struct mock_result *result)
{
	vcpu->regs.rdx = port;
	*result = mock_execute_insn(
		vcpu, &(struct mock_insn){.kind = MOCK_IN, .port = port, .size = size});
	return (uint32_t)vcpu->regs.rax;
}

struct mock_result mock_execute_out(struct bf_vcpu *vcpu, uint16_t port, uint8_t size,
				    uint32_t value)
{
	vcpu->regs.rdx = port;
	vcpu->regs.rax = value;
	return mock_execute_insn(vcpu,
				 &(struct mock_insn){.kind = MOCK_OUT, .port = port, .size = size});
}

static struct mock_result move(struct bf_vcpu *vcpu, enum mock_instruction kind, uint8_t number)
{
	return mock_execute_insn(vcpu,
				 &(struct mock_insn){.kind = kind, .number = number, .gpr = RAX});
}

uint64_t mock_execute_cr_read(struct bf_vcpu *vcpu, uint8_t number, struct mock_result *result)
{
	*result = move(vcpu, MOCK_MOV_FROM_CR, number);
	return vcpu->regs.rax;
}

struct mock_result mock_execute_cr_write(struct bf_vcpu *vcpu, uint8_t number, uint64_t value)
{
	vcpu->regs.rax = value;
	return move(vcpu, MOCK_MOV_TO_CR, number);
}

uint64_t mock_execute_dr_read(struct bf_vcpu *vcpu, uint8_t number, struct mock_result *result)
{
	*result = move(vcpu, MOCK_MOV_FROM_DR, number);
	return vcpu->regs.rax;
}

struct mock_result mock_execute_dr_write(struct bf_vcpu *vcpu, uint8_t number, uint64_t value)
{
	vcpu->regs.rax = value;
	return move(vcpu, MOCK_MOV_TO_DR, number);
}

struct mock_result mock_execute_invlpg(struct bf_vcpu *vcpu, uint64_t address)
{
	vcpu->regs.rax = address;
	return mock_execute_insn(vcpu,
				 &(struct mock_insn){.kind = MOCK_INVLPG, .address = address});
}
