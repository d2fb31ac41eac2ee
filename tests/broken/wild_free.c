/* SPDX-License-Identifier: MIT */
/* Gives back memory that it does not have. */
#include "broken.h"

static uint64_t own[8];

static enum bf_verdict act(struct bf_ext *ext)
{
	void *block = bf_alloc(100);

	(void)ext;
	bf_free(block);
	bf_free(block);
	bf_free(&own[4]);
	return BF_PASS;
}

BROKEN(wild_free, act);
