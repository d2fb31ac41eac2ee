/* SPDX-License-Identifier: MIT */
/* What instructions do that no control makes exit. */
#include <bfvmm/defaults.h>
#include "backend.h"

static const enum bf_field cr_fields[] = {
	[0] = BF_CR0, [2] = BF_CR2, [3] = BF_CR3, [4] = BF_CR4, [8] = BF_CR8};

static bool give(struct bf_vcpu *vcpu, uint64_t value)
{
	vcpu->regs.rax = (uint32_t)value;
	vcpu->regs.rdx = value >> 32;
	return true;
}

static bool rdmsr(struct bf_vcpu *vcpu, const struct mock_insn *insn)
{
	uint64_t value;

	(void)insn;
	return bf_hw_rdmsr_safe((uint32_t)vcpu->regs.rcx, &value) && give(vcpu, value);
}

static uint64_t taken(const struct bf_vcpu *vcpu)
{
	return (uint32_t)vcpu->regs.rax | vcpu->regs.rdx << 32;
}

static bool wrmsr(struct bf_vcpu *vcpu, const struct mock_insn *insn)
{
	(void)insn;
	return bf_hw_wrmsr_safe((uint32_t)vcpu->regs.rcx, taken(vcpu));
}

static bool xsetbv(struct bf_vcpu *vcpu, const struct mock_insn *insn)
{
	(void)insn;
	return bf_hw_xsetbv_safe((uint32_t)vcpu->regs.rcx, taken(vcpu));
}

static bool cpuid(struct bf_vcpu *vcpu, const struct mock_insn *insn)
{
	struct bf_regs *regs = &vcpu->regs;

	(void)insn;
	bf_hw_cpuid_regs(&regs->rax, &regs->rbx, &regs->rcx, &regs->rdx);
	return true;
}

static bool rdtsc(struct bf_vcpu *vcpu, const struct mock_insn *insn)
{
	if (insn->kind == MOCK_RDTSCP_INSN)
		vcpu->regs.rcx = 0;
	return give(vcpu, mock.tsc + bf_vcpu_get(vcpu, BF_TSC_OFFSET));
}

/* The machine has counters that stand still. */
static bool rdpmc(struct bf_vcpu *vcpu, const struct mock_insn *insn)
{
	(void)insn;
	return give(vcpu, 0);
}

static bool in(struct bf_vcpu *vcpu, const struct mock_insn *insn)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < insn->size; i++)
		value |= (uint64_t)mock.port_in[(uint16_t)(insn->port + i)] << 8 * i;
	if (insn->size < 4)
		value |= vcpu->regs.rax & ~((1ull << 8 * insn->size) - 1);
	vcpu->regs.rax = value;
	return true;
}

static bool out(struct bf_vcpu *vcpu, const struct mock_insn *insn)
{
	for (uint32_t i = 0; i < insn->size; i++)
		bf_hw_outb((uint16_t)(insn->port + i), (uint8_t)(vcpu->regs.rax >> 8 * i));
	return true;
}

static bool from_cr(struct bf_vcpu *vcpu, const struct mock_insn *insn)
{
	bf_gpr_set(vcpu, insn->gpr, bf_vcpu_get(vcpu, cr_fields[insn->number]));
	return true;
}

static bool to_cr(struct bf_vcpu *vcpu, const struct mock_insn *insn)
{
	bf_vcpu_set(vcpu, cr_fields[insn->number], bf_gpr_get(vcpu, insn->gpr));
	return true;
}

/* Of the first four the guest's are the CPU's. */
static bool from_dr(struct bf_vcpu *vcpu, const struct mock_insn *insn)
{
	uint64_t value = insn->number < 4    ? mock_this()->dr[insn->number]
			 : insn->number == 7 ? bf_vcpu_get(vcpu, BF_DR7)
					     : bf_vcpu_get(vcpu, BF_DR6);

	bf_gpr_set(vcpu, insn->gpr, value);
	return true;
}

static bool to_dr(struct bf_vcpu *vcpu, const struct mock_insn *insn)
{
	uint64_t value = bf_gpr_get(vcpu, insn->gpr);

	if (insn->number < 4)
		mock_this()->dr[insn->number] = value;
	else
		bf_vcpu_set(vcpu, insn->number == 7 ? BF_DR7 : BF_DR6, value);
	return true;
}

/* By kind; those that are not here change nothing that the model has. */
static bool (*const effects[MOCK_INSTRUCTIONS])(struct bf_vcpu *, const struct mock_insn *) = {
	[MOCK_CPUID] = cpuid,         [MOCK_RDMSR] = rdmsr,     [MOCK_WRMSR] = wrmsr,
	[MOCK_XSETBV] = xsetbv,       [MOCK_RDTSC] = rdtsc,     [MOCK_RDTSCP_INSN] = rdtsc,
	[MOCK_RDPMC] = rdpmc,         [MOCK_IN] = in,           [MOCK_OUT] = out,
	[MOCK_MOV_FROM_CR] = from_cr, [MOCK_MOV_TO_CR] = to_cr, [MOCK_MOV_FROM_DR] = from_dr,
	[MOCK_MOV_TO_DR] = to_dr,
};

struct mock_result mock_native(struct bf_vcpu *vcpu, const struct mock_insn *insn, uint64_t next)
{
	struct mock_result result = {.rip = bf_vcpu_get(vcpu, BF_RIP)};

	if (effects[insn->kind] && !effects[insn->kind](vcpu, insn)) {
		result.injected = true;
		result.type = BF_EVENT_EXCEPTION;
		result.vector = BF_VECTOR_GP;
		result.has_error = true;
		return result;
	}
	bf_vcpu_set(vcpu, BF_RIP, next);
	result.rip = next;
	return result;
}
