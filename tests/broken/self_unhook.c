/* SPDX-License-Identifier: MIT */
/* Removes its hooks from inside one of them. That is allowed. */
#include "broken.h"

static enum bf_verdict act(struct bf_ext *ext)
{
	(void)ext;
	bf_unhook(broken_rdtsc);
	bf_unhook(broken_hook);
	return BF_PASS;
}

BROKEN(self_unhook, act);
