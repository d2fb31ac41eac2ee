/* SPDX-License-Identifier: MIT */
#include "cpu.h"
#include "load.h"

#include <string.h>

#define WORK 20000

/* Integer, SSE and CPUID work; every round must come to the same result as the first. */
static double mix(uint64_t *hash)
{
	double sum = 0;

	*hash = 0xcbf29ce484222325ull;
	for (uint32_t i = 1; i <= WORK; i++) {
		*hash = (*hash ^ i) * 0x100000001b3ull;
		sum += 1.0 / (double)i;
		if (i % 1024 == 0)
			*hash ^= cpuid(0, 0).ebx;
	}
	return sum;
}

uint64_t load_cpu(uint64_t rounds)
{
	uint64_t first_hash, wrong = 0;
	double first = mix(&first_hash);

	for (uint64_t i = 1; i < rounds; i++) {
		uint64_t hash;
		double sum = mix(&hash);

		wrong += hash != first_hash || memcmp(&sum, &first, sizeof(sum)) != 0;
	}
	return wrong;
}
