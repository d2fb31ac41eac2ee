/* SPDX-License-Identifier: MIT */
#include "bf_os.h"
#include <bfload/arena.h>
#include <bfload/report.h>

/* The least that is asked for at once, in pages: few extents are cheap to describe and hide. */
#define CHUNK 64

void bf_arena_init(struct bf_arena *arena, const struct bf_loader_ops *ops, void *os)
{
	memset(arena, 0, sizeof(*arena));
	arena->ops = ops;
	arena->os = os;
}

void bf_arena_rewind(struct bf_arena *arena)
{
	arena->at = 0;
	arena->used = 0;
}

void bf_arena_free(struct bf_arena *arena)
{
	for (uint32_t i = 0; i < arena->count; i++)
		arena->ops->free(arena->os, &arena->extent[i]);
	arena->count = 0;
	arena->bytes = 0;
	bf_arena_rewind(arena);
}

int64_t bf_arena_grow(struct bf_arena *arena, uint64_t pages)
{
	struct bf_extent *extent = &arena->extent[arena->count];
	int ret;

	if (arena->count == BF_MAX_EXTENTS)
		return BF_ERANGE;
	ret = arena->ops->alloc(arena->os, pages, extent);
	if (ret)
		return BF_ENOMEM;
	arena->count++;
	arena->bytes += extent->bytes;
	return (int64_t)(extent->bytes >> BF_PAGE_SHIFT);
}

/* A power of two, for that is what allocators like; more as the arena grows. */
static uint64_t chunk_pages(const struct bf_arena *arena, uint64_t pages)
{
	uint64_t chunk = CHUNK;

	while (chunk < pages || chunk < (arena->bytes >> BF_PAGE_SHIFT) / 4)
		chunk *= 2;
	return chunk;
}

static int fail(struct bf_report *report, int64_t code, uint64_t pages)
{
	if (code == BF_ERANGE)
		return bf_report_set(report, BF_ERANGE, "extents of memory", BF_MAX_EXTENTS,
				     "the machine's memory is too fragmented: free some, or "
				     "load the VMM earlier after boot");
	return bf_report_set(report, BF_ENOMEM, "contiguous pages", pages,
			     "so many were not to be had: free some memory, or load the VMM "
			     "earlier after boot");
}

int bf_arena_take(struct bf_arena *arena, uint64_t pages, uint64_t *pa, struct bf_report *report)
{
	uint64_t bytes = pages << BF_PAGE_SHIFT;
	int64_t got;

	for (; arena->at < arena->count; arena->at++, arena->used = 0) {
		const struct bf_extent *extent = &arena->extent[arena->at];

		if (bytes > extent->bytes - arena->used)
			continue;
		*pa = extent->pa + arena->used;
		arena->used += bytes;
		memset(arena->ops->to_va(arena->os, *pa), 0, bytes);
		return 0;
	}
	got = bf_arena_grow(arena, chunk_pages(arena, pages));
	if (got < 0)
		return fail(report, got, pages);
	if ((uint64_t)got < pages)
		return fail(report, BF_ENOMEM, pages);
	return bf_arena_take(arena, pages, pa, report);
}

int64_t bf_arena_list(const struct bf_arena *arena, struct bf_extent *list, uint32_t count,
		      uint32_t capacity)
{
	for (uint32_t i = 0; i < arena->count; i++) {
		if (count == capacity)
			count = bf_extents_merge(list, count);
		if (count == capacity)
			return BF_ERANGE;
		list[count++] = arena->extent[i];
	}
	return count;
}

static void sort(struct bf_extent *list, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		struct bf_extent extent = list[i];
		uint32_t j = i;

		for (; j && list[j - 1].pa > extent.pa; j--)
			list[j] = list[j - 1];
		list[j] = extent;
	}
}

uint32_t bf_extents_merge(struct bf_extent *list, uint32_t count)
{
	uint32_t last = 0;

	if (!count)
		return 0;
	sort(list, count);
	for (uint32_t i = 1; i < count; i++) {
		if (list[last].pa + list[last].bytes == list[i].pa)
			list[last].bytes += list[i].bytes;
		else
			list[++last] = list[i];
	}
	return last + 1;
}
