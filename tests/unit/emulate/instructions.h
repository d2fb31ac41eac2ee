/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The instructions that the emulator knows, strings aside, and a way to make up encodings and
 * states for them that do no harm on the CPU of the test.
 */
#ifndef BF_EMULATE_INSTRUCTIONS_H
#define BF_EMULATE_INSTRUCTIONS_H

#include <stdbool.h>
#include <stdint.h>

/** What an instruction needs before it can be executed. */
enum instruction_kind {
	PLAIN,
	SHIFT,      /**< the undefined flags depend on the count */
	BIT_STRING, /**< the bit number in a register reaches memory around the operand */
	COMPARE,    /**< CMPXCHG: both outcomes */
	COMPARE_WIDE /**< CMPXCHG8B and CMPXCHG16B */,
	STACK, /**< uses RSP */
	JUMP,  /**< memory holds where to go on; uses RSP */
	MOFFS  /**< no ModRM but an address */
};

struct instruction {
	const char *name;
	uint8_t opcode[3], opcode_bytes;
	int8_t digit;       /**< ModRM.reg, or -1 for any register */
	uint8_t immediate;  /**< bytes: 0, 1, or 4 for the operand's size at most */
	bool lockable;      /**< */
	bool one_byte;      /**< operands have one byte */
	uint64_t undefined; /**< flags */
	enum instruction_kind kind;
};

extern const struct instruction instructions[];
extern const uint32_t instruction_count;

/** An instruction as bytes, and the state to execute it in. */
struct sample {
	uint8_t bytes[24]; /**< more than an instruction can have */
	uint32_t length;
	uint64_t gpr[16];
	uint64_t rflags;
	uint64_t gs_base;
	uint64_t target;    /**< address of its operand */
	uint64_t undefined; /**< flags after it */
};

/** Memory that samples use: their operand is near the middle, below 4 GiB. */
struct arena {
	uint8_t *memory;
	uint64_t base;
	uint32_t bytes;
};

/** Fills @p arena and @p sample for 64-bit code with what comes of @p seed. */
void sample_make(struct sample *sample, const struct instruction *insn, struct arena *arena,
		 uint64_t *seed);

/** @return whether the CPU of the test has the instruction. */
bool instruction_on_host(const struct instruction *insn);

#endif
