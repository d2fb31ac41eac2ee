/* SPDX-License-Identifier: MIT */
#include "bf_os.h"
#include "layout_map.h"
#include <bfload/report.h>
#include <bfload/switch.h>

/* The most contiguous pages that are asked for at once for the pool. */
#define POOL_CHUNK 1024

/* Mapped pages of a stack window, in order: first page and number of each stack. */
static const struct {
	uint64_t offset;
	uint32_t pages;
} stack_parts[] = {
	{BF_STACK_MAIN, (BF_STACK_MAIN_TOP - BF_STACK_MAIN) / BF_PAGE_SIZE},
	{BF_STACK_NMI, (BF_STACK_NMI_TOP - BF_STACK_NMI) / BF_PAGE_SIZE},
	{BF_STACK_DF, (BF_STACK_DF_TOP - BF_STACK_DF) / BF_PAGE_SIZE},
	{BF_STACK_MC, (BF_STACK_MC_TOP - BF_STACK_MC) / BF_PAGE_SIZE},
	{BF_STACK_INFO, 1},
};

_Static_assert(sizeof(struct bf_log_ring) == BF_LOG_RING_BYTES, "a ring fills its window");
_Static_assert(sizeof(struct bf_log_page) <= BF_PAGE_SIZE, "hypercall arguments fit a page");
_Static_assert(sizeof(struct bf_stats_page) <= BF_PAGE_SIZE, "hypercall arguments fit a page");
_Static_assert(sizeof(struct bf_ext_page) <= BF_PAGE_SIZE, "hypercall arguments fit a page");

static void *va_of(struct bf_layout *layout, uint64_t pa)
{
	return layout->shared.ops->to_va(layout->shared.os, pa);
}

/* Takes pages, one by one where they need not be contiguous, and maps them at @va. */
static int place(struct bf_layout *layout, uint64_t va, uint32_t pages, uint32_t flags,
		 struct bf_report *report)
{
	uint64_t pa = 0;
	int ret = 0;

	for (uint32_t i = 0; !ret && i < pages; i++, va += BF_PAGE_SIZE) {
		ret = bf_arena_take(&layout->owned, 1, &pa, report);
		if (!ret)
			ret = bf_pagetable_map(&layout->tables, va, pa, BF_PAGE_SIZE, flags,
					       report);
	}
	return ret;
}

/* Takes contiguous pages that the loader reads as one object too. */
static int place_object(struct bf_layout *layout, struct bf_arena *arena, uint64_t va,
			uint64_t bytes, void **object, struct bf_report *report)
{
	uint64_t pa = 0;
	uint64_t pages = (bytes + BF_PAGE_SIZE - 1) / BF_PAGE_SIZE;
	int ret = bf_arena_take(arena, pages, &pa, report);

	if (ret)
		return ret;
	*object = va_of(layout, pa);
	if (!va)
		return 0;
	return bf_pagetable_map(&layout->tables, va, pa, pages * BF_PAGE_SIZE, BF_MAP_W, report);
}

static int place_segment(struct bf_layout *layout, const struct bf_image *image,
			 const struct bf_image_segment *s, struct bf_report *report)
{
	uint32_t flags =
		(s->flags & BF_SEGMENT_W ? BF_MAP_W : 0) | (s->flags & BF_SEGMENT_X ? BF_MAP_X : 0);

	for (uint64_t at = 0; at < s->mem_bytes; at += BF_PAGE_SIZE) {
		uint64_t pa = 0;
		int ret = bf_arena_take(&layout->owned, 1, &pa, report);

		if (!ret)
			ret = bf_pagetable_map(&layout->tables, s->va + at, pa, BF_PAGE_SIZE, flags,
					       report);
		if (ret)
			return ret;
		if (at < s->file_bytes) {
			uint64_t left = s->file_bytes - at;

			memcpy(va_of(layout, pa), image->bytes + s->offset + at,
			       left < BF_PAGE_SIZE ? left : BF_PAGE_SIZE);
		}
	}
	return 0;
}

