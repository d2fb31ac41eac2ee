/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Length decoder for the instructions that can be intercepted. A pure function of bytes and
 * mode. (APM volume 3, chapter 1 and appendix A.)
 */
#ifndef BFCOMMON_INSN_LENGTH_H
#define BFCOMMON_INSN_LENGTH_H

#include <stdbool.h>
#include <bfabi/types.h>

#define BF_INSN_MAX 15 /**< bytes of the longest instruction */

/** The default operand and address size of the code segment. */
enum bf_insn_mode {
	BF_INSN_16,
	BF_INSN_32,
	BF_INSN_64
};

struct bf_insn {
	uint8_t length;       /**< in bytes, prefixes included */
	uint8_t prefix_bytes; /**< legacy and REX prefixes in front of the opcode */
	uint8_t rex;          /**< the REX prefix in effect, 0 without */
	uint8_t repeat;       /**< the last of F2 and F3, 0 without */
	uint8_t segment;      /**< the last segment-override prefix, 0 without */
	bool operand_size;    /**< prefix 66 */
	bool address_size;    /**< prefix 67 */
	bool lock;            /**< prefix F0 */
	uint8_t map;          /**< 1: one-byte opcode, 2: 0F xx, 3: 0F 38 xx */
	uint8_t opcode;       /**< its last byte */
	bool has_modrm;       /**< */
	uint8_t modrm;        /**< */
};

#define BF_INSN_MOD(insn) ((insn)->modrm >> 6)
#define BF_INSN_REG(insn) (((insn)->modrm >> 3 & 7) | ((insn)->rex & 4) << 1)
#define BF_INSN_RM(insn)  (((insn)->modrm & 7) | ((insn)->rex & 1) << 3)

/**
 * Decodes the instruction at the start of @p bytes, of which @p count may be read.
 * @return 0; BF_ERANGE if it does not end within @p count or BF_INSN_MAX bytes; BF_EINVAL if it
 * is none that can be intercepted
 */
int bf_insn_decode(const uint8_t *bytes, uint32_t count, enum bf_insn_mode mode,
		   struct bf_insn *insn);

#endif
