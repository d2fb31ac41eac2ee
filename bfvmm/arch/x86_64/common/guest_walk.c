/* SPDX-License-Identifier: MIT */
/* The paging modes (SDM volume 3, chapter 4; APM volume 2, chapter 5). */
#include <bfhw/hw.h>
#include <bfvmm/guest.h>
#include <bfvmm/msr.h>

#define ADDRESS_LONG   0x000ffffffffff000ull
#define ADDRESS_PAE    0xffffffe0ull /* of CR3: the table has four entries */
#define ADDRESS_LEGACY 0xfffff000ull

#define PAE_TOP   3
#define PAE_HIGH  0x7ff0000000000000ull /* bits that PAE paging leaves reserved below NX */
#define PDPTE_LOW 0x1e6ull              /* and in its four highest entries */

#define KEY_SHIFT 59
#define KEY_MASK  0xf

/* Large pages have address bits from their size up, PAT at bit 12, and between them: */
#define LARGE_2M 0x001fe000ull
#define LARGE_1G 0x3fffe000ull
/* A 4 MiB page has address bits 39:32 at 20:13 (PSE-36). */
#define LARGE_4M     0x00200000ull
#define PSE36_SHIFT  13
#define PSE36_BITS   0xffull
#define PSE36_LOWEST 32

#define LEAF_FEATURES  0x80000001u
#define LEAF_ADDRESSES 0x80000008u
#define FEATURE_PSE36  (1u << 17)
#define FEATURE_1G     (1u << 26)

/* What the CPU knows; until it has been asked, as much as any. */
static struct {
	uint64_t pa_mask;
	bool pages_1g, pse36;
} cpu = {.pa_mask = (1ull << 52) - 1, .pages_1g = true, .pse36 = true};

void bf_guest_walk_setup(void)
{
	uint32_t bits = 36;

	if (bf_hw_cpuid(0x80000000u, 0).eax >= LEAF_ADDRESSES)
		bits = bf_hw_cpuid(LEAF_ADDRESSES, 0).eax & 0xff;
	cpu.pa_mask = (1ull << bits) - 1;
	cpu.pages_1g = bf_hw_cpuid(LEAF_FEATURES, 0).edx & FEATURE_1G;
	cpu.pse36 = bf_hw_cpuid(1, 0).edx & FEATURE_PSE36;
}

/* One way of translating. */
struct format {
	uint8_t levels;
	uint8_t index_bits; /* at each level; the highest of PAE gets two from a 32-bit address */
	uint8_t large_last; /* highest level that may hold a large page, from 2 up; 0: none */
	uint64_t root;      /* address bits of CR3 */
};

static const struct format legacy = {2, 10, 0, ADDRESS_LEGACY};
static const struct format legacy_pse = {2, 10, 2, ADDRESS_LEGACY};
static const struct format pae = {PAE_TOP, 9, 2, ADDRESS_PAE};
static const struct format long_4 = {4, 9, 3, ADDRESS_LONG};
static const struct format long_5 = {5, 9, 3, ADDRESS_LONG};

static const struct format *format_of(const struct bf_space *space)
{
	if (!(space->cr4 & CR4_PAE))
		return space->cr4 & CR4_PSE ? &legacy_pse : &legacy;
	if (!(space->efer & EFER_LMA))
		return &pae;
	return space->cr4 & CR4_LA57 ? &long_5 : &long_4;
}

static bool is_large(const struct format *f, uint32_t level, uint64_t entry)
{
	bool may = level == 3 ? f->large_last == 3 && cpu.pages_1g : f->large_last >= level;

	return level > 1 && may && (entry & BF_ENTRY_PS);
}

static uint64_t reserved_4m(void)
{
	uint64_t high = cpu.pse36 ? ~(cpu.pa_mask >> PSE36_LOWEST) & PSE36_BITS : PSE36_BITS;

	return LARGE_4M | high << PSE36_SHIFT;
}

static uint64_t reserved(const struct format *f, uint32_t level, bool large, uint64_t efer)
{
	uint64_t bits = ADDRESS_LONG & ~cpu.pa_mask;

	if (f->index_bits == 10)
		return large ? reserved_4m() : 0;
	if (!(efer & EFER_NXE))
		bits |= BF_ENTRY_NX;
	if (f == &pae)
		bits |= PAE_HIGH | (level == PAE_TOP ? BF_ENTRY_NX | PDPTE_LOW : 0);
	if (large)
		return bits | (level == 2 ? LARGE_2M : LARGE_1G);
	return level > 2 ? bits | BF_ENTRY_PS : bits;
}

