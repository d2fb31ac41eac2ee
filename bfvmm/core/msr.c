/* SPDX-License-Identifier: MIT */
/*
 * RDMSR and WRMSR: first the backend, which virtualizes a few, then the hardware, whose \#GP
 * becomes the guest's.
 */
#include <bfhw/hw.h>
#include <bfvmm/defaults.h>
#include <bfvmm/vcpu.h>

static enum bf_verdict general_protection(struct bf_vcpu *vcpu)
{
	bf_vcpu_inject_exception(vcpu, BF_VECTOR_GP, 0);
	return BF_INJECT;
}

enum bf_verdict bf_default_rdmsr(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	uint32_t msr = (uint32_t)vcpu->regs.rcx;
	uint64_t value = 0;
	int verdict = bf_hv->read_msr(vcpu, msr, &value);

	(void)exit;
	(void)ctx;
	if (verdict == BF_PASS)
		verdict = bf_hw_rdmsr_safe(msr, &value) ? BF_SKIP : BF_INJECT;
	if (verdict == BF_INJECT)
		return general_protection(vcpu);
	vcpu->regs.rax = (uint32_t)value;
	vcpu->regs.rdx = value >> 32;
	return BF_SKIP;
}

enum bf_verdict bf_default_wrmsr(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	uint32_t msr = (uint32_t)vcpu->regs.rcx;
	uint64_t value = (uint32_t)vcpu->regs.rax | vcpu->regs.rdx << 32;
	int verdict = bf_hv->write_msr(vcpu, msr, value);

	(void)exit;
	(void)ctx;
	if (verdict == BF_PASS)
		verdict = bf_hw_wrmsr_safe(msr, value) ? BF_SKIP : BF_INJECT;
	return verdict == BF_INJECT ? general_protection(vcpu) : BF_SKIP;
}

enum bf_verdict bf_default_xsetbv(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	uint64_t value = (uint32_t)vcpu->regs.rax | vcpu->regs.rdx << 32;

	(void)exit;
	(void)ctx;
	if (bf_hv->get(vcpu, BF_CPL) || !bf_hw_xsetbv_safe((uint32_t)vcpu->regs.rcx, value))
		return general_protection(vcpu);
	return BF_SKIP;
}
