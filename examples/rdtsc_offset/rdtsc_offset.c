/* SPDX-License-Identifier: MIT */
/*
 * Hides from the guest the time that the VMM takes for its CPUIDs: behind each, the guest's
 * time-stamp counter is set back by what went by between two hooks, and by a constant for what
 * they cannot see. Options: rest=TICKS for that constant, 0 unless told; on=0 to hide nothing.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/hook.h>

static struct bf_ext *self;
static uint64_t rest;

/* Of a vCPU: only its own CPU is here. */
struct clock {
	uint64_t start;
};

static enum bf_verdict before(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	struct clock *clock = bf_vcpu_data(self, vcpu);

	(void)io;
	(void)ctx;
	clock->start = __builtin_ia32_rdtsc();
	return BF_PASS;
}

/* The guest reads the CPU's counter plus the offset; nothing exits for that. */
static enum bf_verdict behind(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	const struct clock *clock = bf_vcpu_data(self, vcpu);
	uint64_t taken = __builtin_ia32_rdtsc() - clock->start + rest;

	(void)io;
	(void)ctx;
	bf_vcpu_set(vcpu, BF_TSC_OFFSET, bf_vcpu_get(vcpu, BF_TSC_OFFSET) - taken);
	return BF_PASS;
}

static int init(struct bf_ext *ext)
{
	int status = bf_ext_vcpu_data(ext, sizeof(struct clock));

	self = ext;
	rest = bf_option_number("rest", 0);
	if (status || !bf_option_number("on", 1))
		return status;
	/* The first to come and the last to go see the most. */
	status = bf_hook_cpuid(ext, BF_CONTROL_VM, BF_LEAF_ALL, before, NULL, BF_PRIO_FIRST, NULL);
	if (!status)
		status = bf_hook_cpuid_post(ext, BF_CONTROL_VM, BF_LEAF_ALL, behind, NULL,
					    BF_PRIO_LAST, NULL);
	return status;
}

BF_EXTENSION(rdtsc_offset, .version = "1.0", .license = "MIT", .init = init);
