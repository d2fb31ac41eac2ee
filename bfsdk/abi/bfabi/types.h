/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Fixed-width types for every world that shares the ABI: VMM, loaders, user space, guests.
 */
#ifndef BFABI_TYPES_H
#define BFABI_TYPES_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdint.h>
#endif

#define BF_PAGE_SHIFT 12
#define BF_PAGE_SIZE  4096UL
#define BF_PAGE_MASK  (~(BF_PAGE_SIZE - 1))

/** A run of physical memory: @c pa and @c bytes are multiples of BF_PAGE_SIZE. */
struct bf_extent {
	uint64_t pa;
	uint64_t bytes;
};

#endif
