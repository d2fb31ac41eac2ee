/* SPDX-License-Identifier: MIT */
/* Executes an instruction that does not exist. */
#include "broken.h"

static RAW enum bf_verdict act(struct bf_ext *ext)
{
	(void)ext;
	__asm__ volatile("ud2");
	return BF_PASS;
}

BROKEN(undefined, act);
