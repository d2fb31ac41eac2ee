/* SPDX-License-Identifier: MIT */
/* Registers hooks until the VMM refuses, and says what it was told. */
#include "broken.h"

#define FIRST 0x50000000u

static enum bf_verdict pass(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	(void)vcpu;
	(void)io;
	(void)ctx;
	return BF_PASS;
}

static enum bf_verdict act(struct bf_ext *ext)
{
	uint32_t count = 0;
	int status = 0;

	while (!status) {
		const uint32_t leaf = FIRST + 2 * count;

		status = bf_hook_cpuid(ext, BF_ALL_VMS, BF_LEAF(leaf, leaf), pass, NULL,
				       BF_PRIO_NORMAL, NULL);
		count += !status;
	}
	bf_info("storm: status %d after %u hooks", status, count);
	return BF_PASS;
}

BROKEN(storm, act);
