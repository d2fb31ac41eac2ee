/* SPDX-License-Identifier: MIT */
/*
 * The page pool: free runs of pages in a list by rising address, each run described by a header
 * in its own first page. First fit, merged on free: few, long-lived allocations.
 */
#include <bfhw/phys.h>
#include <bfvmm/lock.h>
#include <bfvmm/mem.h>

struct run {
	struct run *next;
	uint64_t pages;
};

static struct bf_lock lock = BF_LOCK_INIT;
static struct run *runs;
static uint64_t total, used;

static char *run_end(const struct run *run)
{
	return (char *)run + run->pages * BF_PAGE_SIZE;
}

static void insert(struct run *run)
{
	struct run *before = NULL, *after = runs;

	for (; after && after < run; after = after->next)
		before = after;
	run->next = after;
	if (before)
		before->next = run;
	else
		runs = run;
	if (after && run_end(run) == (char *)after) {
		run->pages += after->pages;
		run->next = after->next;
	}
	if (before && run_end(before) == (char *)run) {
		before->pages += run->pages;
		before->next = run->next;
	}
}

void bf_pool_init(const struct bf_extent *extents, uint32_t count)
{
	runs = NULL;
	total = 0;
	used = 0;
	for (uint32_t i = 0; i < count; i++) {
		struct run *run = bf_phys_to_virt(extents[i].pa);

		run->pages = extents[i].bytes / BF_PAGE_SIZE;
		total += run->pages;
		insert(run);
	}
}

/* Takes pages off the end of a run, so that its header stays where it is. */
static void *take(uint32_t count)
{
	struct run **link = &runs;

	while (*link && (*link)->pages < count)
		link = &(*link)->next;
	if (!*link)
		return NULL;
	(*link)->pages -= count;
	void *pages = run_end(*link);
	if (!(*link)->pages)
		*link = (*link)->next;
	used += count;
	return pages;
}

void *bf_pages_alloc(uint32_t count)
{
	bf_lock(&lock);
	void *pages = count ? take(count) : NULL;
	bf_unlock(&lock);
	if (pages)
		memset(pages, 0, count * BF_PAGE_SIZE);
	return pages;
}

void bf_pages_free(void *pages, uint32_t count)
{
	struct run *run = pages;

	if (!run || !count)
		return;
	bf_lock(&lock);
	run->pages = count;
	used -= count;
	insert(run);
	bf_unlock(&lock);
}

uint64_t bf_pool_total(void)
{
	return total;
}

uint64_t bf_pool_used(void)
{
	return used;
}
