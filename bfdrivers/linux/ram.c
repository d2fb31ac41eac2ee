/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The machine's RAM, from the kernel's resource tree. */
#include <linux/ioport.h>
#include <linux/mm.h>
#include <bfload/report.h>
#include "bareframe.h"

static int add(struct resource *res, void *arg)
{
	struct bf_machine *machine = arg;
	uint64_t start = PAGE_ALIGN(res->start);
	uint64_t end = (res->end + 1) & PAGE_MASK;
	struct bf_region *last = &machine->regions[machine->region_count];

	if (start >= end)
		return 0;
	if (machine->region_count && last[-1].pa + last[-1].bytes == start) {
		last[-1].bytes += end - start;
		return 0;
	}
	if (machine->region_count == BF_MAX_REGIONS)
		return BF_ERANGE;
	last->pa = start;
	last->bytes = end - start;
	last->type = BF_REGION_RAM;
	machine->region_count++;
	return 0;
}

int ram_describe(struct bf_machine *machine, struct bf_report *report)
{
	/* In order of address, under the tree's lock; what lies inside RAM is passed over. */
	if (walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_SYSTEM_RAM, 0, -1, machine, add) ==
	    BF_ERANGE)
		return bf_report_set(report, BF_ERANGE, "ranges of RAM", BF_MAX_REGIONS + 1,
				     "must not exceed 256 (see /proc/iomem)");
	return 0;
}
