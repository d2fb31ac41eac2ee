/* SPDX-License-Identifier: MIT */
/*
 * The control VM's second-level tables. They are filled top down: an entry becomes a leaf as
 * high up as the CPU, the memory types, the VMM's holes and the rules allow. The same decision
 * splits and merges leaves later on. Beside that, entries are only added while CPUs run, and absent
 * entries are never cached, so that no flush is needed.
 */
#include <stdatomic.h>
#include <bareframe/log.h>
#include <bfhw/phys.h>
#include <bfvmm/mem.h>
#include <bfvmm/mtrr.h>
#include <bfvmm/ram.h>
#include <bfvmm/s2.h>
#include <bfvmm/vcpu.h>

#define ENTRIES      512u
#define GIB          (1UL << 30)
#define SCRAP_LOGGED 8u

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

static uint64_t *table_of(uint64_t entry, uint32_t level)
{
	return bf_phys_to_virt(format->address(entry, level));
}

static uint64_t *new_table(struct bf_view *view)
{
	return view->opening && view->spares ? view->spare[--view->spares] : bf_pages_alloc(1);
}

/* A private view keeps some, so that what it needs is there when it opens a page. */
static void free_table(struct bf_view *view, uint64_t *table)
{
	if (!view->of || view->spares == BF_S2_SPARE_MAX) {
		bf_pages_free(table, 1);
		return;
	}
	memset(table, 0, BF_PAGE_SIZE);
	view->spare[view->spares++] = table;
}

/* @return whether what an entry covers can be one leaf, and which. The VMM's own pages are none. */
static bool leaf_for(const struct bf_view *view, uint32_t level, uint64_t gpa, uint64_t *leaf)
{
	uint64_t bytes = 1UL << shift_of(level);
	enum bf_memtype type = BF_MT_WB;
	struct bf_s2_sum sum;

	if (level > format->leaf_levels || !bf_s2_sum(view, gpa, bytes, &sum) ||
	    bf_phys_owned(gpa, bytes) != BF_OWNED_NONE)
		return false;
	if (format->typed && !bf_mtrr_uniform(&mtrr, gpa, bytes, &type))
		return false;
	*leaf = format->leaf(sum.page ? sum.page : gpa, level,
			     BF_S2_RWX & ~(sum.denied | sum.hooked), sum.page ? BF_MT_WB : type);
	return true;
}

static int fill(struct bf_view *view, uint64_t *entry, uint32_t level, uint64_t gpa, uint64_t end);

/* Fills a fresh table before it becomes visible. */
static int fill_table(struct bf_view *view, uint64_t *entry, uint32_t level, uint64_t gpa,
		      uint64_t end)
{
	uint64_t *table = new_table(view);
	uint64_t step = 1UL << shift_of(level - 1);
	int status = 0;

	if (!table)
		return BF_ENOMEM;
	for (uint32_t i = 0; i < ENTRIES && !status && gpa + i * step < end; i++)
		status = fill(view, &table[i], level - 1, gpa + i * step, end);
	publish(entry, format->table(bf_virt_to_phys(table)));
	return status;
}

/* Maps what one entry covers, up to @end; the VMM's own pages stay absent. */
static int fill(struct bf_view *view, uint64_t *entry, uint32_t level, uint64_t gpa, uint64_t end)
{
	uint64_t leaf;

	if (bf_phys_owned(gpa, 1UL << shift_of(level)) == BF_OWNED_ALL)
		return 0;
	if (!leaf_for(view, level, gpa, &leaf))
		return fill_table(view, entry, level, gpa, end);
	publish(entry, leaf);
	return 0;
}

/* What opening pages takes may have become part of what a rule needs. */
static int refill(struct bf_view *view)
{
	while (view->of && view->spares < BF_S2_SPARE_MAX) {
		void *table = bf_pages_alloc(1);

		if (!table)
			return BF_ENOMEM;
		view->spare[view->spares++] = table;
	}
	return 0;
}

int bf_s2_make_view(struct bf_view *view)
{
	uint64_t end = bf_ram_end() > 4 * GIB ? bf_ram_end() : 4 * GIB;
	uint64_t *root = bf_pages_alloc(1);
	int status = root ? 0 : BF_ENOMEM;

	if (root)
		view->root = bf_virt_to_phys(root);
	for (uint64_t gpa = 0; gpa < end && !status; gpa += 1UL << shift_of(format->levels))
		status = fill(view, &root[index_of(gpa, format->levels)], format->levels, gpa, end);
	return status ? status : refill(view);
}

int bf_s2_create(struct bf_vm *vm, const struct bf_s2_format *how)
{
	int status = 0;

	format = how;
	scrap = bf_pages_alloc(1);
	scrap_hits = 0;
	bf_mtrr_read(&mtrr);
	for (struct bf_view *view = bf_s2_views(); view && !status; view = view->next)
		status = bf_s2_make_view(view);
	vm->s2_root = bf_s2_views()->root;
	return scrap ? status : BF_ENOMEM;
}

static void destroy(struct bf_view *view, uint64_t *table, uint32_t level)
{
	for (uint32_t i = 0; i < ENTRIES && level > 1; i++)
		if (table[i] && !format->is_leaf(table[i], level))
			destroy(view, table_of(table[i], level), level - 1);
	free_table(view, table);
}

