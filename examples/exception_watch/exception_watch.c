/* SPDX-License-Identifier: MIT */
/*
 * Counts the guest's exceptions, by vector and CPU, and lets it have them. Option: vectors=MASK, a
 * bit for each; unless told #DE, #UD and #GP, which a healthy system raises rarely.
 */
#include <stddef.h>
#include <bareframe/cpu.h>
#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bareframe/log.h>

#define VECTORS   32u
#define UNLESS    0x2041u
#define REFUSABLE 0x48204u /* NMI and #MC are no exceptions of code; 9 and 15 do not exist */

static struct bf_ext *self;

/* Counts of a vCPU: only its own CPU writes them. */
struct counts {
	uint64_t of[VECTORS];
};

static enum bf_verdict on_exception(struct bf_vcpu *vcpu, struct bf_exception *io, void *ctx)
{
	struct counts *counts = bf_vcpu_data(self, vcpu);

	(void)ctx;
	counts->of[io->vector]++;
	return BF_PASS; /* the guest gets it */
}

/* On each CPU behind its last exit. */
static void on_cpu_stop(enum bf_life_event event, uint32_t cpu, void *ctx)
{
	const struct counts *counts = bf_vcpu_data(self, bf_cpu_vcpu());

	(void)event;
	(void)ctx;
	for (uint32_t vector = 0; vector < VECTORS; vector++)
		if (counts->of[vector])
			bf_info("exception_watch: CPU %u vector %u count %lu", cpu, vector,
				counts->of[vector]);
}

static int init(struct bf_ext *ext)
{
	uint64_t vectors = bf_option_number("vectors", UNLESS);
	int status = bf_ext_vcpu_data(ext, sizeof(struct counts));

	self = ext;
	if (!vectors || vectors >> VECTORS || (vectors & REFUSABLE)) {
		bf_error("exception_watch: vectors=0x%lx: a mask of vectors below 32 without 2, "
			 "9, 15 and 18",
			 vectors);
		return BF_EINVAL;
	}
	for (uint32_t vector = 0; vector < VECTORS && !status; vector++)
		if (vectors >> vector & 1)
			status = bf_hook_exception(ext, BF_CONTROL_VM, BF_VECTOR(vector, vector),
						   on_exception, NULL, BF_PRIO_NORMAL, NULL);
	return status ? status : bf_hook_event(ext, BF_LIFE_CPU_STOP, on_cpu_stop, NULL, NULL);
}

BF_EXTENSION(exception_watch, .version = "1.0", .license = "MIT", .init = init);
