/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include "bareframe.h"

#define LARGEST_ORDER 10

/* Never the last pages of the machine: a VMM that does not fit is reported, no one is killed. */
#define GFP_VMM (GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN)

int memory_alloc(void *os, uint64_t pages, struct bf_extent *extent)
{
	int order = min_t(int, ilog2(pages), LARGEST_ORDER);

	for (; order >= 0; order--) {
		struct page *page = alloc_pages(GFP_VMM, order);

		if (page) {
			extent->pa = page_to_phys(page);
			extent->bytes = BF_PAGE_SIZE << order;
			return 0;
		}
	}
	return BF_ENOMEM;
}

void memory_free(void *os, const struct bf_extent *extent)
{
	__free_pages(pfn_to_page(PHYS_PFN(extent->pa)), get_order(extent->bytes));
}

void *memory_to_va(void *os, uint64_t pa)
{
	return phys_to_virt(pa);
}

/* Pages of the direct map, or of this module's text. */
int memory_to_pa(void *os, const void *va, uint64_t *pa)
{
	struct page *page = virt_addr_valid(va) ? virt_to_page(va) : vmalloc_to_page(va);

	if (!page)
		return BF_EFAULT;
	*pa = page_to_phys(page) + offset_in_page(va);
	return 0;
}
