/* SPDX-License-Identifier: MIT */
/**
 * @file
 * How a guest translates linear addresses, in every paging mode, and what bytes it executes.
 *
 * For VMs whose guest-physical addresses are physical addresses. Reads only RAM, sets no
 * accessed or dirty bits, and checks no access rights: the guest has made the access already.
 */
#ifndef BFCOMMON_GUEST_WALK_H
#define BFCOMMON_GUEST_WALK_H

#include <bfabi/types.h>

/** What says how addresses are translated. */
struct bf_paging {
	uint64_t cr0, cr3, cr4, efer;
	uint64_t va_mask; /**< linear addresses wrap behind it: 4 GiB - 1 but in 64-bit mode */
};

#define BF_WALK_STEPS 5

/** An entry that a walk went through, and what it held. */
struct bf_walk_step {
	const volatile uint64_t *entry;
	uint64_t value;
};

struct bf_walk {
	uint64_t pa;
	uint32_t steps; /**< 0 for 32-bit paging, whose entries are not recorded */
	struct bf_walk_step step[BF_WALK_STEPS];
};

/**
 * Translates @p va.
 * @return 0, BF_ENOENT if it is not mapped, BF_EFAULT if a table lies outside RAM
 */
int bf_guest_walk(const struct bf_paging *paging, uint64_t va, struct bf_walk *walk);

/**
 * Reads up to @p count bytes of guest memory at linear address @p va.
 * @return bytes read: fewer where a page is not mapped or not RAM
 */
uint32_t bf_guest_fetch(const struct bf_paging *paging, uint64_t va, uint8_t *bytes,
			uint32_t count);

#endif
