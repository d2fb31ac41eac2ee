/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Pages from the loader, handed out in order. What was handed out once comes out in the same
 * order after a rewind: each start lays the image out afresh in the same memory.
 */
#ifndef BFLOAD_ARENA_H
#define BFLOAD_ARENA_H

#include <bfload/ops.h>

struct bf_arena {
	const struct bf_loader_ops *ops;
	void *os;
	uint32_t count; /**< extents in use */
	uint32_t at;    /**< the extent that is being handed out */
	uint64_t used;  /**< its bytes that are handed out */
	uint64_t bytes; /**< of all extents */
	struct bf_extent extent[BF_MAX_EXTENTS];
};

/** Makes an empty arena. */
void bf_arena_init(struct bf_arena *arena, const struct bf_loader_ops *ops, void *os);

/** Forgets what was handed out; keeps the pages. */
void bf_arena_rewind(struct bf_arena *arena);

/** Gives every page back to the loader. */
void bf_arena_free(struct bf_arena *arena);

/**
 * Adds one extent of up to @p pages pages to the arena.
 * @return its pages, or BF_ENOMEM or BF_ERANGE (BF_MAX_EXTENTS reached)
 */
int64_t bf_arena_grow(struct bf_arena *arena, uint64_t pages);

/**
 * Takes @p pages contiguous pages, zeroed, growing the arena as needed.
 *
 * @param pa where to store the physical address
 * @return 0, BF_ENOMEM or BF_ERANGE, said in @p report
 */
int bf_arena_take(struct bf_arena *arena, uint64_t pages, uint64_t *pa, struct bf_report *report);

/**
 * Adds the extents of @p arena to a list of @p capacity places, of which @p count are used.
 * @return the new count, or BF_ERANGE
 */
int64_t bf_arena_list(const struct bf_arena *arena, struct bf_extent *list, uint32_t count,
		      uint32_t capacity);

/** Sorts a list of extents by address and merges those that touch. @return the new count */
uint32_t bf_extents_merge(struct bf_extent *list, uint32_t count);

#endif
