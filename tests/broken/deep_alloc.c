/* SPDX-License-Identifier: MIT */
/* Calls itself for ever, and the VMM each time: its stack ends while it is in there. */
#include "broken.h"

static uint64_t deeper(uint64_t depth);

static uint64_t (*volatile next)(uint64_t depth) = deeper;

static RAW uint64_t deeper(uint64_t depth)
{
	void *memory = bf_alloc(64);

	bf_free(memory);
	return next(depth + 1) + 1;
}

static enum bf_verdict act(struct bf_ext *ext)
{
	(void)ext;
	return (enum bf_verdict)deeper(0);
}

BROKEN(deep_alloc, act);
