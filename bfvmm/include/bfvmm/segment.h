/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What segmentation allows: pure functions of registers.
 */
#ifndef BFVMM_SEGMENT_H
#define BFVMM_SEGMENT_H

#include <stdbool.h>
#include <bfvmm/msr.h>
#include <bfvmm/state.h>

/** Offsets in a segment, first and last byte, and enum bf_guest_access. */
struct bf_segment_access {
	uint64_t first, last;
	uint32_t kind;
};

/**
 * @return whether segment register @p number, which holds @p segment, allows the access outside
 * 64-bit mode (SDM volume 3, 5.3 to 5.5). In real and virtual-8086 mode (@p real) its limit alone
 * counts.
 */
bool bf_segment_allows(const struct bf_segment *segment, enum bf_seg number, bool real,
		       const struct bf_segment_access *access);

/** @return whether @p va is canonical in 64-bit mode, with CR4 as it is. */
static inline bool bf_canonical(uint64_t va, uint64_t cr4)
{
	int64_t high = (int64_t)va >> (cr4 & CR4_LA57 ? 56 : 47);

	return high == 0 || high == -1;
}

#endif
