/* SPDX-License-Identifier: MIT */
/* Writes to an address that nothing can have: it is not canonical. */
#include "broken.h"

static uint32_t *volatile nowhere = (uint32_t *)0x8000000000000000ul;

static RAW enum bf_verdict act(struct bf_ext *ext)
{
	(void)ext;
	*nowhere = 1;
	return BF_PASS;
}

BROKEN(wild_write, act);
