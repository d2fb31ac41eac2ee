/* SPDX-License-Identifier: MIT */
/* The VMM's memory as the loader lays it out, seen through the page tables that it built. */
#include <bfload/layout.h>
#include "fake_os.h"
#include "image.h"
#include "../test.h"

static uint8_t bytes[IMAGE_BYTES];
static struct bf_image image;
static struct bf_loader loader; /* the fake's os */
static struct bf_layout *const layout = &loader.layout;
static struct bf_report report;

#define POOL (1UL << 20)

static int setup(void **state)
{
	(void)state;
	fake_reset(2);
	image_make(bytes);
	memset(&report, 0, sizeof(report));
	bf_layout_init(layout, &fake_ops, &loader);
	assert_int_equal(bf_elf_check(bytes, sizeof(bytes), &image, &report), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bf_layout_free(layout);
	assert_int_equal(fake.held, 0);
	return 0;
}

static int build(void)
{
	memset(&report, 0, sizeof(report));
	return bf_layout_build(layout, &image, &fake.machine, 2, "key=value", POOL, &report);
}

/* A walk of the test's own: as the processor does it, from the bits of the manual. */
static bool walk(uint64_t va, uint64_t *pa, bool *writable, bool *executable)
{
	uint64_t table = layout->tables.root_pa;
	uint32_t levels = fake.machine.la57 ? 5 : 4;

	*writable = *executable = true;
	for (uint32_t level = levels; level; level--) {
		uint32_t shift = 12 + 9 * (level - 1);
		uint64_t entry = ((uint64_t *)fake_va(table))[va >> shift & 511];

		if (!(entry & 1))
			return false;
		assert_int_equal(entry & 4, 0); /* nothing is for ring 3 */
		assert_int_equal(entry & 0x20, 0x20);
		*writable &= entry >> 1 & 1;
		*executable &= !(entry >> 63);
		table = entry & 0x000ffffffffff000;
		if (level == 1 || (level < 4 && (entry & 0x80))) {
			assert_int_equal(entry & 0x40, 0x40);
			*pa = (table & ~((1UL << shift) - 1)) | (va & ((1UL << shift) - 1));
			return true;
		}
	}
	return false;
}

static void expect(uint64_t va, bool present, bool writable, bool executable)
{
	bool w, x;
	uint64_t pa;
	bool there = walk(va, &pa, &w, &x);

	if (there != present || (there && (w != writable || x != executable)))
		fail_msg("0x%lx: present %d, writable %d, executable %d", va, there, w, x);
}

static void *seen_at(uint64_t va)
{
	bool w, x;
	uint64_t pa;

	assert_true(walk(va, &pa, &w, &x));
	return fake_va(pa);
}

static void segments(void **state)
{
	const uint8_t *text, *data;

	(void)state;
	assert_int_equal(build(), 0);
	expect(BF_VA_IMAGE, true, false, true);
	expect(BF_VA_IMAGE + 0x1000, true, true, false);
	expect(BF_VA_IMAGE + 0x3fff, true, true, false);
	expect(BF_VA_IMAGE + 0x4000, true, false, false);
	expect(BF_VA_IMAGE + 0x5000, false, false, false);
	text = seen_at(BF_VA_IMAGE);
	assert_memory_equal(text, bytes + 0x1000, 0x1000);
	data = seen_at(BF_VA_IMAGE + 0x1000);
	assert_memory_equal(data, bytes + 0x2000, 0x800);
	for (uint32_t i = 0x800; i < 0x1000; i++)
		assert_int_equal(data[i], 0);
	data = seen_at(BF_VA_IMAGE + 0x3000);
	for (uint32_t i = 0; i < 0x1000; i++)
		assert_int_equal(data[i], 0);
}

static void stacks(void **state)
{
	static const struct {
		uint64_t offset;
		bool mapped;
	} pages[] = {
		{0x0000, false}, {0x1000, true},  {0x2000, true},  {0x3000, true},
		{0x4000, true},  {0x5000, false}, {0x6000, true},  {0x7000, false},
		{0x8000, true},  {0x9000, false}, {0xa000, true},  {0xb000, false},
		{0xc000, false}, {0xd000, false}, {0xe000, false}, {0xf000, true},
	};

	(void)state;
	assert_int_equal(build(), 0);
	for (uint32_t cpu = 0; cpu < 2; cpu++)
		for (size_t i = 0; i < COUNT(pages); i++)
			expect(BF_VA_STACKS + cpu * BF_STACK_WINDOW + pages[i].offset,
			       pages[i].mapped, true, false);
	expect(BF_VA_STACKS + 2 * BF_STACK_WINDOW + 0x1000, false, false, false);
}

static void records(void **state)
{
	(void)state;
	assert_int_equal(build(), 0);
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		const struct bf_switch *sw = layout->sw[cpu];
		uint64_t va = (uint64_t)sw;

		for (uint32_t page = 0; page < sizeof(*sw) / BF_PAGE_SIZE; page++) {
			expect(va + page * BF_PAGE_SIZE, true, true, false);
			assert_ptr_equal(seen_at(va + page * BF_PAGE_SIZE),
					 (const char *)sw + page * BF_PAGE_SIZE);
		}
		assert_int_equal(sw->vmm_cr3, layout->tables.root_pa);
		assert_int_equal(sw->vmm_entry, IMAGE_ENTRY);
		assert_int_equal(sw->vmm_stack,
				 BF_VA_STACKS + cpu * BF_STACK_WINDOW + BF_STACK_MAIN_TOP);
		assert_int_equal(sw->boot_va, BF_VA_BOOT);
		assert_int_equal(sw->cpu, cpu);
		assert_int_equal(sw->running, 0);
		assert_int_equal(layout->log[cpu]->magic, BF_LOG_MAGIC);
		assert_int_equal(layout->log[cpu]->head, 0);
		assert_ptr_equal(seen_at(BF_VA_LOG + cpu * BF_LOG_RING_BYTES), layout->log[cpu]);
		expect(BF_VA_LOG + (cpu + 1) * BF_LOG_RING_BYTES - 1, true, true, false);
	}
	expect(BF_VA_LOG + 2 * BF_LOG_RING_BYTES, false, false, false);
	expect((uint64_t)fake_ops.switch_page, true, false, true);
}

