/* SPDX-License-Identifier: MIT */
/*
 * The page pool: free runs of pages in a list by rising address, each run described by a header
 * in its own first page. First fit, merged on free: few, long-lived allocations.
 */
#include <bareframe/ext.h>
#include <bareframe/log.h>
#include <bfhw/phys.h>
#include <bfvmm/guard.h>
#include <bfvmm/lock.h>
#include <bfvmm/mem.h>

/*
 * One page in so many is for the VMM itself: an extension that takes all it can get shall not keep
 * it from starting CPUs, changing chains and mapping memory.
 */
#define RESERVE_SHARE 8

struct run {
	struct run *next;
	uint64_t pages;
};

static struct bf_lock lock = BF_LOCK_INIT;
static struct run *runs;
static uint64_t total, used;
static uint64_t fail_after; /* a way to see, on any machine, that the VMM survives it */

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
	fail_after = bf_option_number("fail_alloc", 0);
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

static bool injected_failure(void)
{
	if (!fail_after || --fail_after)
		return false;
	bf_warn("fail_alloc: an allocation fails, as the VMM's command line asks for");
	return true;
}

void *bf_pages_alloc(uint32_t count)
{
	struct bf_ext *ext = bf_running_ext();
	uint64_t keep = ext ? total / RESERVE_SHARE : 0;

	bf_lock(&lock);
	bool can = count && used + count + keep <= total && !injected_failure();
	void *pages = can ? take(count) : NULL;
	bf_unlock(&lock);
	if (pages)
		memset(pages, 0, count * BF_PAGE_SIZE);
	else if (ext)
		bf_blame_hunger(ext, "memory (try bfm load --pool)");
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
