/* SPDX-License-Identifier: MIT */
/* Reads through a null pointer. */
#include "broken.h"

static const uint32_t *volatile nowhere;

static RAW enum bf_verdict act(struct bf_ext *ext)
{
	(void)ext;
	return (enum bf_verdict) * nowhere;
}

BROKEN(null_read, act);
