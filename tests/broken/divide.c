/* SPDX-License-Identifier: MIT */
/* Divides by zero. */
#include "broken.h"

static volatile uint32_t nothing;

static RAW enum bf_verdict act(struct bf_ext *ext)
{
	(void)ext;
	return (enum bf_verdict)(7 / nothing);
}

BROKEN(divide, act);
