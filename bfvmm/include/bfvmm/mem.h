/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The VMM's memory: pages from the loader's pool, small blocks, byte operations.
 */
#ifndef BFVMM_MEM_H
#define BFVMM_MEM_H

#include <stddef.h>
#include <bfabi/types.h>

/** Takes over the free extents. Called once at BF_OP_INIT. */
void bf_pool_init(const struct bf_extent *extents, uint32_t count);

/** Forgets all small blocks: those of an older pool. Behind bf_alloc() and bf_free(). */
void bf_heap_init(void);

/**
 * @return @p count zeroed, physically contiguous pages, or NULL. Any CPU; takes a lock; never on
 * the exit path. bf_virt_to_phys() gives the physical address.
 */
void *bf_pages_alloc(uint32_t count);

/** Gives pages back; NULL is ignored. @p count as it was allocated. */
void bf_pages_free(void *pages, uint32_t count);

/** @return pages in the pool and pages in use. */
uint64_t bf_pool_total(void);
uint64_t bf_pool_used(void);

void *memset(void *to, int byte, size_t bytes);
void *memcpy(void *to, const void *from, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);

#endif
