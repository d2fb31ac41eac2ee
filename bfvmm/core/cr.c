/* SPDX-License-Identifier: MIT */
/*
 * Control-register accesses that exit though no hook asked: writes that touch a bit which the
 * virtualization reserves for itself, and CR3 on CPUs that cannot leave it alone.
 */
#include <bfvmm/defaults.h>
#include <bfvmm/msr.h>
#include <bfvmm/vcpu.h>

static enum bf_field field_of(uint8_t cr)
{
	switch (cr) {
	case 0:
		return BF_CR0;
	case 2:
		return BF_CR2;
	case 3:
		return BF_CR3;
	case 4:
		return BF_CR4;
	default:
		return BF_CR8;
	}
}

static uint64_t written(struct bf_vcpu *vcpu, const struct bf_cr_access *a)
{
	uint64_t cr0;

	if (!a->clts && !a->lmsw)
		return a->value;
	cr0 = bf_hv->get(vcpu, BF_CR0);
	if (a->clts)
		return cr0 & ~CR0_TS;
	/* LMSW writes the low four bits and cannot clear PE. */
	return (cr0 & ~0xeULL) | (a->value & 0xf);
}

BF_DECODE(cr)
{
	struct bf_cr_access access;

	(void)exit;
	bf_hv->decode_cr(vcpu, &access);
	io->cr_write.cr = access.cr;
	io->cr_write.gpr = access.gpr;
	io->cr_write.value = access.write ? written(vcpu, &access) : 0;
	return access.cr;
}

BF_PERFORM(cr_read)
{
	(void)exit;
	io->cr_read.value = bf_hv->get(vcpu, field_of(io->cr_read.cr));
	return BF_SKIP;
}

BF_PERFORM(cr_write)
{
	(void)exit;
	if (bf_hv->set(vcpu, field_of(io->cr_write.cr), io->cr_write.value))
		return bf_raise_gp(vcpu);
	return BF_SKIP;
}

BF_FINISH(cr)
{
	bf_gpr_set(vcpu, io->cr_read.gpr, io->cr_read.value);
}
