/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Physical memory as the VMM reaches it: the direct map of bfabi/layout.h. The mock machine has
 * its own bfhw/phys.h over memory of the test process.
 */
#ifndef BFHW_PHYS_H
#define BFHW_PHYS_H

#include <bfabi/layout.h>
#include <bfabi/types.h>

/** @return where physical address @p pa can be read and written; it must be RAM. */
static inline void *bf_phys_to_virt(uint64_t pa)
{
	return (void *)(BF_VA_DIRECT_MAP + pa);
}

/** @return the physical address of memory from the page pool or the heap. */
static inline uint64_t bf_virt_to_phys(const void *va)
{
	return (uint64_t)va - BF_VA_DIRECT_MAP;
}

#endif
