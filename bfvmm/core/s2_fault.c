/* SPDX-License-Identifier: MIT */
#include <bfvmm/defaults.h>
#include <bfvmm/panic.h>
#include <bfvmm/s2.h>
#include <bfvmm/vcpu.h>

/*
 * A fault on a page that is mapped with all rights: a stale translation, or another CPU has just
 * mapped it. Both come to an end for any one page.
 */
#define STALE_MAX 64u

static uint32_t count_stale(struct bf_vcpu *vcpu, uint64_t page)
{
	if (vcpu->stale_page != page)
		vcpu->stale_faults = 0;
	vcpu->stale_page = page;
	return ++vcpu->stale_faults;
}

enum bf_verdict bf_default_s2_fault(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	uint64_t gpa = bf_hv->get(vcpu, BF_EXIT_GPA);
	int status = bf_s2_fault(vcpu->vm, gpa);

	(void)exit;
	(void)ctx;
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
