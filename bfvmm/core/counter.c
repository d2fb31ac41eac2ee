/* SPDX-License-Identifier: MIT */
/* RDTSC, RDTSCP and RDPMC. */
#include <bfhw/hw.h>
#include <bfvmm/defaults.h>
#include <bfvmm/msr.h>
#include <bfvmm/vcpu.h>

/* CPUs may exit before they check whether the instruction is allowed in user mode. */
static bool allowed(struct bf_vcpu *vcpu, bool everywhere)
{
	return everywhere || !bf_hv->get(vcpu, BF_CPL) || !(bf_hv->get(vcpu, BF_CR0) & CR0_PE);
}

BF_DECODE(tsc)
{
	(void)vcpu;
	(void)exit;
	io->rdtsc = (struct bf_tsc){0};
	return 0;
}

BF_PERFORM(tsc_perform)
{
	(void)exit;
	if (!allowed(vcpu, !(bf_hv->get(vcpu, BF_CR4) & CR4_TSD)))
		return bf_raise_gp(vcpu);
	io->rdtsc.value = bf_hw_rdtsc() + bf_hv->get(vcpu, BF_TSC_OFFSET);
	return BF_SKIP;
}

BF_PERFORM(tscp_perform)
{
	uint64_t aux = 0;

	(void)bf_hw_rdmsr_safe(MSR_TSC_AUX, &aux);
	io->rdtscp.aux = (uint32_t)aux;
	return bf_tsc_perform(vcpu, exit, io);
}

BF_FINISH(tsc)
{
	bf_set_edx_eax(vcpu, io->rdtsc.value);
}

BF_FINISH(tscp)
{
	bf_set_edx_eax(vcpu, io->rdtscp.value);
	vcpu->regs.rcx = io->rdtscp.aux;
}

BF_DECODE(rdpmc)
{
	(void)exit;
	io->rdpmc.counter = (uint32_t)vcpu->regs.rcx;
	io->rdpmc.value = 0;
	return io->rdpmc.counter;
}

BF_PERFORM(rdpmc_perform)
{
	(void)exit;
	if (!allowed(vcpu, bf_hv->get(vcpu, BF_CR4) & CR4_PCE) ||
	    !bf_hw_rdpmc_safe(io->rdpmc.counter, &io->rdpmc.value))
		return bf_raise_gp(vcpu);
	return BF_SKIP;
}

BF_FINISH(rdpmc)
{
	bf_set_edx_eax(vcpu, io->rdpmc.value);
}
