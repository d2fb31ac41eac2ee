/* SPDX-License-Identifier: MIT */
/* Returns a verdict that does not exist. */
#include "broken.h"

static RAW enum bf_verdict act(struct bf_ext *ext)
{
	(void)ext;
	return (enum bf_verdict)77;
}

BROKEN(bad_verdict, act);