static int place_stacks(struct bf_layout *layout, uint32_t cpu, struct bf_report *report)
{
	uint64_t window = BF_VA_STACKS + cpu * BF_STACK_WINDOW;
	int ret = 0;

	for (uint32_t i = 0; !ret && i < sizeof(stack_parts) / sizeof(stack_parts[0]); i++)
		ret = place(layout, window + stack_parts[i].offset, stack_parts[i].pages, BF_MAP_W,
			    report);
	return ret;
}

static int place_cpu(struct bf_layout *layout, const struct bf_image *image,
		     const struct bf_machine *machine, uint32_t cpu, struct bf_report *report)
{
	void *ring = NULL, *record = NULL;
	struct bf_switch *sw;
	int ret = place_stacks(layout, cpu, report);

	if (!ret)
		ret = place_object(layout, &layout->owned, BF_VA_LOG + cpu * BF_LOG_RING_BYTES,
				   BF_LOG_RING_BYTES, &ring, report);
	if (!ret)
		ret = place_object(layout, &layout->shared, 0, sizeof(*sw), &record, report);
	if (ret)
		return ret;
	layout->log[cpu] = ring;
	layout->log[cpu]->magic = BF_LOG_MAGIC;
	sw = record;
	sw->vmm_cr3 = layout->tables.root_pa;
	sw->vmm_entry = image->entry;
	sw->vmm_stack = BF_VA_STACKS + cpu * BF_STACK_WINDOW + BF_STACK_MAIN_TOP;
	sw->boot_va = BF_VA_BOOT;
	sw->cpu = cpu;
	sw->amd = machine->amd;
	layout->sw[cpu] = sw;
	layout->boot->cpus[cpu].apic_id = machine->apic_id[cpu];
	layout->boot->cpus[cpu].switch_va = (uint64_t)(uintptr_t)sw;
	return 0;
}

static int place_cpus(struct bf_layout *layout, const struct bf_image *image,
		      const struct bf_machine *machine, struct bf_report *report)
{
	int ret = 0;

	if (!machine->cpu_count || machine->cpu_count > BF_MAX_CPUS)
		return bf_report_set(report, BF_ERANGE, "number of CPUs", machine->cpu_count,
				     "must be 1 to 256 (Linux: boot with nr_cpus=256)");
	/* Counts only those that have a record: status() looks into each. */
	for (uint32_t i = 0; !ret && i < machine->cpu_count; i++) {
		ret = place_cpu(layout, image, machine, i, report);
		if (!ret)
			layout->cpu_count = i + 1;
	}
	return ret;
}

static void fill_boot(struct bf_layout *layout, const struct bf_machine *machine,
		      uint32_t log_level, const char *cmdline)
{
	struct bf_boot *boot = layout->boot;

	boot->magic = BF_BOOT_MAGIC;
	boot->version = BF_BOOT_VERSION;
	boot->size = sizeof(*boot);
	boot->loader = machine->loader;
	boot->cpu_count = machine->cpu_count;
	boot->rsdp_pa = machine->rsdp_pa;
	boot->apic_pa = machine->apic_pa;
	boot->vmm_cr3 = layout->tables.root_pa;
	boot->log_level = log_level;
	boot->region_count = machine->region_count;
	memcpy(boot->regions, machine->regions, machine->region_count * sizeof(boot->regions[0]));
	bf_text_copy(boot->cmdline, sizeof(boot->cmdline), cmdline);
}

/* Takes the pool's pages, the first time only. */
static int take_pool(struct bf_layout *layout, uint64_t bytes, struct bf_report *report)
{
	struct bf_arena *pool = &layout->pool;

	while (pool->bytes < bytes) {
		uint64_t pages = (bytes - pool->bytes + BF_PAGE_SIZE - 1) >> BF_PAGE_SHIFT;
		int64_t got = bf_arena_grow(pool, pages < POOL_CHUNK ? pages : POOL_CHUNK);

		if (got < 0)
			return bf_report_set(report, (int)got, "page pool", bytes,
					     "so much was not to be had in 512 extents: free some "
					     "memory, or ask for a smaller pool");
	}
	return 0;
}

