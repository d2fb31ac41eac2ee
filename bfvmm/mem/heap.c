/* SPDX-License-Identifier: MIT */
/*
 * Small blocks on top of the page pool: powers of two up to half a page come from free lists,
 * larger ones are whole pages. A header before each block says which.
 */
#include <bareframe/ext.h>
#include <bareframe/log.h>
#include <bfvmm/guard.h>
#include <bfvmm/lock.h>
#include <bfvmm/mem.h>

#define CLASS_MIN 5U  /* 32 bytes, header included */
#define CLASS_MAX 11U /* 2048 bytes */

/* 16 bytes, so that blocks are aligned to 16. */
struct header {
	uint32_t class; /* log2 of the block's size, 0: whole pages */
	uint32_t pages;
	union {
		struct header *next; /* while it is free */
		uint64_t mark;       /* else TAKEN */
	};
};

#define TAKEN 0x4e454b4154464221ull

static struct bf_lock lock = BF_LOCK_INIT;
static struct header *free_list[CLASS_MAX + 1];

void bf_heap_init(void)
{
	memset(free_list, 0, sizeof(free_list));
}

static uint32_t class_of(uint64_t bytes)
{
	uint32_t class = CLASS_MIN;

	while ((1UL << class) < bytes)
		class ++;
	return class;
}

static struct header *take_pages(uint64_t bytes)
{
	uint64_t pages = (bytes + BF_PAGE_SIZE - 1) / BF_PAGE_SIZE;

	if (pages > UINT32_MAX)
		return NULL;
	struct header *block = bf_pages_alloc((uint32_t)pages);
	if (block)
		block->pages = (uint32_t)pages;
	return block;
}

/* Cuts a fresh page into blocks of one class. */
static void refill(uint32_t class)
{
	char *page = bf_pages_alloc(1);

	for (uint64_t at = 0; page && at < BF_PAGE_SIZE; at += 1UL << class) {
		struct header *block = (struct header *)(page + at);

		block->next = free_list[class];
		free_list[class] = block;
	}
}

static struct header *take_block(uint32_t class)
{
	bf_lock(&lock);
	if (!free_list[class])
		refill(class);
	struct header *block = free_list[class];
	if (block)
		free_list[class] = block->next;
	bf_unlock(&lock);
	if (block) {
		memset(block, 0, 1UL << class);
		block->class = class;
	}
	return block;
}

void *bf_alloc(uint64_t bytes)
{
	struct header *block;

	if (!bytes || bytes > UINT64_MAX - BF_PAGE_SIZE)
		return NULL;
	bytes += sizeof(*block);
	block = bytes > 1UL << CLASS_MAX ? take_pages(bytes) : take_block(class_of(bytes));
	if (!block)
		return NULL;
	block->mark = TAKEN;
	return block + 1;
}

void bf_free(void *memory)
{
	struct header *block;

	if (!memory)
		return;
	block = (struct header *)memory - 1;
	if (block->mark != TAKEN) {
		bf_error("extension %s: bf_free() of 0x%lx, which bf_alloc() has not given or "
			 "bf_free() has had",
			 bf_running_name(), (uint64_t)memory);
		return;
	}
	block->mark = 0;
	if (!block->class) {
		bf_pages_free(block, block->pages);
		return;
	}
	bf_lock(&lock);
	block->next = free_list[block->class];
	free_list[block->class] = block;
	bf_unlock(&lock);
}
