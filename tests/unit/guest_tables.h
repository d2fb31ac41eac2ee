/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Page tables of a guest, built by hand in the memory of the mock machine.
 */
#ifndef GUEST_TABLES_H
#define GUEST_TABLES_H

#include <bfvmm/guest.h>

#define TABLES_PA   0x100000UL /**< tables are made from here up */
#define TABLES_PAGE 0x800000UL /**< memory from here up is for pages */

/** All that a page can grant. */
#define TABLES_RWU (BF_ENTRY_P | BF_ENTRY_W | BF_ENTRY_U)

enum tables_mode {
	TABLES_NONE, /**< no paging */
	TABLES_32,
	TABLES_PSE,
	TABLES_PAE,
	TABLES_4,
	TABLES_5,
	TABLES_MODES
};

/** A machine with a control VM, 64 MiB of RAM, of which the VMM owns [32 MiB, 33 MiB). */
int tables_setup(void **state);

/** A CPU in @p mode: ring 0, with WP, and NX where the mode has it; no CR3. */
void tables_cpu(enum tables_mode mode, struct bf_space *space);

/** The same with an empty table in CR3. */
void tables_space(enum tables_mode mode, struct bf_space *space);

/** Puts @p entry at @p level (1: lowest) for @p va; levels above are made, and grant all. */
void tables_set(const struct bf_space *space, uint64_t va, uint32_t level, uint64_t entry);

/** @return the entry at @p level for @p va, 0 if there is no table. */
uint64_t tables_get(const struct bf_space *space, uint64_t va, uint32_t level);

uint32_t tables_levels(const struct bf_space *space);

#endif