/* Says which pages are free for the VMM, and which are the VMM's own. */
static int fill_extents(struct bf_layout *layout, struct bf_report *report)
{
	struct bf_boot *boot = layout->boot;
	int64_t count = bf_arena_list(&layout->pool, boot->pool, 0, BF_MAX_EXTENTS);

	boot->pool_count = bf_extents_merge(boot->pool, (uint32_t)count);
	count = bf_arena_list(&layout->owned, boot->owned, 0, BF_MAX_EXTENTS);
	if (count >= 0)
		count = bf_arena_list(&layout->pool, boot->owned, (uint32_t)count, BF_MAX_EXTENTS);
	if (count < 0)
		return bf_report_set(report, BF_ERANGE, "extents of memory", BF_MAX_EXTENTS,
				     "the machine's memory is too fragmented: ask for a smaller "
				     "pool, or load the VMM earlier after boot");
	boot->owned_count = bf_extents_merge(boot->owned, (uint32_t)count);
	return 0;
}

/* All that holds data. */
static int place_all(struct bf_layout *layout, const struct bf_image *image,
		     const struct bf_machine *machine, struct bf_report *report)
{
	void *boot = NULL;
	int ret = bf_pagetable_init(&layout->tables, &layout->owned, machine->la57,
				    machine->pages_1g, report);

	if (!ret)
		ret = place_object(layout, &layout->shared, BF_VA_BOOT, sizeof(*layout->boot),
				   &boot, report);
	if (ret)
		return ret;
	layout->boot = boot;
	ret = bf_arena_take(&layout->shared, 1, &layout->page_pa, report);
	if (ret)
		return ret;
	layout->page = va_of(layout, layout->page_pa);
	for (uint32_t i = 0; !ret && i < image->segment_count; i++)
		ret = place_segment(layout, image, &image->segment[i], report);
	if (!ret)
		ret = place_cpus(layout, image, machine, report);
	return ret;
}

void bf_layout_init(struct bf_layout *layout, const struct bf_loader_ops *ops, void *os)
{
	memset(layout, 0, sizeof(*layout));
	bf_arena_init(&layout->owned, ops, os);
	bf_arena_init(&layout->shared, ops, os);
	bf_arena_init(&layout->pool, ops, os);
}

int bf_layout_build(struct bf_layout *layout, const struct bf_image *image,
		    const struct bf_machine *machine, uint32_t log_level, const char *cmdline,
		    uint64_t pool, struct bf_report *report)
{
	int ret;

	bf_arena_rewind(&layout->owned);
	bf_arena_rewind(&layout->shared);
	layout->cpu_count = 0;
	ret = bf_layout_check_regions(machine, report);
	if (!ret)
		ret = place_all(layout, image, machine, report);
	if (!ret)
		ret = take_pool(layout, pool, report);
	if (!ret)
		ret = bf_layout_map_ram(layout, machine, report);
	if (!ret)
		ret = bf_layout_map_switch(layout, machine, report);
	if (!ret && machine->apic_pa)
		ret = bf_pagetable_map(&layout->tables, BF_VA_APIC, machine->apic_pa, BF_PAGE_SIZE,
				       BF_MAP_W | BF_MAP_UC, report);
	if (!ret)
		ret = bf_layout_check_memory(layout, machine, report);
	if (ret)
		return ret;
	fill_boot(layout, machine, log_level, cmdline);
	/* Last: the tables themselves are among the pages that are owned. */
	return fill_extents(layout, report);
}

void bf_layout_free(struct bf_layout *layout)
{
	bf_arena_free(&layout->owned);
	bf_arena_free(&layout->shared);
	bf_arena_free(&layout->pool);
	layout->boot = NULL;
	layout->cpu_count = 0;
}

uint64_t bf_layout_bytes(const struct bf_layout *layout)
{
	return layout->owned.bytes + layout->shared.bytes + layout->pool.bytes;
}
