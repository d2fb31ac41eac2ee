/* SPDX-License-Identifier: MIT */
/* Calls through a null pointer. */
#include "broken.h"

static void (*volatile nowhere)(void);

static RAW enum bf_verdict act(struct bf_ext *ext)
{
	(void)ext;
	nowhere();
	return BF_PASS;
}

BROKEN(null_call, act);
