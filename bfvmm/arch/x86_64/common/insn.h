/* SPDX-License-Identifier: MIT */
/**
 * @file
 * An instruction taken apart: prefixes, opcode, operand bytes. (SDM volume 2, chapter 2; APM
 * volume 3, chapter 1.)
 */
#ifndef BFCOMMON_INSN_H
#define BFCOMMON_INSN_H

#include <stdbool.h>
#include <bfabi/types.h>
#include <bfvmm/msr.h>
#include <bfvmm/state.h>

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
	uint8_t segment;      /**< the segment-override prefix in effect, 0 without */
	bool operand_size;    /**< prefix 66 */
	bool address_size;    /**< prefix 67 */
	bool lock;            /**< prefix F0 */
	uint8_t map;          /**< 1: one-byte opcode, 2: 0F xx, 3: 0F 38 xx */
	uint8_t opcode;       /**< its last byte */
	bool has_modrm;       /**< */
	uint8_t modrm;        /**< */
	uint8_t sib;          /**< if ModRM asks for one */
	int32_t displacement; /**< 0 without; a 32-bit one is signed in all modes */
	uint64_t immediate;   /**< sign-extended, or an address (MOV A0 … A3); 0 without */
};

#define BF_INSN_MOD(insn) ((insn)->modrm >> 6)
#define BF_INSN_REG(insn) (((insn)->modrm >> 3 & 7) | ((insn)->rex & 4) << 1)
#define BF_INSN_RM(insn)  (((insn)->modrm & 7) | ((insn)->rex & 1) << 3)

/** @return the mode of code in a segment with access rights @p cs, under EFER and RFLAGS. */
static inline enum bf_insn_mode bf_insn_mode(uint64_t efer, uint32_t cs, uint64_t rflags)
{
	if ((efer & EFER_LMA) && (cs & BF_AR_L))
		return BF_INSN_64;
	return (cs & BF_AR_DB) && !(rflags & RFLAGS_VM) ? BF_INSN_32 : BF_INSN_16;
}

/** @return bytes of an address (not of a stack's) in @p insn: 2, 4 or 8. */
static inline uint32_t bf_insn_address_bytes(const struct bf_insn *insn, enum bf_insn_mode mode)
{
	if (mode == BF_INSN_64)
		return insn->address_size ? 4 : 8;
	return (mode == BF_INSN_32) != insn->address_size ? 4 : 2;
}

/** @return bytes of an operand that is not fixed by the opcode: 2, 4 or 8. */
static inline uint32_t bf_insn_operand_bytes(const struct bf_insn *insn, enum bf_insn_mode mode)
{
	if (insn->rex & 8)
		return 8;
	return (mode == BF_INSN_16) != insn->operand_size ? 2 : 4;
}

/** Instruction bytes while they are being read. */
struct bf_insn_reader {
	const uint8_t *bytes;
	uint32_t at, end;
};

/** Starts reading @p bytes, of which @p count may be read. */
struct bf_insn_reader bf_insn_reader(const uint8_t *bytes, uint32_t count);

/*
 * All return false if the bytes end too early.
 */

/** Reads one byte. */
bool bf_insn_next(struct bf_insn_reader *r, uint8_t *byte);

/** Reads prefixes and opcode. Sets @c map and @c opcode too. */
bool bf_insn_read_opcode(struct bf_insn_reader *r, enum bf_insn_mode mode, struct bf_insn *insn);

/** Reads ModRM, and SIB and displacement unless @p registers says that it names registers. */
bool bf_insn_read_modrm(struct bf_insn_reader *r, enum bf_insn_mode mode, bool registers,
			struct bf_insn *insn);

/** Reads an immediate of @p bytes (0 … 8), sign-extended. */
bool bf_insn_read_immediate(struct bf_insn_reader *r, uint32_t bytes, struct bf_insn *insn);

#endif
