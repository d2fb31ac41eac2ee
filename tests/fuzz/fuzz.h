/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What every fuzz target includes. libFuzzer calls LLVMFuzzerTestOneInput() with bytes of its
 * choice; a target that finds a promise broken ends the process.
 */
#ifndef BF_FUZZ_H
#define BF_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/** What must hold whatever the input is. */
#define HOLDS(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

/** Input that is left. */
struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

/** Takes @p bytes bytes from the front; what the input does not have is 0. */
static inline void fuzz_take(struct fuzz_input *in, void *to, size_t bytes)
{
	size_t some = bytes < in->left ? bytes : in->left;

	memset(to, 0, bytes);
	memcpy(to, in->at, some);
	in->at += some;
	in->left -= some;
}

/** Takes a number of 1, 2, 4 or 8 bytes. */
static inline uint64_t fuzz_number(struct fuzz_input *in, size_t bytes)
{
	uint64_t value = 0;

	fuzz_take(in, &value, sizeof(value) < bytes ? sizeof(value) : bytes);
	return bytes < 8 ? value & ((1ull << 8 * bytes) - 1) : value;
}

/** @return @p bytes bytes in a block of their own, for the sanitizer to see both ends; to free. */
static inline void *fuzz_block(const void *from, size_t bytes)
{
	void *own = malloc(bytes + !bytes);

	HOLDS(own);
	memcpy(own, from, bytes);
	return own;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