static void boot_record(void **state)
{
	const struct bf_boot *boot;

	(void)state;
	assert_int_equal(build(), 0);
	boot = seen_at(BF_VA_BOOT);
	assert_ptr_equal(boot, layout->boot);
	expect(BF_VA_BOOT, true, true, false);
	assert_int_equal(boot->magic, BF_BOOT_MAGIC);
	assert_int_equal(boot->version, BF_BOOT_VERSION);
	assert_int_equal(boot->size, sizeof(*boot));
	assert_int_equal(boot->cpu_count, 2);
	assert_int_equal(boot->log_level, 2);
	assert_int_equal(boot->rsdp_pa, 0xf0000);
	assert_int_equal(boot->apic_pa, 0xfee00000);
	assert_int_equal(boot->vmm_cr3, layout->tables.root_pa);
	assert_string_equal(boot->cmdline, "key=value");
	assert_int_equal(boot->region_count, 2);
	assert_memory_equal(boot->regions, fake.machine.regions, 2 * sizeof(boot->regions[0]));
	assert_int_equal(boot->cpus[1].apic_id, 2);
	assert_int_equal(boot->cpus[1].switch_va, (uint64_t)layout->sw[1]);
}

/* Its page, uncached; or none, and then the record says so. */
static void apic_page(void **state)
{
	struct bf_translation out;

	(void)state;
	assert_int_equal(build(), 0);
	assert_int_equal(bf_pagetable_walk(&layout->tables, BF_VA_APIC, &out), 0);
	assert_int_equal(out.pa, 0xfee00000);
	assert_int_equal(out.page_bytes, BF_PAGE_SIZE);
	assert_int_equal(out.flags, BF_MAP_W | BF_MAP_UC);
	assert_int_equal(bf_pagetable_walk(&layout->tables, BF_VA_BOOT, &out), 0);
	assert_int_equal(out.flags, BF_MAP_W);
	fake.machine.apic_pa = 0;
	assert_int_equal(build(), 0);
	assert_int_equal(bf_pagetable_walk(&layout->tables, BF_VA_APIC, &out), BF_ENOENT);
	assert_int_equal(layout->boot->apic_pa, 0);
}

