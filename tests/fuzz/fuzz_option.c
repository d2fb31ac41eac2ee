/* SPDX-License-Identifier: MIT */
/* The VMM's command line, and bfm's: any text, read by any key, on buffers of any size. */
#include <bfabi/boot.h>
#include <bfmock/hv.h>
#include <bfvmm/option.h>
#include "fuzz.h"

#define KEYS 4

/* Words that a VMM asks for, and the input's own first letters. */
static void ask(const char *key, uint32_t size)
{
	char *value = malloc(size);
	int count = value ? bf_option(key, value, size) : 0;
	uint64_t a = bf_option_number(key, 1), b = bf_option_number(key, 2);

	HOLDS(value);
	HOLDS(count == BF_ENOENT || (size ? count >= 0 && count < (int)size : count == BF_EINVAL));
	if (count >= 0) {
		HOLDS(strlen(value) == (size_t)count);
		HOLDS(!strchr(value, ' '));
	}
	/* A number is a number, or the fallback, whatever that is. */
	HOLDS(a == b || (a == 1 && b == 2));
	free(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	char line[BF_CMDLINE_BYTES], own[8] = {0};
	uint32_t room = (uint32_t)fuzz_number(&in, 1) % sizeof(own);
	static const char *const keys[KEYS] = {"serial", "fail_cpu", "a", ""};

	mock_hv_init(1);
	memset(line, 0, sizeof(line));
	/* An unended line is one of the loader's; the VMM ends it. */
	fuzz_take(&in, line, sizeof(line));
	memcpy(own, line, 3);
	for (char *c = own; *c; c++)
		*c = *c == ' ' || *c == '=' ? '\0' : *c;
	bf_option_init(line);
	for (int i = 0; i < KEYS; i++)
		ask(keys[i], i ? room : (uint32_t)strlen(keys[i]));
	ask(own, room);
	bf_option_report();
	return 0;
}
