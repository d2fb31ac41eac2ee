/* SPDX-License-Identifier: MIT */
/* SDM volume 3, "4-Level Paging and 5-Level Paging". */
#include "bf_os.h"
#include <bfload/pagetable.h>
#include <bfload/report.h>

#define ENTRY_P    (1UL << 0)
#define ENTRY_W    (1UL << 1)
#define ENTRY_PWT  (1UL << 3)
#define ENTRY_PCD  (1UL << 4)
#define ENTRY_A    (1UL << 5)
#define ENTRY_D    (1UL << 6)
#define ENTRY_LEAF (1UL << 7) /* in tables of level 2 and 3 */
#define ENTRY_NX   (1UL << 63)
#define ENTRY_PA   0x000ffffffffff000UL

#define ENTRIES 512

/* Bytes that one entry of a table of this level maps; level 1 maps pages of 4 KiB. */
static uint64_t entry_bytes(uint32_t level)
{
	return BF_PAGE_SIZE << (9 * (level - 1));
}

static uint64_t *entry_of(const struct bf_pagetable *pt, uint64_t table_pa, uint32_t level,
			  uint64_t va)
{
	uint64_t *table = pt->arena->ops->to_va(pt->arena->os, table_pa);

	return &table[va / entry_bytes(level) % ENTRIES];
}

int bf_pagetable_init(struct bf_pagetable *pt, struct bf_arena *arena, uint32_t la57,
		      uint32_t pages_1g, struct bf_report *report)
{
	pt->arena = arena;
	pt->levels = la57 ? 5 : 4;
	pt->pages_1g = pages_1g;
	return bf_arena_take(arena, 1, &pt->root_pa, report);
}

static int conflict(struct bf_report *report, uint64_t va)
{
	return bf_report_set(report, BF_EEXIST, "virtual address of the VMM", va,
			     "is mapped twice: two regions of the VMM overlap");
}

/* Descends to the entry for @va in a table of @level, making tables on the way. */
static int find_entry(struct bf_pagetable *pt, uint64_t va, uint32_t level, uint64_t **out,
		      struct bf_report *report)
{
	uint64_t table = pt->root_pa;
	int ret;

	for (uint32_t at = pt->levels; at > level; at--) {
		uint64_t *entry = entry_of(pt, table, at, va);

		if (!(*entry & ENTRY_P)) {
			ret = bf_arena_take(pt->arena, 1, &table, report);
			if (ret)
				return ret;
			*entry = table | ENTRY_P | ENTRY_W | ENTRY_A;
		} else if (at < 4 && (*entry & ENTRY_LEAF)) {
			return conflict(report, va);
		}
		table = *entry & ENTRY_PA;
	}
	*out = entry_of(pt, table, level, va);
	return 0;
}

/* The level of the largest page that starts here and fits. */
static uint32_t leaf_level(const struct bf_pagetable *pt, uint64_t va, uint64_t pa, uint64_t bytes)
{
	uint32_t level = pt->pages_1g ? 3 : 2;

	while (level > 1 && (((va | pa) & (entry_bytes(level) - 1)) || bytes < entry_bytes(level)))
		level--;
	return level;
}

static int map_one(struct bf_pagetable *pt, uint64_t va, uint64_t pa, uint32_t level,
		   uint32_t flags, struct bf_report *report)
{
	uint64_t *entry = NULL;
	int ret = find_entry(pt, va, level, &entry, report);

	if (!entry)
		return ret;
	if (*entry & ENTRY_P)
		return conflict(report, va);
	/* Accessed and dirty from the start: the CPU never has to write an entry. */
	*entry = pa | ENTRY_P | ENTRY_A | ENTRY_D;
	if (level > 1)
		*entry |= ENTRY_LEAF;
	if (flags & BF_MAP_W)
		*entry |= ENTRY_W;
	if (!(flags & BF_MAP_X))
		*entry |= ENTRY_NX;
	if (flags & BF_MAP_UC)
		*entry |= ENTRY_PCD | ENTRY_PWT;
	return 0;
}

static bool canonical(const struct bf_pagetable *pt, uint64_t va)
{
	uint64_t top = va >> (pt->levels == 5 ? 56 : 47);

	return !top || top == ~0UL >> (pt->levels == 5 ? 56 : 47);
}

static bool valid(const struct bf_pagetable *pt, uint64_t va, uint64_t pa, uint64_t bytes,
		  uint32_t flags)
{
	if ((va | pa | bytes) & ~BF_PAGE_MASK)
		return false;
	if ((flags & BF_MAP_W) && (flags & BF_MAP_X))
		return false;
	if ((pa | (bytes ? pa + bytes - 1 : pa)) & ~(ENTRY_PA | ~BF_PAGE_MASK))
		return false;
	return !bytes ||
	       (va + (bytes - 1) >= va && canonical(pt, va) && canonical(pt, va + (bytes - 1)));
}

int bf_pagetable_map(struct bf_pagetable *pt, uint64_t va, uint64_t pa, uint64_t bytes,
		     uint32_t flags, struct bf_report *report)
{
	int ret;

	if (!valid(pt, va, pa, bytes, flags))
		return bf_report_set(report, BF_EINVAL, "mapping of the VMM", va,
				     "must be canonical, page-aligned, not writable and "
				     "executable");
	while (bytes) {
		uint32_t level = leaf_level(pt, va, pa, bytes);

		ret = map_one(pt, va, pa, level, flags, report);
		if (ret)
			return ret;
		va += entry_bytes(level);
		pa += entry_bytes(level);
		bytes -= entry_bytes(level);
	}
	return 0;
}

static void translate(struct bf_translation *out, uint64_t entry, uint32_t level, uint64_t va)
{
	uint64_t offset = va & (entry_bytes(level) - 1);

	out->pa = ((entry & ENTRY_PA) & ~(entry_bytes(level) - 1)) | offset;
	out->page_bytes = entry_bytes(level);
	out->flags = (entry & ENTRY_W ? BF_MAP_W : 0) | (entry & ENTRY_NX ? 0 : BF_MAP_X) |
		     (entry & ENTRY_PCD ? BF_MAP_UC : 0);
}

int bf_pagetable_walk(const struct bf_pagetable *pt, uint64_t va, struct bf_translation *out)
{
	uint64_t table = pt->root_pa;

	if (!canonical(pt, va))
		return BF_ENOENT;
	for (uint32_t level = pt->levels; level; level--) {
		uint64_t entry = *entry_of(pt, table, level, va);

		if (!(entry & ENTRY_P))
			return BF_ENOENT;
		if (level == 1 || (level < 4 && (entry & ENTRY_LEAF))) {
			translate(out, entry, level, va);
			return 0;
		}
		table = entry & ENTRY_PA;
	}
	return BF_ENOENT;
}
