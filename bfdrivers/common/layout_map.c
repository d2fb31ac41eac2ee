/* SPDX-License-Identifier: MIT */
#include "bf_os.h"
#include "layout_map.h"
#include <bfload/report.h>
#include <bfload/switch.h>

static int fail(struct bf_report *report, const char *what, uint64_t value, const char *rule)
{
	return bf_report_set(report, BF_EINVAL, what, value, rule);
}

static bool holds(const struct bf_machine *machine, const struct bf_extent *extent)
{
	uint64_t at = extent->pa, end = extent->pa + extent->bytes;

	/* Sorted regions that touch hold an extent together. */
	for (uint32_t i = 0; i < machine->region_count; i++) {
		const struct bf_region *r = &machine->regions[i];

		if (r->type == BF_REGION_RAM && at >= r->pa && at < r->pa + r->bytes)
			at = r->pa + r->bytes;
		if (at >= end)
			return true;
	}
	return false;
}

static int check_arena(const struct bf_arena *arena, const struct bf_machine *machine,
		       struct bf_report *report)
{
	for (uint32_t i = 0; i < arena->count; i++) {
		if (!holds(machine, &arena->extent[i]))
			return fail(report, "memory for the VMM", arena->extent[i].pa,
				    "must lie in RAM of the machine's memory map");
	}
	return 0;
}

static int check_region(const struct bf_region *r, uint64_t end, struct bf_report *report)
{
	if ((r->pa | r->bytes) & ~BF_PAGE_MASK || !r->bytes)
		return fail(report, "memory map: region", r->pa,
			    "must be page-aligned and not empty");
	if (r->pa < end)
		return fail(report, "memory map: region", r->pa,
			    "must start behind the one before it");
	if (r->type == BF_REGION_RAM &&
	    (r->pa > BF_DIRECT_MAP_MAX || r->bytes > BF_DIRECT_MAP_MAX - r->pa))
		return fail(report, "memory map: RAM", r->pa, "must end below 64 TiB");
	if (r->bytes > ~0UL - r->pa)
		return fail(report, "memory map: region", r->pa, "must not wrap");
	return 0;
}

int bf_layout_check_regions(const struct bf_machine *machine, struct bf_report *report)
{
	uint64_t end = 0;

	if (!machine->region_count || machine->region_count > BF_MAX_REGIONS)
		return fail(report, "memory map: regions", machine->region_count,
			    "must be 1 to 256");
	for (uint32_t i = 0; i < machine->region_count; i++) {
		int ret = check_region(&machine->regions[i], end, report);

		if (ret)
			return ret;
		end = machine->regions[i].pa + machine->regions[i].bytes;
	}
	return 0;
}

int bf_layout_check_memory(const struct bf_layout *layout, const struct bf_machine *machine,
			   struct bf_report *report)
{
	int ret = check_arena(&layout->owned, machine, report);

	if (!ret)
		ret = check_arena(&layout->shared, machine, report);
	if (!ret)
		ret = check_arena(&layout->pool, machine, report);
	return ret;
}

int bf_layout_map_ram(struct bf_layout *layout, const struct bf_machine *machine,
		      struct bf_report *report)
{
	uint32_t i = 0;

	while (i < machine->region_count) {
		const struct bf_region *r = &machine->regions[i++];
		uint64_t bytes = r->bytes;
		int ret;

		if (r->type != BF_REGION_RAM)
			continue;
		/* Regions that touch are one: a large page may span their border. */
		while (i < machine->region_count && machine->regions[i].type == BF_REGION_RAM &&
		       machine->regions[i].pa == r->pa + bytes)
			bytes += machine->regions[i++].bytes;
		ret = bf_pagetable_map(&layout->tables, BF_VA_DIRECT_MAP + r->pa, r->pa, bytes,
				       BF_MAP_W, report);
		if (ret)
			return ret;
	}
	return 0;
}

static uint64_t end_of_ram(const struct bf_machine *machine)
{
	uint64_t end = 0;

	for (uint32_t i = 0; i < machine->region_count; i++) {
		const struct bf_region *r = &machine->regions[i];

		if (r->type == BF_REGION_RAM)
			end = r->pa + r->bytes;
	}
	return end;
}

static int map_shared(struct bf_layout *layout, const struct bf_machine *machine, const void *at,
		      uint64_t pages, uint32_t flags, struct bf_report *report)
{
	const struct bf_arena *arena = &layout->shared;
	uint64_t va = (uint64_t)(uintptr_t)at, end = va + pages * BF_PAGE_SIZE, pa;
	int ret;

	if (va & ~BF_PAGE_MASK)
		return fail(report, "address of the world switch", va, "must be page-aligned");
	if ((va < BF_VA_END && end > BF_VA_IMAGE) ||
	    (va < BF_VA_DIRECT_MAP + end_of_ram(machine) && end > BF_VA_DIRECT_MAP))
		return fail(report, "address of the world switch", va,
			    "must lie outside the VMM's own regions: it is the same in both "
			    "worlds, see bfabi/layout.h");
	for (; va < end; va += BF_PAGE_SIZE) {
		ret = arena->ops->to_pa(arena->os, (const void *)(uintptr_t)va, &pa);
		if (ret)
			return bf_report_set(report, BF_EFAULT, "address of the world switch", va,
					     "must be mapped to a page of RAM");
		ret = bf_pagetable_map(&layout->tables, va, pa & BF_PAGE_MASK, BF_PAGE_SIZE, flags,
				       report);
		if (ret)
			return ret;
	}
	return 0;
}

int bf_layout_map_switch(struct bf_layout *layout, const struct bf_machine *machine,
			 struct bf_report *report)
{
	const void *page = layout->shared.ops->switch_page;
	int ret = map_shared(layout, machine, page ? page : bf_switch_page, 1, BF_MAP_X, report);

	for (uint32_t i = 0; !ret && i < layout->cpu_count; i++)
		ret = map_shared(layout, machine, layout->sw[i],
				 sizeof(struct bf_switch) / BF_PAGE_SIZE, BF_MAP_W, report);
	return ret;
}