/* Reads the entry at @at, and keeps it as the next step. */
static int read_entry(const struct bf_vm *vm, uint64_t at, struct bf_walk *walk)
{
	struct bf_walk_step *step = &walk->step[walk->steps];
	void *entry;
	int status = bf_guest_memory(vm, at, walk->narrow ? 4 : 8, &entry);

	if (status)
		return status;
	step->entry = entry;
	step->value = walk->narrow ? *(volatile uint32_t *)entry : *step->entry;
	walk->steps++;
	return 0;
}

/* The four highest entries of PAE paging grant all rights, and some CPUs keep them. */
static int pae_top(const struct bf_space *space, uint32_t va, struct bf_walk *walk, uint64_t *entry)
{
	uint32_t index = va >> 30;
	int status;

	if (space->has_pdptes) {
		*entry = space->pdpte[index];
	} else {
		status = read_entry(space->vm, (space->cr3 & ADDRESS_PAE) + 8ul * index, walk);
		if (status)
			return status;
		*entry = walk->step[0].value;
		/* It has no accessed flag: do not mark it. */
		walk->steps = 0;
	}
	if (!(*entry & BF_ENTRY_P))
		return BF_ENOENT;
	return *entry & reserved(&pae, PAE_TOP, false, space->efer) ? BF_EINVAL : 0;
}

static void finish(uint64_t va, uint32_t shift, uint64_t entry, struct bf_walk *walk)
{
	uint64_t address = walk->narrow ? ADDRESS_LEGACY : ADDRESS_LONG;

	walk->page_bytes = 1ull << shift;
	walk->gpa = (entry & address & ~(walk->page_bytes - 1)) | (va & (walk->page_bytes - 1));
	walk->key = walk->narrow ? 0 : entry >> KEY_SHIFT & KEY_MASK;
	if (walk->narrow && shift > BF_PAGE_SHIFT)
		walk->gpa |= (entry >> PSE36_SHIFT & PSE36_BITS) << PSE36_LOWEST;
}

static int walk_levels(const struct format *f, const struct bf_space *space, uint64_t va,
		       struct bf_walk *walk)
{
	uint64_t table = space->cr3 & f->root, entry = 0;
	uint32_t level = f->levels, shift;
	bool large;

	if (f == &pae) {
		int status = pae_top(space, (uint32_t)va, walk, &entry);

		if (status)
			return status;
		table = entry & ADDRESS_LONG;
		level--;
	}
	for (;; level--) {
		uint64_t index;
		int status;

		shift = BF_PAGE_SHIFT + f->index_bits * (level - 1);
		index = va >> shift & ((1u << f->index_bits) - 1);
		status = read_entry(space->vm, table + (index << (walk->narrow ? 2 : 3)), walk);
		if (status)
			return status;
		entry = walk->step[walk->steps - 1].value;
		if (!(entry & BF_ENTRY_P))
			return BF_ENOENT;
		large = is_large(f, level, entry);
		if (entry & reserved(f, level, large, space->efer))
			return BF_EINVAL;
		walk->all &= entry;
		walk->any |= entry;
		if (large || level == 1)
			break;
		table = entry & (walk->narrow ? ADDRESS_LEGACY : ADDRESS_LONG);
	}
	finish(va, shift, entry, walk);
	return 0;
}

int bf_guest_walk(const struct bf_space *space, uint64_t va, struct bf_walk *walk)
{
	const struct format *f = format_of(space);

	walk->steps = 0;
	walk->all = UINT64_MAX;
	walk->any = 0;
	walk->narrow = f->index_bits == 10;
	if (!(space->efer & EFER_LMA))
		va = (uint32_t)va;
	if (space->cr0 & CR0_PG)
		return walk_levels(f, space, va, walk);
	walk->gpa = va;
	walk->page_bytes = BF_PAGE_SIZE;
	walk->key = 0;
	return 0;
}

static bool mark(struct bf_walk_step *step, bool narrow, uint64_t flags)
{
	uint64_t old = step->value, new = old | flags;
	uint32_t old32 = (uint32_t)old;

	step->value = new;
	if (old == new)
		return true;
	if (narrow)
		return __atomic_compare_exchange_n((volatile uint32_t *)step->entry, &old32,
						   (uint32_t) new, false, __ATOMIC_RELAXED,
						   __ATOMIC_RELAXED);
	return __atomic_compare_exchange_n(step->entry, &old, new, false, __ATOMIC_RELAXED,
					   __ATOMIC_RELAXED);
}

int bf_guest_walk_mark(struct bf_walk *walk, bool writes)
{
	for (uint32_t i = 0; i < walk->steps; i++) {
		bool dirty = writes && i + 1u == walk->steps;

		if (!mark(&walk->step[i], walk->narrow, BF_ENTRY_A | (dirty ? BF_ENTRY_D : 0)))
			return BF_EAGAIN;
	}
	return 0;
}
