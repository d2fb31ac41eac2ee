/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Where the memory operand of an instruction lies (SDM volume 1, 3.7.5; APM volume 3, 1.4).
 */
#ifndef BFCOMMON_INSN_ADDRESS_H
#define BFCOMMON_INSN_ADDRESS_H

#include <common/insn.h>

/** @return general register @p number (0 … 15, RSP is 4) of what @p ctx stands for. */
typedef uint64_t (*bf_insn_gpr_fn)(void *ctx, uint32_t number);

/** An operand in memory, before segmentation. */
struct bf_insn_operand {
	enum bf_seg segment;
	uint64_t offset; /**< cut to the address size */
};

/**
 * Computes the operand that ModRM of @p insn names; its mod is not 3.
 * @param next	RIP behind the instruction
 */
struct bf_insn_operand bf_insn_operand(const struct bf_insn *insn, enum bf_insn_mode mode,
				       uint64_t next, bf_insn_gpr_fn gpr, void *ctx);

/** @return the segment of an operand whose default is @p segment, with the override of @p insn. */
enum bf_seg bf_insn_segment(const struct bf_insn *insn, enum bf_insn_mode mode,
			    enum bf_seg segment);

/** @return whether @p segment has a base in @p mode: in 64-bit mode only FS and GS have. */
static inline bool bf_insn_has_base(enum bf_seg segment, enum bf_insn_mode mode)
{
	return mode != BF_INSN_64 || segment == BF_SEG_FS || segment == BF_SEG_GS;
}

/** @return @p offset in a segment at @p base (0 if it has none) as a linear address. */
static inline uint64_t bf_insn_linear(enum bf_insn_mode mode, uint64_t base, uint64_t offset)
{
	return mode == BF_INSN_64 ? base + offset : (uint32_t)(base + offset);
}

#endif