static void direct_map(void **state)
{
	uint64_t pa;
	bool w, x;

	(void)state;
	assert_int_equal(build(), 0);
	for (uint64_t at = 0; at < FAKE_BASE + FAKE_MEMORY + 0x200000; at += BF_PAGE_SIZE) {
		bool ram = at < 0x9f000 || (at >= FAKE_BASE && at < FAKE_BASE + FAKE_MEMORY);

		assert_int_equal(walk(BF_VA_DIRECT_MAP + at, &pa, &w, &x), ram);
		if (!ram)
			continue;
		assert_int_equal(pa, at);
		assert_true(w);
		assert_false(x);
	}
}

static bool in_extents(const struct bf_extent *list, uint32_t count, uint64_t pa)
{
	for (uint32_t i = 0; i < count; i++)
		if (pa >= list[i].pa && pa < list[i].pa + list[i].bytes)
			return true;
	return false;
}

static void mark_tables(uint64_t table, uint32_t level, const struct bf_boot *boot)
{
	assert_true(in_extents(boot->owned, boot->owned_count, table));
	for (uint32_t i = 0; i < 512 && level > 1; i++) {
		uint64_t entry = ((uint64_t *)fake_va(table))[i];

		if ((entry & 1) && !(level < 4 && (entry & 0x80)))
			mark_tables(entry & 0x000ffffffffff000, level - 1, boot);
	}
}

/* What the control VM must not see is all there, and what both worlds share is not. */
static void owned_extents(void **state)
{
	const struct bf_boot *boot;
	uint64_t pool = 0, pa;
	bool w, x;

	(void)state;
	fake.gap = 3 * BF_PAGE_SIZE;
	assert_int_equal(build(), 0);
	boot = layout->boot;
	for (uint64_t va = BF_VA_IMAGE; va < BF_VA_END; va += BF_PAGE_SIZE) {
		if (!walk(va, &pa, &w, &x))
			continue;
		bool shared = (va >= BF_VA_BOOT && va < BF_VA_LOG) || va == BF_VA_APIC;
		assert_int_equal(in_extents(boot->owned, boot->owned_count, pa), !shared);
	}
	mark_tables(layout->tables.root_pa, 4, boot);
	for (uint32_t i = 0; i < boot->pool_count; i++) {
		pool += boot->pool[i].bytes;
		for (uint64_t at = 0; at < boot->pool[i].bytes; at += BF_PAGE_SIZE)
			assert_true(
				in_extents(boot->owned, boot->owned_count, boot->pool[i].pa + at));
	}
	assert_int_equal(pool, POOL);
	for (uint32_t cpu = 0; cpu < 2; cpu++)
		for (uint64_t at = 0; at < sizeof(struct bf_switch); at += BF_PAGE_SIZE) {
			assert_true(walk((uint64_t)layout->sw[cpu] + at, &pa, &w, &x));
			assert_false(in_extents(boot->owned, boot->owned_count, pa));
		}
	assert_false(in_extents(boot->owned, boot->owned_count, layout->page_pa));
	for (uint32_t i = 1; i < boot->owned_count; i++)
		assert_true(boot->owned[i - 1].pa + boot->owned[i - 1].bytes < boot->owned[i].pa);
}

/* No page is both the pool's and in use: the VMM would hand it out over its own head. */
static void pool_is_free(void **state)
{
	uint64_t pa;
	bool w, x;

	(void)state;
	assert_int_equal(build(), 0);
	for (uint64_t va = BF_VA_IMAGE; va < BF_VA_END; va += BF_PAGE_SIZE)
		if (walk(va, &pa, &w, &x))
			assert_false(in_extents(layout->boot->pool, layout->boot->pool_count, pa));
}

static void five_levels(void **state)
{
	(void)state;
	fake.machine.la57 = 1;
	assert_int_equal(build(), 0);
	assert_int_equal(layout->tables.levels, 5);
	expect(BF_VA_IMAGE, true, false, true);
	expect(BF_VA_STACKS + 0x5000, false, false, false);
	expect(BF_VA_DIRECT_MAP + FAKE_BASE, true, true, false);
}

/* A second start finds everything as fresh as the first, in the same memory. */
static void again(void **state)
{
	uint64_t held, *data;

	(void)state;
	assert_int_equal(build(), 0);
	held = fake.held;
	data = seen_at(BF_VA_IMAGE + 0x3000);
	*data = 42;
	layout->sw[0]->running = 1;
	layout->log[0]->head = 7;
	assert_int_equal(build(), 0);
	assert_int_equal(fake.held, held);
	data = seen_at(BF_VA_IMAGE + 0x3000);
	assert_int_equal(*data, 0);
	assert_int_equal(layout->sw[0]->running, 0);
	assert_int_equal(layout->log[0]->head, 0);
	assert_int_equal(bf_layout_bytes(layout), held * BF_PAGE_SIZE);
}

