/* SPDX-License-Identifier: MIT */
#include <bfvmm/defaults.h>
#include <bfvmm/vcpu.h>

#define NUMBER_RSP 4u

/* struct bf_regs is in encoding order, without RSP. */
static uint64_t *slot(struct bf_vcpu *vcpu, uint32_t number)
{
	return &vcpu->regs.rax + (number < NUMBER_RSP ? number : number - 1);
}

uint64_t bf_gpr_get(struct bf_vcpu *vcpu, uint32_t number)
{
	return number == NUMBER_RSP ? bf_hv->get(vcpu, BF_RSP) : *slot(vcpu, number);
}

void bf_gpr_set(struct bf_vcpu *vcpu, uint32_t number, uint64_t value)
{
	if (number == NUMBER_RSP) {
		(void)bf_hv->set(vcpu, BF_RSP, value);
		return;
	}
	*slot(vcpu, number) = value;
	bf_vcpu_pend(vcpu, BF_PENDING_REGS);
}

uint64_t bf_edx_eax(const struct bf_vcpu *vcpu)
{
	return (uint32_t)vcpu->regs.rax | vcpu->regs.rdx << 32;
}

void bf_set_edx_eax(struct bf_vcpu *vcpu, uint64_t value)
{
	vcpu->regs.rax = (uint32_t)value;
	vcpu->regs.rdx = value >> 32;
}
