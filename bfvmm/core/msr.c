/* SPDX-License-Identifier: MIT */
/*
 * RDMSR and WRMSR: first the backend, which virtualizes a few, then the hardware, whose \#GP
 * becomes the guest's.
 */
#include <bfhw/hw.h>
#include <bfvmm/defaults.h>
#include <bfvmm/vcpu.h>

BF_DECODE(msr)
{
	(void)exit;
	io->msr_read.number = (uint32_t)vcpu->regs.rcx;
	io->msr_read.value = bf_edx_eax(vcpu);
	return io->msr_read.number;
}

BF_PERFORM(msr_read)
{
	struct bf_msr *m = &io->msr_read;
	int verdict = bf_hv->read_msr(vcpu, m->number, &m->value);

	(void)exit;
	if (verdict == BF_PASS)
		verdict = bf_hw_rdmsr_safe(m->number, &m->value) ? BF_SKIP : BF_INJECT;
	return verdict == BF_INJECT ? bf_raise_gp(vcpu) : BF_SKIP;
}

BF_PERFORM(msr_write)
{
	const struct bf_msr *m = &io->msr_write;
	int verdict = bf_hv->write_msr(vcpu, m->number, m->value);

	(void)exit;
	if (verdict == BF_PASS)
		verdict = bf_hw_wrmsr_safe(m->number, m->value) ? BF_SKIP : BF_INJECT;
	return verdict == BF_INJECT ? bf_raise_gp(vcpu) : BF_SKIP;
}

BF_FINISH(msr)
{
	bf_set_edx_eax(vcpu, io->msr_read.value);
}

BF_DECODE(xsetbv)
{
	(void)exit;
	io->xsetbv.index = (uint32_t)vcpu->regs.rcx;
	io->xsetbv.value = bf_edx_eax(vcpu);
	return io->xsetbv.index;
}

BF_PERFORM(xsetbv_perform)
{
	(void)exit;
	if (bf_hv->get(vcpu, BF_CPL) || !bf_hw_xsetbv_safe(io->xsetbv.index, io->xsetbv.value))
		return bf_raise_gp(vcpu);
	return BF_SKIP;
}
