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

enum bf_verdict bf_default_cr(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	struct bf_cr_access access;

	(void)exit;
	(void)ctx;
	bf_hv->decode_cr(vcpu, &access);
	if (!access.write) {
		bf_gpr_set(vcpu, access.gpr, bf_hv->get(vcpu, field_of(access.cr)));
		return BF_SKIP;
	}
	if (bf_hv->set(vcpu, field_of(access.cr), written(vcpu, &access))) {
		bf_vcpu_inject_exception(vcpu, BF_VECTOR_GP, 0);
		return BF_INJECT;
	}
	return BF_SKIP;
}
