/* SPDX-License-Identifier: MIT */
/* Counts CPUID exits per leaf and per CPU, and prints the table when the VMM stops. */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bareframe/log.h>

#define LEAVES_MAX 64

/* One CPU's counters; no other CPU writes them, so they need no lock. */
struct counters {
	uint32_t used;
	uint64_t others; /* when LEAVES_MAX is not enough */
	struct {
		uint32_t leaf;
		uint64_t count;
	} leaf[LEAVES_MAX];
};

static struct counters *counters;

static enum bf_verdict on_cpuid(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	struct counters *c = &counters[bf_vcpu_index(vcpu)];

	(void)ctx;
	for (uint32_t i = 0; i < c->used; i++) {
		if (c->leaf[i].leaf == io->leaf) {
			c->leaf[i].count++;
			return BF_PASS;
		}
	}
	if (c->used == LEAVES_MAX) {
		c->others++;
		return BF_PASS;
	}
	c->leaf[c->used].leaf = io->leaf;
	c->leaf[c->used++].count = 1;
	return BF_PASS;
}

static void print_cpu(uint32_t cpu)
{
	const struct counters *c = &counters[cpu];
	uint64_t total = c->others;

	for (uint32_t i = 0; i < c->used; i++) {
		bf_info("cpuid_count: cpu %u leaf 0x%08x count %lu", cpu, c->leaf[i].leaf,
			c->leaf[i].count);
		total += c->leaf[i].count;
	}
	if (c->others)
		bf_info("cpuid_count: cpu %u other leaves count %lu", cpu, c->others);
	bf_info("cpuid_count: cpu %u total %lu", cpu, total);
}

static void on_stop(enum bf_life_event event, uint32_t cpu, void *ctx)
{
	(void)event;
	(void)cpu;
	(void)ctx;
	for (uint32_t i = 0; i < bf_cpu_count(); i++)
		if (counters[i].used)
			print_cpu(i);
}

static int init(struct bf_ext *ext)
{
	int status;

	counters = bf_alloc(bf_cpu_count() * sizeof(*counters));
	if (!counters)
		return BF_ENOMEM;
	status = bf_hook_cpuid(ext, BF_ALL_VMS, BF_LEAF_ALL, on_cpuid, NULL, BF_PRIO_FIRST, NULL);
	if (status)
		return status;
	return bf_hook_event(ext, BF_LIFE_VMM_STOP, on_stop, NULL, NULL);
}

BF_EXTENSION(cpuid_count, .version = "1.0", .license = "MIT", .init = init);
