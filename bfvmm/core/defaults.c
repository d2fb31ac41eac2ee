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

/* Both exit where a hook asked for but one: VMX has one control for them. */
static enum bf_verdict rdtsc(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	uint64_t tsc = bf_hw_rdtsc(), aux;

	(void)ctx;
	vcpu->regs.rax = (uint32_t)tsc;
	vcpu->regs.rdx = tsc >> 32;
	if (exit->reason == BF_EXIT_RDTSCP && bf_hw_rdmsr_safe(MSR_TSC_AUX, &aux))
		vcpu->regs.rcx = (uint32_t)aux;
	return BF_SKIP;
}

static enum bf_verdict undefined(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	(void)exit;
	(void)ctx;
	bf_vcpu_inject_exception(vcpu, BF_VECTOR_UD, 0);
	return BF_INJECT;
}

static enum bf_verdict protection(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	(void)exit;
	(void)ctx;
	bf_vcpu_inject_exception(vcpu, BF_VECTOR_GP, 0);
	return BF_INJECT;
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

#define SLOT(reason, function) [BF_EXIT_##reason] = {.fn = (function)}

static const struct bf_slot slots[BF_EXIT_COUNT] = {
	SLOT(TRIPLE_FAULT, shutdown),
	SLOT(TASK_SWITCH, protection),
	SLOT(CPUID, bf_default_cpuid),
	SLOT(HYPERCALL, bf_default_hypercall),
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
	SLOT(RDTSC, rdtsc),
	SLOT(RDTSCP, rdtsc),
	SLOT(CR_READ, bf_default_cr),
	SLOT(CR_WRITE, bf_default_cr),
	SLOT(RDMSR, bf_default_rdmsr),
	SLOT(WRMSR, bf_default_wrmsr),
	SLOT(XSETBV, bf_default_xsetbv),
	SLOT(S2_FAULT, bf_default_s2_fault),
	SLOT(SMI, resume),
	SLOT(PREEMPTION_TICK, resume),
};

static const struct bf_slot unexpected_slot = {.fn = unexpected};

const struct bf_slot *bf_default_slot(enum bf_exit_reason reason)
{
	const struct bf_slot *slot = bf_hv->slot ? bf_hv->slot(reason) : NULL;

	if (!slot)
		slot = slots[reason].fn ? &slots[reason] : &unexpected_slot;
	return slot;
}

bool bf_has_default(enum bf_exit_reason reason)
{
	return bf_default_slot(reason) != &unexpected_slot;
}
