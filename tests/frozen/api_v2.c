/* SPDX-License-Identifier: MIT */
/* An extension as the next major version of the API would make it, in the format of all. */
#include <bareframe/ext.h>

static int init(struct bf_ext *ext)
{
	(void)ext;
	return 0;
}

static const struct bf_extension descriptor
	__attribute__((used, section("bf_extensions"), aligned(8))) = {
		.magic = BF_EXT_MAGIC,
		.api = (BF_API_MAJOR + 1) << 16 | 3,
		.name = "api_v2",
		.version = "1.0",
		.license = "MIT",
		.init = init,
};
