/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Memory types from the MTRRs (SDM volume 3, "Memory Type Range Registers").
 */
#ifndef BFVMM_MTRR_H
#define BFVMM_MTRR_H

#include <stdbool.h>
#include <bfvmm/hv.h>

#define BF_MTRR_FIXED    88 /**< 8 × 64 KiB, 16 × 16 KiB, 64 × 4 KiB: the first MiB */
#define BF_MTRR_VARIABLE 32

/** A CPU's MTRRs, decoded. */
struct bf_mtrr {
	bool enabled;
	bool fixed_enabled;
	uint8_t default_type;
	uint8_t fixed[BF_MTRR_FIXED];
	uint32_t variable_count;
	struct {
		uint64_t base, mask; /**< page-aligned; mask has the bits that must match */
		uint8_t type;
	} variable[BF_MTRR_VARIABLE];
};

/** Reads the MTRRs of this CPU. Without MTRRs all memory is WB. */
void bf_mtrr_read(struct bf_mtrr *mtrr);

/** @return the memory type of the page at @p pa. Pure. */
enum bf_memtype bf_mtrr_type(const struct bf_mtrr *mtrr, uint64_t pa);

/**
 * @return whether [pa, pa + bytes), naturally aligned, has one type, which goes to @p type.
 * Pure; may say false for a range whose parts turn out to be alike.
 */
bool bf_mtrr_uniform(const struct bf_mtrr *mtrr, uint64_t pa, uint64_t bytes,
		     enum bf_memtype *type);

#endif
