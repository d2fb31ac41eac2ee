/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The VMM's page tables: 4 or 5 levels, as the CPUs run.
 */
#ifndef BFLOAD_PAGETABLE_H
#define BFLOAD_PAGETABLE_H

#include <bfload/arena.h>

/* Permissions of a mapping; all are readable, none is for ring 3. */
#define BF_MAP_W  1
#define BF_MAP_X  2
#define BF_MAP_UC 4 /**< uncached: for device memory */

struct bf_pagetable {
	struct bf_arena *arena; /**< where the tables come from */
	uint64_t root_pa;
	uint32_t levels;   /**< 4 or 5 */
	uint32_t pages_1g; /**< 1: may use 1 GiB pages */
};

/** Makes an empty set of tables. @return 0 or the error of bf_arena_take() */
int bf_pagetable_init(struct bf_pagetable *pt, struct bf_arena *arena, uint32_t la57,
		      uint32_t pages_1g, struct bf_report *report);

/**
 * Maps [@p va, @p va + @p bytes) to @p pa with the largest pages that fit. All are multiples of
 * BF_PAGE_SIZE.
 *
 * @return 0, BF_EINVAL (not canonical, not aligned, or W with X), BF_EEXIST (something is mapped
 *         there), or the error of bf_arena_take()
 */
int bf_pagetable_map(struct bf_pagetable *pt, uint64_t va, uint64_t pa, uint64_t bytes,
		     uint32_t flags, struct bf_report *report);

/** What a virtual address translates to. */
struct bf_translation {
	uint64_t pa;
	uint64_t page_bytes; /**< size of the page that maps it */
	uint32_t flags;      /**< BF_MAP_* */
};

/** Walks the tables as a CPU does. @return 0 or BF_ENOENT */
int bf_pagetable_walk(const struct bf_pagetable *pt, uint64_t va, struct bf_translation *out);

#endif
