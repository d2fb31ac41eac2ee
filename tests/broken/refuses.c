/* SPDX-License-Identifier: MIT */
/* Has an init function that fails, with the error whose number is -1. */
#include "broken.h"

static int init(struct bf_ext *ext)
{
	(void)ext;
	return broken_chosen("refuses") ? BF_EINVAL : 0;
}

BF_EXTENSION(refuses, .version = "1.0", .license = "MIT", .init = init);
