/* SPDX-License-Identifier: MIT */
#include <bfabi/error.h>
#include <bfhw/phys.h>
#include <bfvmm/mem.h>
#include <bfvmm/msr.h>
#include <bfvmm/ram.h>
#include <common/guest_walk.h>

#define ENTRY_P  0x1ull
#define ENTRY_PS 0x80ull

#define ADDRESS_LONG   0x000ffffffffff000ull
#define ADDRESS_PAE    0xffffffe0ull /* of CR3: the table has four entries */
#define ADDRESS_LEGACY 0xfffff000ull

/* One way of translating (APM volume 2, chapter 5). */
struct format {
	uint8_t levels;
	uint8_t index_bits;  /* at all levels, but for the highest of PAE */
	uint8_t large_first; /* lowest and highest level that may hold a large page */
	uint8_t large_last;
	uint64_t root; /* address bits of CR3 */
};

static const struct format legacy = {2, 10, 3, 3, ADDRESS_LEGACY};
static const struct format legacy_pse = {2, 10, 2, 2, ADDRESS_LEGACY};
static const struct format pae = {3, 9, 2, 2, ADDRESS_PAE};
static const struct format long_4 = {4, 9, 2, 3, ADDRESS_LONG};
static const struct format long_5 = {5, 9, 2, 3, ADDRESS_LONG};

static const struct format *format_of(const struct bf_paging *p)
{
	if (!(p->cr4 & CR4_PAE))
		return p->cr4 & CR4_PSE ? &legacy_pse : &legacy;
	if (!(p->efer & EFER_LMA))
		return &pae;
	return p->cr4 & CR4_LA57 ? &long_5 : &long_4;
}

static inline bool is_ram(uint64_t pa, uint64_t bytes)
{
	if (pa >= 0x100000 && pa + bytes <= bf_ram_low_end)
		return true;
	return bf_phys_is_ram(pa, bytes);
}

/* A 4 MiB page: bits 20:13 are address bits 39:32 (PSE-36). */
static uint64_t address_pse36(uint64_t entry)
{
	return (entry & 0xffc00000) | (entry >> 13 & 0xff) << 32;
}

static int walk_legacy(const struct format *f, uint64_t cr3, uint32_t va, uint64_t *pa)
{
	uint64_t at = (cr3 & f->root) + (va >> 22) * 4;
	uint32_t entry;

	if (!is_ram(at, 4))
		return BF_EFAULT;
	entry = *(const volatile uint32_t *)bf_phys_to_virt(at);
	if (!(entry & ENTRY_P))
		return BF_ENOENT;
	if ((entry & ENTRY_PS) && f->large_first == 2) {
		*pa = address_pse36(entry) | (va & 0x3fffff);
		return 0;
	}
	at = (entry & ADDRESS_LEGACY) + (va >> 12 & 0x3ff) * 4;
	if (!is_ram(at, 4))
		return BF_EFAULT;
	entry = *(const volatile uint32_t *)bf_phys_to_virt(at);
	*pa = (entry & ADDRESS_LEGACY) | (va & 0xfff);
	return entry & ENTRY_P ? 0 : BF_ENOENT;
}

static int walk_wide(const struct format *f, uint64_t cr3, uint64_t va, struct bf_walk *walk)
{
	uint64_t table = cr3 & f->root, entry = 0, low = 0xfff;

	for (uint32_t level = f->levels; level >= 1; level--) {
		uint32_t shift = 3 + 9 * level;
		uint64_t at = table + (va >> shift & 0x1ff) * 8;
		struct bf_walk_step *step = &walk->step[walk->steps++];

		if (!is_ram(at, 8))
			return BF_EFAULT;
		step->entry = bf_phys_to_virt(at);
		step->value = entry = *step->entry;
		if (!(entry & ENTRY_P))
			return BF_ENOENT;
		if ((entry & ENTRY_PS) && level >= f->large_first && level <= f->large_last) {
			low = (1ull << shift) - 1;
			break;
		}
		table = entry & ADDRESS_LONG;
	}
	walk->pa = (entry & ADDRESS_LONG & ~low) | (va & low);
	return 0;
}

int bf_guest_walk(const struct bf_paging *p, uint64_t va, struct bf_walk *walk)
{
	const struct format *f = format_of(p);

	walk->steps = 0;
	if (!(p->cr0 & CR0_PG)) {
		walk->pa = va;
		return 0;
	}
	if (f->index_bits == 10)
		return walk_legacy(f, p->cr3, (uint32_t)va, &walk->pa);
	/* With PAE the highest index has two bits: what is above is no part of the address. */
	return walk_wide(f, p->cr3, f == &pae ? (uint32_t)va : va, walk);
}

uint32_t bf_guest_fetch(const struct bf_paging *p, uint64_t va, uint8_t *bytes, uint32_t count)
{
	uint32_t done = 0;

	while (done < count) {
		uint64_t at = (va + done) & p->va_mask;
		uint32_t left = BF_PAGE_SIZE - (at & (BF_PAGE_SIZE - 1));
		uint32_t part = count - done < left ? count - done : left;
		struct bf_walk walk;

		if (bf_guest_walk(p, at, &walk) || !is_ram(walk.pa, part))
			break;
		memcpy(bytes + done, bf_phys_to_virt(walk.pa), part);
		done += part;
	}
	return done;
}
