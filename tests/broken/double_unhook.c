/* SPDX-License-Identifier: MIT */
/* Removes a hook twice. */
#include "broken.h"

static enum bf_verdict act(struct bf_ext *ext)
{
	(void)ext;
	bf_unhook(broken_rdtsc);
	bf_unhook(broken_rdtsc);
	return BF_PASS;
}

BROKEN(double_unhook, act);
