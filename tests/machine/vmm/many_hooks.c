/* SPDX-License-Identifier: MIT */
/* Any number of hooks on CPUID that do nothing, by the option hooks=: what a hook itself costs. */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/hook.h>

static enum bf_verdict pass(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	(void)vcpu;
	(void)io;
	(void)ctx;
	return BF_PASS;
}

static int init(struct bf_ext *ext)
{
	int status = 0;

	for (uint64_t left = bf_option_number("hooks", 1); left && !status; left--)
		status = bf_hook_cpuid(ext, BF_CONTROL_VM, BF_RANGE_ALL, pass, NULL, BF_PRIO_NORMAL,
				       NULL);
	return status;
}

BF_EXTENSION(many_hooks, .version = "1.0", .license = "MIT", .init = init);
