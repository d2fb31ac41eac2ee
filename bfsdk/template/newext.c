/* SPDX-License-Identifier: MIT */
/*
 * Counts the CPUID instructions of each CPU. A guest reads the count of the CPU that it runs on
 * from a CPUID leaf that only exists under this VMM; the log has it when the VMM stops.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bareframe/log.h>

#define DEFAULT_LEAF 0x40000f00 /* another one: bfm load FILE --args "leaf=0x..." */

/* One CPU's counter; no other CPU writes it, so it needs no lock. */
struct counter {
	uint64_t count;
};

static struct counter *counters;

static enum bf_verdict on_any(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	struct counter *mine = &counters[bf_vcpu_index(vcpu)];

	(void)ctx;
	if (!mine->count++)
		bf_info("newext: CPU %u begins with leaf 0x%x at RIP 0x%lx", bf_vcpu_index(vcpu),
			io->leaf, bf_vcpu_get(vcpu, BF_RIP));
	return BF_PASS; /* the next hook, in the end the default */
}

static enum bf_verdict on_leaf(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	uint64_t count = counters[bf_vcpu_index(vcpu)].count;

	(void)ctx;
	io->eax = (uint32_t)count;
	io->ebx = (uint32_t)(count >> 32);
	io->ecx = bf_vcpu_index(vcpu);
	io->edx = 0;
	return BF_SKIP; /* handled: these are the results */
}

static void on_stop(enum bf_life_event event, uint32_t cpu, void *ctx)
{
	(void)event;
	(void)cpu;
	(void)ctx;
	for (uint32_t i = 0; i < bf_cpu_count(); i++)
		bf_info("newext: CPU %u executed CPUID %lu times", i, counters[i].count);
}

static int init(struct bf_ext *ext)
{
	uint32_t leaf = (uint32_t)bf_option_number("leaf", DEFAULT_LEAF);
	int status;

	counters = bf_alloc(bf_cpu_count() * sizeof(*counters));
	if (!counters)
		return BF_ENOMEM;
	status = bf_hook_cpuid(ext, BF_ALL_VMS, BF_LEAF_ALL, on_any, NULL, BF_PRIO_FIRST, NULL);
	if (status)
		return status;
	status = bf_hook_cpuid(ext, BF_ALL_VMS, BF_LEAF(leaf, leaf), on_leaf, NULL, BF_PRIO_NORMAL,
			       NULL);
	if (status)
		return status;
	return bf_hook_event(ext, BF_LIFE_VMM_STOP, on_stop, NULL, NULL);
}

BF_EXTENSION(newext, .version = "0.1", .license = "MIT", .init = init);
