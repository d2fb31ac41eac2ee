/* SPDX-License-Identifier: MIT */
/*
 * CPUID as the control VM sees it: the hardware's, without the virtualization that the VMM
 * itself uses, with the hypervisor leaves, and with the bits that mirror the guest's CR4.
 */
#include <bfabi/hypercall.h>
#include <bfhw/hw.h>
#include <bfvmm/defaults.h>
#include <bfvmm/msr.h>
#include <bfvmm/vcpu.h>

#define LEAF_HYPERVISOR      0x40000000u
#define LEAF_HYPERVISOR_LAST 0x400000ffu

#define CPUID_1_ECX_OSXSAVE    (1u << 27)
#define CPUID_1_ECX_HYPERVISOR (1u << 31)
#define CPUID_7_ECX_OSPKE      (1u << 4)

/*
 * The leaves that are not the hardware's, by the low bits of their number: 1, 7, 8000_0001,
 * 8000_000A. Others that share the low bits take the longer way for nothing.
 */
#define PATCHED_LEAVES (1u << 1 | 1u << 7 | 1u << 0xa)

static void set_bit(uint32_t *word, uint32_t bit, bool on)
{
	*word = on ? *word | bit : *word & ~bit;
}

static void hypervisor_leaf(uint32_t leaf, struct bf_hw_cpuid *r)
{
	*r = (struct bf_hw_cpuid){0};
	if (leaf == LEAF_HYPERVISOR)
		*r = (struct bf_hw_cpuid){
			.eax = LEAF_HYPERVISOR + 1,
			.ebx = 'B' | 'a' << 8 | 'r' << 16 | 'e' << 24,
			.ecx = 'f' | 'r' << 8 | 'a' << 16 | 'm' << 24,
			.edx = 'e' | 'V' << 8 | 'M' << 16 | 'M' << 24,
		};
	else if (leaf == LEAF_HYPERVISOR + 1)
		r->eax = BF_HC_ABI;
}

static bool is_patched(uint32_t leaf)
{
	return (leaf & LEAF_HYPERVISOR) || (PATCHED_LEAVES >> (leaf & 31) & 1);
}

static void patch(struct bf_vcpu *vcpu, uint32_t leaf, uint32_t subleaf, struct bf_hw_cpuid *r)
{
	const struct bf_cpuid_mask *mask = bf_hv->cpuid_masks;

	if (leaf >= LEAF_HYPERVISOR && leaf <= LEAF_HYPERVISOR_LAST)
		hypervisor_leaf(leaf, r);
	for (; mask->leaf != UINT32_MAX; mask++) {
		if (mask->leaf != leaf || (leaf == 7 && subleaf))
			continue;
		r->eax &= ~mask->clear_eax;
		r->ebx &= ~mask->clear_ebx;
		r->ecx &= ~mask->clear_ecx;
		r->edx &= ~mask->clear_edx;
	}
	if (leaf == 1) {
		set_bit(&r->ecx, CPUID_1_ECX_OSXSAVE, bf_hv->get(vcpu, BF_CR4) & CR4_OSXSAVE);
		set_bit(&r->ecx, CPUID_1_ECX_HYPERVISOR, true);
	} else if (leaf == 7 && !subleaf) {
		set_bit(&r->ecx, CPUID_7_ECX_OSPKE, bf_hv->get(vcpu, BF_CR4) & CR4_PKE);
	}
}

BF_DECODE(cpuid)
{
	(void)exit;
	io->cpuid = (struct bf_cpuid){
		.leaf = (uint32_t)vcpu->regs.rax,
		.subleaf = (uint32_t)vcpu->regs.rcx,
	};
	return io->cpuid.leaf;
}

BF_PERFORM(cpuid_perform)
{
	struct bf_cpuid *c = &io->cpuid;
	struct bf_hw_cpuid r = bf_hw_cpuid(c->leaf, c->subleaf);

	(void)exit;
	if (is_patched(c->leaf))
		patch(vcpu, c->leaf, c->subleaf, &r);
	c->eax = r.eax;
	c->ebx = r.ebx;
	c->ecx = r.ecx;
	c->edx = r.edx;
	return BF_SKIP;
}

BF_FINISH(cpuid)
{
	struct bf_regs *regs = &vcpu->regs;

	regs->rax = io->cpuid.eax;
	regs->rbx = io->cpuid.ebx;
	regs->rcx = io->cpuid.ecx;
	regs->rdx = io->cpuid.edx;
}

static __attribute__((noinline)) enum bf_verdict patched(struct bf_vcpu *vcpu, struct bf_exit *exit)
{
	return bf_default_family(vcpu, exit, &bf_families[BF_FAMILY_CPUID]);
}

enum bf_verdict bf_default_cpuid(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	struct bf_regs *regs = &vcpu->regs;
	uint32_t leaf = (uint32_t)regs->rax;

	(void)ctx;
	/* Two plain tests are shorter than the one that compilers make of is_patched(). */
	if (__builtin_expect(leaf & LEAF_HYPERVISOR, 0))
		return patched(vcpu, exit);
	if (__builtin_expect(PATCHED_LEAVES >> (leaf & 31) & 1, 0))
		return patched(vcpu, exit);
	bf_hw_cpuid_regs(&regs->rax, &regs->rbx, &regs->rcx, &regs->rdx);
	return BF_SKIP;
}
