/* SPDX-License-Identifier: MIT */
#include <bfhw/phys.h>
#include <bfmock/hv.h>
#include <bfvmm/msr.h>
#include <bfvmm/ram.h>
#include "guest_tables.h"
#include "test.h"

#define FRAME 0x000ffffffffff000ULL

static uint64_t next_table;

int tables_setup(void **state)
{
	static struct bf_boot boot;

	(void)state;
	mock_hv_init(1);
	mock_boot_fill(&boot, 1UL << 20);
	bf_ram_init(&boot);
	bf_guest_walk_setup();
	next_table = TABLES_PA;
	return 0;
}

static uint64_t new_table(void)
{
	uint64_t pa = next_table;

	memset(bf_phys_to_virt(pa), 0, BF_PAGE_SIZE);
	next_table += BF_PAGE_SIZE;
	return pa;
}

void tables_cpu(enum tables_mode mode, struct bf_space *space)
{
	static const struct bf_space modes[TABLES_MODES] = {
		[TABLES_NONE] = {.cr0 = CR0_PE},
		[TABLES_32] = {.cr0 = CR0_PE | CR0_PG | CR0_WP},
		[TABLES_PSE] = {.cr0 = CR0_PE | CR0_PG | CR0_WP, .cr4 = CR4_PSE},
		[TABLES_PAE] = {.cr0 = CR0_PE | CR0_PG | CR0_WP, .cr4 = CR4_PAE, .efer = EFER_NXE},
		[TABLES_4] = {.cr0 = CR0_PE | CR0_PG | CR0_WP,
			      .cr4 = CR4_PAE,
			      .efer = EFER_NXE | EFER_LME | EFER_LMA,
			      .code64 = true},
		[TABLES_5] = {.cr0 = CR0_PE | CR0_PG | CR0_WP,
			      .cr4 = CR4_PAE | CR4_LA57,
			      .efer = EFER_NXE | EFER_LME | EFER_LMA,
			      .code64 = true},
	};

	*space = modes[mode];
	space->vm = &mock_vm;
}

void tables_space(enum tables_mode mode, struct bf_space *space)
{
	tables_cpu(mode, space);
	space->cr3 = new_table();
}

uint32_t tables_levels(const struct bf_space *space)
{
	if (!(space->cr4 & CR4_PAE))
		return 2;
	if (!(space->efer & EFER_LMA))
		return 3;
	return space->cr4 & CR4_LA57 ? 5 : 4;
}

static bool narrow(const struct bf_space *space)
{
	return !(space->cr4 & CR4_PAE);
}

static void *entry_of(const struct bf_space *space, uint64_t table, uint64_t va, uint32_t level)
{
	uint32_t bits = narrow(space) ? 10 : 9;
	uint64_t index = va >> (12 + bits * (level - 1)) & ((1UL << bits) - 1);

	return (char *)bf_phys_to_virt(table) + index * (narrow(space) ? 4 : 8);
}

static uint64_t load(const struct bf_space *space, const void *entry)
{
	return narrow(space) ? *(const uint32_t *)entry : *(const uint64_t *)entry;
}

static void store(const struct bf_space *space, void *entry, uint64_t value)
{
	if (narrow(space))
		*(uint32_t *)entry = (uint32_t)value;
	else
		*(uint64_t *)entry = value;
}

void tables_set(const struct bf_space *space, uint64_t va, uint32_t level, uint64_t value)
{
	uint64_t table = space->cr3 & FRAME;

	for (uint32_t at = tables_levels(space); at > level; at--) {
		void *entry = entry_of(space, table, va, at);
		/* The highest entries of PAE paging have no rights to grant. */
		uint64_t rights = tables_levels(space) == 3 && at == 3 ? BF_ENTRY_P : TABLES_RWU;

		if (!load(space, entry))
			store(space, entry, new_table() | rights);
		table = load(space, entry) & FRAME;
	}
	store(space, entry_of(space, table, va, level), value);
}

uint64_t tables_get(const struct bf_space *space, uint64_t va, uint32_t level)
{
	uint64_t table = space->cr3 & FRAME;

	for (uint32_t at = tables_levels(space); at > level; at--) {
		table = load(space, entry_of(space, table, va, at)) & FRAME;
		if (!table)
			return 0;
	}
	return load(space, entry_of(space, table, va, level));
}
