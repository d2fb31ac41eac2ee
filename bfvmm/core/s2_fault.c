/* SPDX-License-Identifier: MIT */
/* Second-level faults: memory that is not mapped yet, and what rules and hooks want to know of. */
#include <stddef.h>
#include <bareframe/log.h>
#include <bfvmm/defaults.h>
#include <bfvmm/panic.h>
#include <bfvmm/s2_through.h>
#include <bfvmm/vcpu.h>

/*
 * A fault on a page that is mapped with all rights: a stale translation, or another CPU has just
 * mapped it. Both come to an end for any one page.
 */
#define STALE_MAX 64u

#define DENIED_LOGGED   16u
#define VECTORING_VALID (1u << 31)

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
	int status = bf_s2_fault_in(bf_s2_active(vcpu), gpa);

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

bool bf_s2_ask(struct bf_s2_exit *x, const struct bf_s2_access *access)
{
	union bf_hook_io io = {.s2 = {.access = *access}};
	uint64_t page = access->gpa & BF_PAGE_MASK;
	enum bf_verdict verdict;

	for (uint32_t i = 0; i < x->asked_count; i++)
		if (x->asked[i].page == page && x->asked[i].kind == access->kind)
			return true;
	verdict = x->each(x->each_ctx, access->gpa, &io);
	if (!io.s2.passed) {
		x->verdict = verdict;
		return false;
	}
	if (x->asked_count < BF_S2_ASKED_MAX) {
		x->asked[x->asked_count].page = page;
		x->asked[x->asked_count++].kind = access->kind;
	}
	return true;
}

/* What the emulator can do: an instruction's own access to data. */
static bool is_plain(struct bf_vcpu *vcpu, const struct bf_s2_access *access)
{
	return access->kind != BF_S2_EXEC && !access->walk &&
	       !(bf_hv->get(vcpu, BF_EXIT_VECTORING) & VECTORING_VALID);
}

static enum bf_verdict through(struct bf_s2_exit *x)
{
	struct bf_vcpu *vcpu = x->guest.vcpu;
	enum bf_verdict verdict = BF_PASS;

	if (is_plain(vcpu, &x->access))
		verdict = bf_s2_emulate(x);
	return verdict == BF_PASS ? bf_s2_open(vcpu, &x->access) : verdict;
}

static enum bf_verdict ruled(struct bf_s2_exit *x, const struct bf_s2_sum *sum)
{
	bool forbidden = (sum->denied | (sum->mmio ? BF_S2_EXEC : 0)) & x->access.kind;
	bool plain_device = sum->mmio && is_plain(x->guest.vcpu, &x->access);

	if (!plain_device && !bf_s2_ask(x, &x->access))
		return x->verdict;
	return forbidden ? forbid(x->guest.vcpu, &x->access) : through(x);
}

enum bf_verdict bf_s2_drive(struct bf_vcpu *vcpu, struct bf_exit *exit, bf_each_fn each, void *ctx)
{
	struct bf_s2_exit x = {.guest = {.vcpu = vcpu},
			       .exit = exit,
			       .each = each,
			       .each_ctx = ctx,
			       .verdict = BF_VERDICT_COUNT};
	struct bf_s2_sum sum;
	enum bf_verdict verdict;
	uint32_t denied;

	bf_hv->decode_s2(vcpu, &x.access);
	bf_lock(&bf_s2_lock);
	(void)bf_s2_sum(bf_vcpu_view(vcpu), x.access.gpa & BF_PAGE_MASK, BF_PAGE_SIZE, &sum);
	bf_unlock(&bf_s2_lock);
	denied = BF_S2_RWX & ~bf_s2_granted(BF_S2_RWX & ~(sum.denied | sum.hooked));
	if (bf_s2_stay_open(vcpu, &x.access, denied & BF_S2_EXEC))
		return BF_DONE;
	if (!(denied & x.access.kind))
		return resolve(vcpu, x.access.gpa);
	verdict = ruled(&x, &sum);
	if (verdict == BF_SKIP)
		verdict = bf_s2_skip(vcpu);
	if (x.verdict != BF_VERDICT_COUNT)
		bf_s2_close(vcpu);
	return verdict;
}

static enum bf_verdict perform(struct bf_vcpu *vcpu, struct bf_exit *exit, union bf_hook_io *io)
{
	(void)vcpu;
	(void)exit;
	io->s2.passed = true;
	return BF_SKIP;
}

const struct bf_family bf_s2_family = {
	.name = "second-level fault",
	.reason = BF_EXIT_S2_FAULT,
	.last = UINT64_MAX,
	.perform = perform,
	.drive = bf_s2_drive,
};

static enum bf_verdict nobody(void *ctx, uint64_t key, union bf_hook_io *io)
{
	(void)ctx;
	(void)key;
	return perform(NULL, NULL, io);
}

enum bf_verdict bf_default_s2_fault(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	(void)ctx;
	return bf_s2_drive(vcpu, exit, nobody, NULL);
}