void bf_s2_free_view(struct bf_view *view)
{
	if (view->root)
		destroy(view, bf_phys_to_virt(view->root), format->levels);
	while (view->spares)
		bf_pages_free(view->spare[--view->spares], 1);
	view->root = 0;
}

void bf_s2_destroy(struct bf_vm *vm)
{
	for (struct bf_view *view = bf_s2_views(); view; view = view->next)
		bf_s2_free_view(view);
	bf_pages_free(scrap, 1);
	scrap = NULL;
	vm->s2_root = 0;
}

uint32_t bf_s2_granted(uint32_t rights)
{
	return format ? format->granted(rights) : rights;
}

/* Makes what one entry covers as fill() would, where it is mapped at all. */
static int remake(struct bf_view *view, uint64_t *entry, uint32_t level, uint64_t gpa,
		  struct bf_range what)
{
	uint64_t bytes = 1UL << shift_of(level), old = *entry, leaf;
	int status = 0;

	if (!old || what.first > gpa + bytes - 1 || what.last < gpa)
		return 0;
	if (leaf_for(view, level, gpa, &leaf)) {
		publish(entry, leaf);
		if (!format->is_leaf(old, level))
			destroy(view, table_of(old, level), level - 1);
		return 0;
	}
	/* Scrap stays what it is. */
	if (format->is_leaf(old, level))
		return level > 1 ? fill_table(view, entry, level, gpa, gpa + bytes) : 0;
	for (uint32_t i = 0; i < ENTRIES && !status; i++)
		status = remake(view, &table_of(old, level)[i], level - 1,
				gpa + i * (bytes / ENTRIES), what);
	return status;
}

int bf_s2_remake(struct bf_view *view, struct bf_range what)
{
	uint64_t *root = bf_phys_to_virt(view->root);
	int status = 0;

	for (uint64_t i = 0; i < ENTRIES && view->root && !status; i++)
		status =
			remake(view, &root[i], format->levels, i << shift_of(format->levels), what);
	return status;
}

int bf_s2_apply(struct bf_range what)
{
	int status = 0;

	for (struct bf_view *view = bf_s2_views(); view && !status; view = view->next) {
		status = bf_s2_remake(view, what);
		if (!status)
			status = refill(view);
	}
	return status;
}

/* The lowest existing entry for @gpa: a leaf, or an absent one. */
static uint64_t *find(uint64_t root, uint64_t gpa, uint32_t *level)
{
	uint64_t *table = bf_phys_to_virt(root);

	for (*level = format->levels;; (*level)--) {
		uint64_t *entry = &table[index_of(gpa, *level)];

		if (!*entry || format->is_leaf(*entry, *level))
			return entry;
		table = table_of(*entry, *level);
	}
}

uint64_t bf_s2_lookup_in(const struct bf_view *view, uint64_t gpa, uint32_t *level)
{
	return *find(view->root, gpa, level);
}

uint64_t bf_s2_lookup(const struct bf_vm *vm, uint64_t gpa, uint32_t *level)
{
	uint64_t entry = *find(vm->s2_root, gpa, level);

	return format->present(entry) ? entry : 0;
}

/* Splits what is absent down to @lowest. @return the entry, or NULL */
static uint64_t *reach(struct bf_view *view, uint64_t gpa, uint32_t lowest, uint32_t *level)
{
	uint64_t *entry = find(view->root, gpa, level);

	for (; *level > lowest; entry = find(view->root, gpa, level)) {
		uint64_t *table = bf_pages_alloc(1);

		if (!table)
			return NULL;
		publish(entry, format->table(bf_virt_to_phys(table)));
	}
	return entry;
}

/* Splits down to one page and puts the scrap page there. */
static int map_scrap(struct bf_view *view, uint64_t gpa)
{
	uint32_t level;
	uint64_t *entry = reach(view, gpa, 1, &level);

	if (!entry)
		return BF_ENOMEM;
	publish(entry, format->leaf(bf_virt_to_phys(scrap), 1, BF_S2_RWX, BF_MT_WB));
	if (scrap_hits++ < SCRAP_LOGGED)
		bf_warn("control VM touched VMM memory at 0x%llx; it sees scrap there",
			(unsigned long long)gpa);
	return 0;
}

/* One leaf's worth around @gpa is enough: device memory is sparse. */
static int map_device(struct bf_view *view, uint64_t gpa)
{
	uint32_t level;
	uint64_t *entry = reach(view, gpa, format->leaf_levels, &level);

	if (!entry)
		return BF_ENOMEM;
	gpa &= ~((1UL << shift_of(level)) - 1);
	return fill(view, entry, level, gpa, gpa + (1UL << shift_of(level)));
}

int bf_s2_fault_in(struct bf_view *view, uint64_t gpa)
{
	uint32_t level;
	int status;

	gpa &= BF_PAGE_MASK;
	bf_lock(&bf_s2_lock);
	if (*find(view->root, gpa, &level))
		status = BF_EFAULT;
	else if (bf_phys_owned(gpa, BF_PAGE_SIZE) == BF_OWNED_ALL)
		status = map_scrap(view, gpa);
	else
		status = map_device(view, gpa);
	bf_unlock(&bf_s2_lock);
	return status;
}

int bf_s2_fault(struct bf_vm *vm, uint64_t gpa)
{
	(void)vm;
	return bf_s2_fault_in(bf_s2_views(), gpa);
}
