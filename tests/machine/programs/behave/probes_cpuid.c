/* SPDX-License-Identifier: MIT */
/*
 * Every CPUID leaf, executed with garbage wherever CPUID must not look, and a check that it leaves
 * nothing behind but its four results.
 */
#include "cpu.h"
#include "cpuid_leaves.h"
#include "probe.h"
#include "run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CPUID      "\x0f\xa2"
#define GARBAGE    0xdeadbeef00000000ull
#define LEAVES_MAX 0x40u

static unsigned int leaves_run, leaves_dirty;
static uint32_t first_dirty;

static bool others_kept(const struct regs *in, const struct regs *out)
{
	struct regs expected = *in;

	expected.rax = out->rax;
	expected.rbx = out->rbx;
	expected.rcx = out->rcx;
	expected.rdx = out->rdx;
	expected.rflags = out->rflags;
	return !memcmp(&expected, out, sizeof(expected));
}

static struct cpuid_regs cpuid_checked(uint32_t leaf, uint32_t subleaf)
{
	struct regs in = standard_regs(), out;
	struct trace trace;

	in.rax = GARBAGE | leaf;
	in.rcx = GARBAGE | subleaf;
	in.rdx = ~0ull;
	out = in;
	run(CPUID, sizeof(CPUID) - 1, &out, &trace);
	leaves_run++;
	if (!trace.ended || trace.count || (out.rax | out.rbx | out.rcx | out.rdx) >> 32 ||
	    !others_kept(&in, &out)) {
		first_dirty = leaves_dirty++ ? first_dirty : leaf;
	}
	return (struct cpuid_regs){(uint32_t)out.rax, (uint32_t)out.rbx, (uint32_t)out.rcx,
				   (uint32_t)out.rdx};
}

static void report_regs(const char *prefix, uint32_t leaf, unsigned int subleaf,
			const struct cpuid_regs *r)
{
	char name[48];

	snprintf(name, sizeof(name), "%scpuid-%#" PRIx32 ".%u", prefix, leaf, subleaf);
	report(name, "%08" PRIx32 " %08" PRIx32 " %08" PRIx32 " %08" PRIx32, r->eax, r->ebx, r->ecx,
	       r->edx);
}

static bool all_zero(const struct cpuid_regs *r)
{
	return !(r->eax | r->ebx | r->ecx | r->edx);
}

static void report_subleaf(uint32_t leaf, unsigned int subleaf)
{
	const struct cpuid_hidden *hidden = hidden_bits(leaf);
	struct cpuid_regs r = cpuid_checked(leaf, subleaf);

	/* The many empty subleaves would drown the rest. */
	if (subleaf > 2 && all_zero(&r))
		return;
	if (hidden) {
		struct cpuid_regs part = {r.eax & hidden->eax, r.ebx & hidden->ebx,
					  r.ecx & hidden->ecx, r.edx & hidden->edx};

		report_regs("hv-", leaf, subleaf, &part);
		r = (struct cpuid_regs){r.eax & ~hidden->eax, r.ebx & ~hidden->ebx,
					r.ecx & ~hidden->ecx, r.edx & ~hidden->edx};
	}
	report_regs("", leaf, subleaf, &r);
}

static void report_leaves(uint32_t first)
{
	uint32_t last = cpuid_checked(first, 0).eax;

	if (last < first || last - first > LEAVES_MAX)
		last = first + LEAVES_MAX;
	for (uint32_t leaf = first; leaf <= last; leaf++) {
		for (unsigned int subleaf = 0; subleaf < subleaf_count(leaf); subleaf++)
			report_subleaf(leaf, subleaf);
	}
}

static void probe_basic(const struct probe *probe)
{
	(void)probe;
	report_leaves(0);
}

static void probe_extended(const struct probe *probe)
{
	(void)probe;
	report_leaves(LEAF_EXTENDED);
}

/* Leaves outside every range: AMD gives zero, Intel repeats the highest basic leaf. */
static void probe_outside(const struct probe *probe)
{
	static const uint32_t leaves[] = {0x3f,       0x20000000, 0x3fffffff, 0x40000100,
					  0x4fffffff, 0x7fffffff, 0x80000080, 0x8fffffff,
					  0xc0000000, 0xffffffff};

	(void)probe;
	for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++)
		report_subleaf(leaves[i], 0);
}

static void probe_hypervisor(const struct probe *probe)
{
	(void)probe;
	for (uint32_t leaf = LEAF_HYPERVISOR; leaf <= LEAF_HYPERVISOR_LAST; leaf++) {
		struct cpuid_regs r = cpuid_checked(leaf, 0);

		if (leaf - LEAF_HYPERVISOR < 4 || leaf == LEAF_HYPERVISOR_LAST)
			report_regs("hv-", leaf, 0, &r);
	}
}

/* A leaf without subleaves does not look at ECX at all. */
static void probe_ecx_ignored(const struct probe *probe)
{
	static const uint32_t leaves[] = {0, 1, 0x80000000, 0x80000001, 0x80000008};
	unsigned int differences = 0;

	for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		struct cpuid_regs plain = cpuid_checked(leaves[i], 0);
		struct cpuid_regs odd = cpuid_checked(leaves[i], 0xdeadbeef);

		differences += memcmp(&plain, &odd, sizeof(plain)) != 0;
	}
	report(probe->name, "%s", differences ? "no" : "yes");
}

/* Reports on all the CPUIDs that ran before it. */
static void probe_registers(const struct probe *probe)
{
	if (!leaves_run)
		cpuid_checked(0, 0);
	if (leaves_dirty)
		report(probe->name, "wrong after %u, first leaf %#" PRIx32, leaves_dirty,
		       first_dirty);
	else
		report(probe->name, "upper halves zero, the others kept");
}

static const struct probe probes[] = {
	{.name = "cpuid-basic", .run = probe_basic},
	{.name = "cpuid-extended", .run = probe_extended},
	{.name = "cpuid-outside", .run = probe_outside},
	{.name = "cpuid-hypervisor", .run = probe_hypervisor},
	{.name = "cpuid-ecx-ignored", .run = probe_ecx_ignored},
	{.name = "cpuid-registers", .run = probe_registers},
};

PROBE_GROUP(cpuid);
