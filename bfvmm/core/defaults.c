/* SPDX-License-Identifier: MIT */
/* The table of default slots. */
#include <stddef.h>
#include <bareframe/log.h>
#include <bfhw/hw.h>
#include <bfvmm/defaults.h>
#include <bfvmm/msr.h>
#include <bfvmm/panic.h>
#include <bfvmm/vcpu.h>

/* Also for those that wait: they may end at any time. */
static enum bf_verdict skip(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	(void)vcpu;
	(void)exit;
	(void)ctx;
	return BF_SKIP;
}

enum bf_verdict bf_raise_ud(struct bf_vcpu *vcpu)
{
	bf_vcpu_inject_exception(vcpu, BF_VECTOR_UD, 0);
	return BF_INJECT;
}

enum bf_verdict bf_raise_gp(struct bf_vcpu *vcpu)
{
	bf_vcpu_inject_exception(vcpu, BF_VECTOR_GP, 0);
	return BF_INJECT;
}

static enum bf_verdict undefined(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	(void)exit;
	(void)ctx;
	return bf_raise_ud(vcpu);
}

static enum bf_verdict protection(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	(void)exit;
	(void)ctx;
	return bf_raise_gp(vcpu);
}

/* INVD would drop dirty lines of the VMM too; writing them back is what INVD may do anyway. */
static enum bf_verdict wbinvd(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	(void)vcpu;
	(void)exit;
	(void)ctx;
	bf_hw_wbinvd();
	return BF_SKIP;
}

/* A shutdown of the control VM is a shutdown of the machine: say so before it goes. */
static enum bf_verdict shutdown(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	(void)exit;
	(void)ctx;
	bf_error("vCPU %u: triple fault at RIP 0x%lx", vcpu->index, bf_hv->get(vcpu, BF_RIP));
	return BF_STOP;
}

static enum bf_verdict resume(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	(void)vcpu;
	(void)exit;
	(void)ctx;
	return BF_DONE;
}

static enum bf_verdict unexpected(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	(void)ctx;
	bf_error("vCPU %u: exit %u (raw 0x%x) that nobody asked for, RIP 0x%lx", vcpu->index,
		 exit->reason, exit->raw, bf_hv->get(vcpu, BF_RIP));
	return BF_STOP;
}

enum bf_verdict bf_default_family(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	const struct bf_family *family = ctx;
	union bf_hook_io io;
	enum bf_verdict verdict;

	family->decode(vcpu, exit, &io);
	verdict = family->perform(vcpu, exit, &io);
	if (verdict == BF_SKIP && family->finish)
		family->finish(vcpu, &io);
	return verdict;
}

#define SLOT(reason, function) [BF_EXIT_##reason] = {.fn = (function)}
#define FAMILY(reason, tag)                                                                        \
	[BF_EXIT_##reason] = {.fn = bf_default_family, .ctx = &bf_families[BF_FAMILY_##tag]}

static const struct bf_slot slots[BF_EXIT_COUNT] = {
	SLOT(TRIPLE_FAULT, shutdown),
	SLOT(TASK_SWITCH, protection),
	SLOT(CPUID, bf_default_cpuid),
	FAMILY(HYPERCALL, HYPERCALL),
	SLOT(VIRT_INSTRUCTION, undefined),
	SLOT(VMFUNC, undefined),
	SLOT(GETSEC, undefined),
	SLOT(RSM, undefined),
	SLOT(INVD, wbinvd),
	SLOT(WBINVD, wbinvd),
	SLOT(HLT, skip),
	SLOT(MONITOR, skip),
	SLOT(MWAIT, skip),
	SLOT(UMWAIT, skip),
	SLOT(PAUSE, skip),
	FAMILY(RDTSC, RDTSC),
	FAMILY(RDTSCP, RDTSCP),
	FAMILY(CR_READ, CR_READ),
	FAMILY(CR_WRITE, CR_WRITE),
	FAMILY(RDMSR, MSR_READ),
	FAMILY(WRMSR, MSR_WRITE),
	FAMILY(XSETBV, XSETBV),
	FAMILY(DR_ACCESS, DR),
	FAMILY(RDPMC, RDPMC),
	FAMILY(INVLPG, INVLPG),
	SLOT(IO, bf_default_port),
	SLOT(S2_FAULT, bf_default_s2_fault),
	SLOT(SMI, resume),
	SLOT(PREEMPTION_TICK, resume),
};

static const struct bf_slot unexpected_slot = {.fn = unexpected};

const struct bf_slot *bf_default_slot(enum bf_exit_reason reason)
{
	const struct bf_slot *slot = bf_hv->slot ? bf_hv->slot(reason) : NULL;

	if (!slot)
		slot = reason < BF_EXIT_COUNT && slots[reason].fn ? &slots[reason]
								  : &unexpected_slot;
	return slot;
}

bool bf_has_default(enum bf_exit_reason reason)
{
	return bf_default_slot(reason) != &unexpected_slot;
}
