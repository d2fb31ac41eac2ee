/* SPDX-License-Identifier: MIT */
/* Puts the one that is chosen where it is wanted. */
#include "broken.h"

struct bf_hook *broken_rdtsc, *broken_hook;

static struct bf_ext *self;
static broken_fn act;

static enum bf_verdict on_cpuid(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	(void)vcpu;
	(void)io;
	(void)ctx;
	return act(self);
}

static enum bf_verdict on_msr(struct bf_vcpu *vcpu, struct bf_msr *io, void *ctx)
{
	(void)vcpu;
	(void)io;
	(void)ctx;
	return act(self);
}

static enum bf_verdict on_exit(struct bf_vcpu *vcpu, struct bf_exit *exit, void *ctx)
{
	(void)ctx;
	if (exit->reason != BF_EXIT_CPUID || (uint32_t)bf_vcpu_regs(vcpu)->rax != BROKEN_LEAF)
		return BF_PASS;
	return act(self);
}

static void on_life(enum bf_life_event event, uint32_t cpu, void *ctx)
{
	(void)event;
	(void)cpu;
	(void)ctx;
	(void)act(self);
}

static enum bf_verdict pass(struct bf_vcpu *vcpu, struct bf_tsc *io, void *ctx)
{
	(void)vcpu;
	(void)io;
	(void)ctx;
	return BF_PASS;
}

static int at_cpuid(struct bf_ext *ext)
{
	return bf_hook_cpuid(ext, BF_ALL_VMS, BF_LEAF(BROKEN_LEAF, BROKEN_LEAF), on_cpuid, NULL,
			     BF_PRIO_NORMAL, &broken_hook);
}

static int at_post(struct bf_ext *ext)
{
	return bf_hook_cpuid_post(ext, BF_ALL_VMS, BF_LEAF(BROKEN_LEAF, BROKEN_LEAF), on_cpuid,
				  NULL, BF_PRIO_NORMAL, &broken_hook);
}

static int at_exit(struct bf_ext *ext)
{
	return bf_hook_exit(ext, BF_ALL_VMS, BF_EXIT_CPUID, on_exit, NULL, BF_PRIO_NORMAL,
			    &broken_hook);
}

static int at_every(struct bf_ext *ext)
{
	return bf_hook_every_exit(ext, BF_ALL_VMS, on_exit, NULL, BF_PRIO_NORMAL, &broken_hook);
}

static int at_msr(struct bf_ext *ext)
{
	return bf_hook_msr_read(ext, BF_ALL_VMS, BF_MSR(BROKEN_MSR, BROKEN_MSR), on_msr, NULL,
				BF_PRIO_NORMAL, &broken_hook);
}

static int at_start(struct bf_ext *ext)
{
	return bf_hook_event(ext, BF_LIFE_CPU_START, on_life, NULL, &broken_hook);
}

static int at_stop(struct bf_ext *ext)
{
	return bf_hook_event(ext, BF_LIFE_CPU_STOP, on_life, NULL, &broken_hook);
}

static int at_end(struct bf_ext *ext)
{
	return bf_hook_event(ext, BF_LIFE_VMM_STOP, on_life, NULL, &broken_hook);
}

static int at_init(struct bf_ext *ext)
{
	(void)act(ext);
	return 0;
}

static const struct place {
	const char *name;
	int (*put)(struct bf_ext *ext);
} places[] = {
	{"cpuid", at_cpuid}, {"post", at_post}, {"exit", at_exit},
	{"every", at_every}, {"msr", at_msr},   {"start", at_start},
	{"stop", at_stop},   {"end", at_end},   {"init", at_init},
};

static bool option_is(const char *key, const char *wanted, const char *fallback)
{
	char value[32];
	const char *at = bf_option(key, value, sizeof(value)) > 0 ? value : fallback;

	while (*at && *at == *wanted) {
		at++;
		wanted++;
	}
	return *at == *wanted;
}

bool broken_chosen(const char *name)
{
	return option_is("broken", name, "");
}

int broken_init(struct bf_ext *ext, const char *name, broken_fn fn)
{
	int status;

	if (!broken_chosen(name))
		return 0;
	self = ext;
	act = fn;
	status = bf_hook_rdtsc(ext, BF_ALL_VMS, BF_RANGE_ALL, pass, NULL, BF_PRIO_NORMAL,
			       &broken_rdtsc);
	for (uint32_t i = 0; i < sizeof(places) / sizeof(places[0]) && !status; i++)
		if (option_is("at", places[i].name, "cpuid"))
			status = places[i].put(ext);
	return status;
}
