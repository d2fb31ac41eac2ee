/* SPDX-License-Identifier: MIT */
#include "load.h"

#include <stddef.h>
#include <sys/mman.h>

#define AREA (4ul << 20)
#define STEP 512 /* eight-byte words in a page */

static void fill(uint64_t *area, uint64_t seed)
{
	for (size_t i = 0; i < AREA / sizeof(*area); i += STEP)
		area[i] = seed ^ i;
}

static uint64_t count_wrong(const uint64_t *area, size_t from, uint64_t seed)
{
	uint64_t wrong = 0;

	for (size_t i = from; i < AREA / sizeof(*area); i += STEP)
		wrong += area[i] != (seed ^ i);
	return wrong;
}

/* Map, fill, protect, give the first half back, move, check. */
static uint64_t one_round(uint64_t seed)
{
	const size_t half = AREA / 2 / sizeof(uint64_t);
	uint64_t *area =
		mmap(NULL, AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t *moved;
	uint64_t wrong;

	if (area == MAP_FAILED)
		return 1;
	fill(area, seed);
	wrong = mprotect(area, AREA, PROT_READ) != 0;
	wrong += count_wrong(area, 0, seed);
	wrong += mprotect(area, AREA, PROT_READ | PROT_WRITE) != 0;
	wrong += madvise(area, AREA / 2, MADV_DONTNEED) != 0;
	wrong += area[0] != 0;
	moved = mremap(area, AREA, 2 * AREA, MREMAP_MAYMOVE);
	if (moved == MAP_FAILED)
		return wrong + 1;
	wrong += count_wrong(moved, half, seed);
	return wrong + (munmap(moved, 2 * AREA) != 0);
}

uint64_t load_memory(uint64_t rounds)
{
	uint64_t wrong = 0;

	for (uint64_t i = 0; i < rounds; i++)
		wrong += one_round(i * 0x9e3779b97f4a7c15ull);
	return wrong;
}