static void bad_maps(void **state)
{
	static const struct {
		const char *name;
		struct bf_region map[2];
		uint32_t count;
	} rows[] = {
		{"empty map", {{0}}, 0},
		{"too long", {{0}}, BF_MAX_REGIONS + 1},
		{"not aligned", {{0x100, 0x1000, BF_REGION_RAM, 0}}, 1},
		{"odd size", {{0, 0x1001, BF_REGION_RAM, 0}}, 1},
		{"no bytes", {{0, 0, BF_REGION_RAM, 0}}, 1},
		{"overlap", {{0, 0x3000, BF_REGION_RAM, 0}, {0x2000, 0x1000, BF_REGION_RAM, 0}}, 2},
		{"order", {{0x2000, 0x1000, BF_REGION_RAM, 0}, {0, 0x1000, BF_REGION_RAM, 0}}, 2},
		{"too high", {{BF_DIRECT_MAP_MAX, 0x1000, BF_REGION_RAM, 0}}, 1},
		{"wraps", {{~0xfffUL, 0x2000, BF_REGION_RESERVED, 0}}, 1},
		{"not our memory", {{0, 0x9f000, BF_REGION_RAM, 0}}, 1},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		setup(state);
		memcpy(fake.machine.regions, rows[i].map, sizeof(rows[i].map));
		fake.machine.region_count = rows[i].count;
		assert_row(build() == BF_EINVAL, rows[i].name);
		assert_row(report.code == BF_EINVAL, rows[i].name);
		teardown(state);
	}
	setup(state);
}

static void cpu_counts(void **state)
{
	(void)state;
	fake.machine.cpu_count = 0;
	assert_int_equal(build(), BF_ERANGE);
	fake.machine.cpu_count = BF_MAX_CPUS + 1;
	assert_int_equal(build(), BF_ERANGE);
	fake.machine.cpu_count = BF_MAX_CPUS;
	assert_int_equal(build(), 0);
	expect(BF_VA_STACKS + 255 * BF_STACK_WINDOW + 0x4000, true, true, false);
}

/* Each allocation fails once: an error with a reason, nothing lost, and it works afterwards. */
static void exhaustion(void **state)
{
	uint32_t failures = 0;
	int status;

	(void)state;
	fake.max_pages = 8; /* many small extents */
	do {
		bf_layout_free(layout);
		bf_layout_init(layout, &fake_ops, &loader);
		fake.next = 0;
		fake.fail_alloc = failures + 1;
		status = build();
		fake.fail_alloc = 0;
		if (status) {
			assert_int_equal(status, BF_ENOMEM);
			assert_int_equal(report.code, BF_ENOMEM);
			failures++;
			bf_layout_free(layout);
			assert_int_equal(fake.held, 0);
		}
	} while (status);
	assert_true(failures > 20);
}

static void fragmented(void **state)
{
	(void)state;
	fake.max_pages = 1;
	fake.gap = BF_PAGE_SIZE;
	assert_int_not_equal(build(), 0);
	assert_true(report.code == BF_ERANGE || report.code == BF_ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(segments, setup, teardown),
		cmocka_unit_test_setup_teardown(stacks, setup, teardown),
		cmocka_unit_test_setup_teardown(records, setup, teardown),
		cmocka_unit_test_setup_teardown(boot_record, setup, teardown),
		cmocka_unit_test_setup_teardown(apic_page, setup, teardown),
		cmocka_unit_test_setup_teardown(direct_map, setup, teardown),
		cmocka_unit_test_setup_teardown(owned_extents, setup, teardown),
		cmocka_unit_test_setup_teardown(pool_is_free, setup, teardown),
		cmocka_unit_test_setup_teardown(five_levels, setup, teardown),
		cmocka_unit_test_setup_teardown(again, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_maps, setup, teardown),
		cmocka_unit_test_setup_teardown(cpu_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(exhaustion, setup, teardown),
		cmocka_unit_test_setup_teardown(fragmented, setup, teardown),
	};

	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
