/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The machine's RAM, from the kernel's resource tree. */
#include <linux/ioport.h>
#include <linux/mm.h>
#include <bfload/report.h>
#include "bareframe.h"

/* The tree's lock is not ours to take; this asks under it whether what we saw is still so. */
static bool is_ram(resource_size_t start, resource_size_t end)
{
	return region_intersects(start, end - start + 1, IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE) ==
	       REGION_INTERSECTS;
}

static int add(struct bf_machine *machine, const struct resource *res, struct bf_report *report)
{
	uint64_t start = PAGE_ALIGN(res->start);
	uint64_t end = (res->end + 1) & PAGE_MASK;
	struct bf_region *last = &machine->regions[machine->region_count];

	if (start >= end || !is_ram(start, end - 1))
		return 0;
	if (machine->region_count && last[-1].pa + last[-1].bytes == start) {
		last[-1].bytes += end - start;
		return 0;
	}
	if (machine->region_count == BF_MAX_REGIONS)
		return bf_report_set(report, BF_ERANGE, "ranges of RAM", BF_MAX_REGIONS + 1,
				     "must not exceed 256 (see /proc/iomem)");
	last->pa = start;
	last->bytes = end - start;
	last->type = BF_REGION_RAM;
	machine->region_count++;
	return 0;
}

/* The next resource in order of address; what lies inside RAM is RAM and is passed over. */
static const struct resource *next(const struct resource *res)
{
	if (res->child && !(res->flags & IORESOURCE_SYSRAM))
		return res->child;
	while (!res->sibling && res->parent)
		res = res->parent;
	return res->sibling;
}

int ram_describe(struct bf_machine *machine, struct bf_report *report)
{
	const struct resource *res = iomem_resource.child;
	int ret = 0;

	for (; !ret && res; res = next(res)) {
		if ((res->flags & IORESOURCE_SYSTEM_RAM) == IORESOURCE_SYSTEM_RAM)
			ret = add(machine, res, report);
	}
	return ret;
}
