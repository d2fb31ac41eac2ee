/* SPDX-License-Identifier: MIT */
/* Calls itself for ever. */
#include "broken.h"

static uint64_t deeper(uint64_t depth);

/* By way of a variable: a compiler that knows where this ends would say so, or make it a loop. */
static uint64_t (*volatile next)(uint64_t depth) = deeper;

static RAW uint64_t deeper(uint64_t depth)
{
	return next(depth + 1) + 1;
}

static enum bf_verdict act(struct bf_ext *ext)
{
	(void)ext;
	return (enum bf_verdict)deeper(0);
}

BROKEN(recursion, act);
