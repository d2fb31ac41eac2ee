/* SPDX-License-Identifier: MIT */
/*
 * The control VM's second-level tables. They are filled top down: an entry becomes a leaf as
 * high up as the CPU, the memory types and the VMM's holes allow. Entries are only ever added
 * while CPUs run, and absent entries are never cached, so that no flush is needed.
 */
#include <stdatomic.h>
#include <bareframe/log.h>
#include <bfhw/phys.h>
#include <bfvmm/lock.h>
#include <bfvmm/mem.h>
#include <bfvmm/mtrr.h>
#include <bfvmm/ram.h>
#include <bfvmm/s2.h>
#include <bfvmm/vcpu.h>

#define ENTRIES      512u
#define GIB          (1UL << 30)
#define SCRAP_LOGGED 8u

static struct bf_lock lock = BF_LOCK_INIT;
static const struct bf_s2_format *format;
static struct bf_mtrr mtrr;
static uint8_t *scrap;
static uint32_t scrap_hits;

static uint32_t shift_of(uint32_t level)
{
	return BF_PAGE_SHIFT + 9 * (level - 1);
}

static uint32_t index_of(uint64_t gpa, uint32_t level)
{
	return gpa >> shift_of(level) & (ENTRIES - 1);
}

static void publish(uint64_t *entry, uint64_t value)
{
	atomic_store_explicit((_Atomic uint64_t *)entry, value, memory_order_release);
}

static int fill(uint64_t *entry, uint32_t level, uint64_t gpa, uint64_t end);

/* Fills a fresh table before it becomes visible. */
static int fill_table(uint64_t *entry, uint32_t level, uint64_t gpa, uint64_t end)
{
	uint64_t *table = bf_pages_alloc(1);
	uint64_t step = 1UL << shift_of(level - 1);
	int status = 0;

	if (!table)
		return BF_ENOMEM;
	for (uint32_t i = 0; i < ENTRIES && !status && gpa + i * step < end; i++)
		status = fill(&table[i], level - 1, gpa + i * step, end);
	publish(entry, format->table(bf_virt_to_phys(table)));
	return status;
}

/* Maps what one entry covers, up to @end; the VMM's own pages stay absent. */
static int fill(uint64_t *entry, uint32_t level, uint64_t gpa, uint64_t end)
{
	uint64_t bytes = 1UL << shift_of(level);
	enum bf_owned owned = bf_phys_owned(gpa, bytes);
	enum bf_memtype type = BF_MT_WB;
	bool uniform = !format->typed || bf_mtrr_uniform(&mtrr, gpa, bytes, &type);

	if (owned == BF_OWNED_ALL)
		return 0;
	if (level > format->leaf_levels || owned == BF_OWNED_SOME || !uniform)
		return fill_table(entry, level, gpa, end);
	publish(entry, format->leaf(gpa, level, BF_S2_RWX, type));
	return 0;
}

int bf_s2_create(struct bf_vm *vm, const struct bf_s2_format *how)
{
	uint64_t end = bf_ram_end() > 4 * GIB ? bf_ram_end() : 4 * GIB;
	uint64_t *root = bf_pages_alloc(1);
	int status = root ? 0 : BF_ENOMEM;

	format = how;
	scrap = bf_pages_alloc(1);
	scrap_hits = 0;
	bf_mtrr_read(&mtrr);
	if (root)
		vm->s2_root = bf_virt_to_phys(root);
	for (uint64_t gpa = 0; gpa < end && !status; gpa += 1UL << shift_of(how->levels))
		status = fill(&root[index_of(gpa, how->levels)], how->levels, gpa, end);
	return scrap ? status : BF_ENOMEM;
}

static void destroy(uint64_t *table, uint32_t level)
{
	for (uint32_t i = 0; i < ENTRIES && level > 1; i++)
		if (format->present(table[i]) && !format->is_leaf(table[i], level))
			destroy(bf_phys_to_virt(format->address(table[i], level)), level - 1);
	bf_pages_free(table, 1);
}

void bf_s2_destroy(struct bf_vm *vm)
{
	if (vm->s2_root)
		destroy(bf_phys_to_virt(vm->s2_root), format->levels);
	bf_pages_free(scrap, 1);
	scrap = NULL;
	vm->s2_root = 0;
}

/* The lowest existing entry for @gpa: a leaf, or an absent one. */
static uint64_t *find(const struct bf_vm *vm, uint64_t gpa, uint32_t *level)
{
	uint64_t *table = bf_phys_to_virt(vm->s2_root);

	for (*level = format->levels;; (*level)--) {
		uint64_t *entry = &table[index_of(gpa, *level)];

		if (!format->present(*entry) || format->is_leaf(*entry, *level))
			return entry;
		table = bf_phys_to_virt(format->address(*entry, *level));
	}
}

uint64_t bf_s2_lookup(const struct bf_vm *vm, uint64_t gpa, uint32_t *level)
{
	uint64_t entry = *find(vm, gpa, level);

	return format->present(entry) ? entry : 0;
}

/* Splits down to one page and puts the scrap page there. */
static int map_scrap(struct bf_vm *vm, uint64_t gpa)
{
	uint32_t level;
	uint64_t *entry = find(vm, gpa, &level);

	for (; level > 1; entry = find(vm, gpa, &level)) {
		uint64_t *table = bf_pages_alloc(1);

		if (!table)
			return BF_ENOMEM;
		publish(entry, format->table(bf_virt_to_phys(table)));
	}
	publish(entry, format->leaf(bf_virt_to_phys(scrap), 1, BF_S2_RWX, BF_MT_WB));
	if (scrap_hits++ < SCRAP_LOGGED)
		bf_warn("control VM touched VMM memory at 0x%llx; it sees scrap there",
			(unsigned long long)gpa);
	return 0;
}

/* One leaf's worth around @gpa is enough: device memory is sparse. */
static int map_device(struct bf_vm *vm, uint64_t gpa)
{
	uint32_t level;
	uint64_t *entry = find(vm, gpa, &level);

	for (; level > format->leaf_levels; entry = find(vm, gpa, &level)) {
		uint64_t *table = bf_pages_alloc(1);

		if (!table)
			return BF_ENOMEM;
		publish(entry, format->table(bf_virt_to_phys(table)));
	}
	gpa &= ~((1UL << shift_of(level)) - 1);
	return fill(entry, level, gpa, gpa + (1UL << shift_of(level)));
}

int bf_s2_fault(struct bf_vm *vm, uint64_t gpa)
{
	uint32_t level;
	int status;

	gpa &= BF_PAGE_MASK;
	bf_lock(&lock);
	if (format->present(*find(vm, gpa, &level)))
		status = BF_EFAULT;
	else if (bf_phys_owned(gpa, BF_PAGE_SIZE) == BF_OWNED_ALL)
		status = map_scrap(vm, gpa);
	else
		status = map_device(vm, gpa);
	bf_unlock(&lock);
	return status;
}
