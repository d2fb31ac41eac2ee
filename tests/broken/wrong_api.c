/* SPDX-License-Identifier: MIT */
/* Built for another version of the API. */
#include <stddef.h>
#include <bareframe/ext.h>

static int init(struct bf_ext *ext)
{
	(void)ext;
	return 0;
}

const struct bf_extension bf_extension_wrong_api
	__attribute__((used, section("bf_extensions"), aligned(8))) = {
		.magic = BF_EXT_MAGIC,
		.api = (BF_API_MAJOR + 1) << 16,
		.name = "wrong_api",
		.version = "1.0",
		.license = "MIT",
		.init = init,
};
