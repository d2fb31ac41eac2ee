/* SPDX-License-Identifier: MIT */
/*
 * Takes all memory that there is, then registers a hook while it gives that back piece by piece:
 * registration fails wherever it wants memory, until there is enough.
 */
#include "broken.h"

struct block {
	struct block *next;
};

static enum bf_verdict pass(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	(void)vcpu;
	(void)io;
	(void)ctx;
	return BF_PASS;
}

/* The smallest blocks last: they are the first to be given back. */
static struct block *take_all(void)
{
	struct block *blocks = NULL;

	for (uint64_t bytes = 1 << 20; bytes >= sizeof(struct block); bytes /= 2) {
		struct block *block;

		while ((block = bf_alloc(bytes))) {
			block->next = blocks;
			blocks = block;
		}
	}
	return blocks;
}

static struct block *give_one(struct block *blocks)
{
	struct block *next = blocks->next;

	bf_free(blocks);
	return next;
}

static enum bf_verdict act(struct bf_ext *ext)
{
	struct block *blocks = take_all();
	struct bf_hook *hook = NULL;
	uint32_t refused = 0, other = 0;
	int status = BF_ENOMEM;

	while (status && blocks) {
		status = bf_hook_cpuid(ext, BF_ALL_VMS, BF_LEAF_ALL, pass, NULL, BF_PRIO_NORMAL,
				       &hook);
		refused += status == BF_ENOMEM;
		other += status && status != BF_ENOMEM;
		blocks = give_one(blocks);
	}
	bf_unhook(hook);
	while (blocks)
		blocks = give_one(blocks);
	bf_info("no_memory: refused %u times, failed otherwise %u times, at last %d", refused,
		other, status);
	return BF_PASS;
}

BROKEN(no_memory, act);
