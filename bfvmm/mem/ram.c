/* SPDX-License-Identifier: MIT */
/* The memory map and the VMM's share of it, copied from the boot record once. */
#include <bfhw/phys.h>
#include <bfvmm/mem.h>
#include <bfvmm/ram.h>

static struct bf_region regions[BF_MAX_REGIONS];
static uint32_t region_count;
static struct bf_extent owned[BF_MAX_EXTENTS];
static uint32_t owned_count;

uint64_t bf_ram_low_end;

#define MIB (1UL << 20)

void bf_ram_init(const struct bf_boot *boot)
{
	region_count = boot->region_count;
	owned_count = boot->owned_count;
	memcpy(regions, boot->regions, region_count * sizeof(regions[0]));
	memcpy(owned, boot->owned, owned_count * sizeof(owned[0]));
	bf_ram_low_end = MIB;
	for (uint32_t i = 0; i < region_count; i++) {
		const struct bf_region *r = &regions[i];

		if (r->type == BF_REGION_RAM && r->pa <= bf_ram_low_end &&
		    r->pa + r->bytes > bf_ram_low_end)
			bf_ram_low_end = r->pa + r->bytes;
	}
}

bool bf_phys_is_ram(uint64_t pa, uint64_t bytes)
{
	uint64_t end = pa + bytes;

	if (end < pa)
		return false;
	for (uint32_t i = 0; i < region_count && pa < end; i++) {
		const struct bf_region *r = &regions[i];

		if (r->type == BF_REGION_RAM && pa >= r->pa && pa < r->pa + r->bytes)
			pa = r->pa + r->bytes;
	}
	return pa >= end;
}

uint64_t bf_ram_end(void)
{
	uint64_t end = 0;

	for (uint32_t i = 0; i < region_count; i++)
		if (regions[i].type == BF_REGION_RAM && regions[i].pa + regions[i].bytes > end)
			end = regions[i].pa + regions[i].bytes;
	return end;
}

enum bf_owned bf_phys_owned(uint64_t pa, uint64_t bytes)
{
	enum bf_owned found = BF_OWNED_NONE;

	for (uint32_t i = 0; i < owned_count; i++) {
		uint64_t start = owned[i].pa, end = start + owned[i].bytes;

		if (pa >= start && pa + bytes <= end)
			return BF_OWNED_ALL;
		if (pa < end && start < pa + bytes)
			found = BF_OWNED_SOME;
	}
	return found;
}

void *bf_control_memory(uint64_t gpa, uint64_t bytes)
{
	if (gpa + bytes < gpa || !bf_phys_is_ram(gpa, bytes) ||
	    bf_phys_owned(gpa, bytes) != BF_OWNED_NONE)
		return NULL;
	return bf_phys_to_virt(gpa);
}
