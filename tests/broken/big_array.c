/* SPDX-License-Identifier: MIT */
/* Has an array that no stack has room for. */
#include "broken.h"

static RAW enum bf_verdict act(struct bf_ext *ext)
{
	volatile char array[64ul << 20];

	(void)ext;
	array[0] = array[sizeof(array) - 1] = 1;
	return array[0] == 1 ? BF_PASS : BF_STOP;
}

BROKEN(big_array, act);
