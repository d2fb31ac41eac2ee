/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <bfabi/hypercall.h>
#include <bfhw/hw.h>
#include <bfvmm/defaults.h>
#include <bfvmm/hooks.h>
#include <bfvmm/log.h>
#include <bfvmm/msr.h>
#include <bfvmm/ram.h>
#include <bfvmm/vcpu.h>

typedef int64_t (*hypercall_fn)(struct bf_vcpu *vcpu, uint64_t argument);

static int64_t version(struct bf_vcpu *vcpu, uint64_t argument)
{
	(void)vcpu;
	(void)argument;
	return BF_HC_ABI;
}

static int64_t stop(struct bf_vcpu *vcpu, uint64_t argument)
{
	(void)argument;
	bf_vcpu_pend(vcpu, BF_PENDING_STOP);
	return 0;
}

/* A page of the caller's own memory. */
static void *page_at(uint64_t gpa)
{
	return gpa & ~BF_PAGE_MASK ? NULL : bf_control_memory(gpa, BF_PAGE_SIZE);
}

static int64_t log_read(struct bf_vcpu *vcpu, uint64_t argument)
{
	struct bf_log_page *page = page_at(argument);

	(void)vcpu;
	if (!page)
		return BF_EFAULT;
	return bf_log_read(page);
}

static int64_t stats(struct bf_vcpu *vcpu, uint64_t argument)
{
	struct bf_stats_page *page = page_at(argument);
	const struct bf_vcpu *of;

	if (!page)
		return BF_EFAULT;
	uint32_t cpu = __atomic_load_n(&page->cpu, __ATOMIC_RELAXED);
	if (cpu >= BF_MAX_CPUS || !vcpu->vm->vcpu[cpu])
		return BF_ENOENT;
	of = vcpu->vm->vcpu[cpu];
	page->reasons = BF_EXIT_COUNT;
	page->tsc = bf_hw_rdtsc();
	for (uint32_t i = 0; i < BF_EXIT_COUNT; i++)
		page->exits[i] = of->exits[i];
	return 0;
}

static int64_t extensions(struct bf_vcpu *vcpu, uint64_t argument)
{
	struct bf_ext_page *page = page_at(argument);

	if (!page)
		return BF_EFAULT;
	return bf_ext_account(vcpu->vm, __atomic_load_n(&page->first, __ATOMIC_RELAXED), page);
}

_Static_assert(BF_EXIT_COUNT <= BF_STATS_REASONS, "the statistics page holds all reasons");
_Static_assert(sizeof(struct bf_log_page) <= BF_PAGE_SIZE, "one page");
_Static_assert(sizeof(struct bf_stats_page) <= BF_PAGE_SIZE, "one page");
_Static_assert(sizeof(struct bf_ext_page) <= BF_PAGE_SIZE, "one page");

static const hypercall_fn hypercalls[] = {
	[BF_HC_VERSION - BF_HC_BASE] = version,       [BF_HC_STOP - BF_HC_BASE] = stop,
	[BF_HC_LOG_READ - BF_HC_BASE] = log_read,     [BF_HC_STATS - BF_HC_BASE] = stats,
	[BF_HC_EXTENSIONS - BF_HC_BASE] = extensions,
};

static bool in_64bit(struct bf_vcpu *vcpu)
{
	return (bf_hv->get(vcpu, BF_EFER) & EFER_LMA) && (bf_hv->get(vcpu, BF_CS_ACCESS) & BF_AR_L);
}

BF_DECODE(hypercall)
{
	const struct bf_regs *regs = &vcpu->regs;
	const uint64_t mask = in_64bit(vcpu) ? UINT64_MAX : UINT32_MAX;

	(void)exit;
	io->hypercall = (struct bf_hypercall){
		.number = regs->rax & mask,
		.argument = {regs->rdi & mask, regs->rsi & mask, regs->rdx & mask,
			     regs->rcx & mask},
		.cpl = (uint8_t)bf_hv->get(vcpu, BF_CPL),
	};
	return io->hypercall.number;
}

/* Whoever is not asking us gets what VMCALL and VMMCALL do on a machine without a VMM. */
BF_PERFORM(hypercall_perform)
{
	struct bf_hypercall *h = &io->hypercall;
	uint64_t number = h->number - BF_HC_BASE;

	(void)exit;
	if (number >= sizeof(hypercalls) / sizeof(hypercalls[0]) || vcpu->vm->id || h->cpl ||
	    !in_64bit(vcpu))
		return bf_raise_ud(vcpu);
	h->result = (uint64_t)hypercalls[number](vcpu, h->argument[0]);
	return BF_SKIP;
}

BF_FINISH(hypercall)
{
	vcpu->regs.rax = io->hypercall.result;
}
