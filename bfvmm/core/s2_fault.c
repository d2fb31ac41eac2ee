/* SPDX-License-Identifier: MIT */
#include <bareframe/log.h>
#include <bfvmm/defaults.h>
#include <bfvmm/panic.h>
#include <bfvmm/s2.h>
#include <bfvmm/vcpu.h>

/*
 * A fault on a page that is mapped with all rights: a stale translation, or another CPU has just
 * mapped it. Both come to an end for any one page.
 */
#define STALE_MAX 64u

#define DENIED_LOGGED 16u

static uint32_t count_stale(struct bf_vcpu *vcpu, uint64_t page)
{
	if (vcpu->stale_page != page)
		vcpu->stale_faults = 0;
	vcpu->stale_page = page;
	return ++vcpu->stale_faults;
}

/* No rule is the reason. */
static enum bf_verdict resolve(struct bf_vcpu *vcpu, uint64_t gpa)
{
	int status = bf_s2_fault_in(bf_vcpu_view(vcpu), gpa);

	if (status == BF_ENOMEM)
		bf_panic("no page left to map guest-physical address 0x%lx; load with a larger "
			 "page pool",
			 gpa);
	if (!status)
		return BF_DONE;
	if (count_stale(vcpu, gpa & BF_PAGE_MASK) > STALE_MAX)
		bf_panic("guest-physical address 0x%lx is mapped but keeps faulting", gpa);
	bf_hv->s2_flush(vcpu);
	return BF_DONE;
}

static enum bf_verdict forbid(struct bf_vcpu *vcpu, const struct bf_s2_access *access)
{
	static uint32_t logged;

	if (__atomic_fetch_add(&logged, 1, __ATOMIC_RELAXED) < DENIED_LOGGED)
		bf_warn("vCPU %u: RIP 0x%lx may not %s guest-physical address 0x%lx", vcpu->index,
			bf_hv->get(vcpu, BF_RIP),
			access->kind == BF_S2_EXEC    ? "execute"
			: access->kind == BF_S2_WRITE ? "write"
						      : "read",
			access->gpa);
	return bf_raise_gp(vcpu);
}

enum bf_verdict bf_default_s2_fault(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	struct bf_s2_access access;

	(void)exit;
	(void)ctx;
	bf_hv->decode_s2(vcpu, &access);
	if (bf_s2_rights(vcpu, access.gpa) & access.kind)
		return resolve(vcpu, access.gpa);
	return forbid(vcpu, &access);
}
