/* SPDX-License-Identifier: MIT */
/* An extension that does nothing wrong: its hooks go on working. */
#include "broken.h"

static uint32_t seen;

static enum bf_verdict on_ask(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	(void)vcpu;
	(void)ctx;
	io->eax = BYSTANDER_ANSWER;
	io->ebx = __atomic_load_n(&seen, __ATOMIC_RELAXED);
	io->ecx = io->edx = 0;
	return BF_SKIP;
}

static enum bf_verdict on_cpuid(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	(void)vcpu;
	(void)io;
	(void)ctx;
	__atomic_fetch_add(&seen, 1, __ATOMIC_RELAXED);
	return BF_PASS;
}

static enum bf_verdict on_msr(struct bf_vcpu *vcpu, struct bf_msr *io, void *ctx)
{
	(void)vcpu;
	(void)io;
	(void)ctx;
	__atomic_fetch_add(&seen, 1, __ATOMIC_RELAXED);
	return BF_PASS;
}

/* Behind the broken one in each chain: there it is called only if the chain goes on. */
static int init(struct bf_ext *ext)
{
	const struct bf_range leaf = BF_LEAF(BROKEN_LEAF, BROKEN_LEAF);
	int status = bf_hook_cpuid(ext, BF_ALL_VMS, BF_LEAF(BYSTANDER_LEAF, BYSTANDER_LEAF), on_ask,
				   NULL, BF_PRIO_NORMAL, NULL);

	seen = 0;
	if (!status)
		status = bf_hook_cpuid(ext, BF_ALL_VMS, leaf, on_cpuid, NULL, BF_PRIO_LAST, NULL);
	if (!status)
		status = bf_hook_cpuid_post(ext, BF_ALL_VMS, leaf, on_cpuid, NULL, BF_PRIO_LAST,
					    NULL);
	if (!status)
		status = bf_hook_msr_read(ext, BF_ALL_VMS, BF_MSR(BROKEN_MSR, BROKEN_MSR), on_msr,
					  NULL, BF_PRIO_LAST, NULL);
	return status;
}

BF_EXTENSION(bystander, .version = "1.0", .license = "MIT", .init = init);
