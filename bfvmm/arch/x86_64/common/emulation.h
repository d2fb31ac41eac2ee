/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What the files of the emulator share; its users include bfvmm/emulate.h.
 */
#ifndef BFCOMMON_EMULATION_H
#define BFCOMMON_EMULATION_H

#include <bfabi/error.h>
#include <bfvmm/emulate.h>
#include <bfvmm/msr.h>
#include <common/insn_address.h>

/** X(NAME, handler, lockable): what an instruction does. */
#define BF_EMU_OPS(X)                                                                              \
	X(NONE, none, false)                                                                       \
	/* In the order of their encodings; shifts too. */                                         \
	X(ADD, alu, true)                                                                          \
	X(OR, alu, true)                                                                           \
	X(ADC, alu, true)                                                                          \
	X(SBB, alu, true)                                                                          \
	X(AND, alu, true)                                                                          \
	X(SUB, alu, true)                                                                          \
	X(XOR, alu, true)                                                                          \
	X(CMP, compare, false)                                                                     \
	X(TEST, compare, false)                                                                    \
	X(ROL, shift, false)                                                                       \
	X(ROR, shift, false)                                                                       \
	X(RCL, shift, false)                                                                       \
	X(RCR, shift, false)                                                                       \
	X(SHL, shift, false)                                                                       \
	X(SHR, shift, false)                                                                       \
	X(SAL, shift, false)                                                                       \
	X(SAR, shift, false)                                                                       \
	X(BT, bit_test, false)                                                                     \
	X(BTS, bit_change, true)                                                                   \
	X(BTR, bit_change, true)                                                                   \
	X(BTC, bit_change, true)                                                                   \
	X(NOT, unary, true)                                                                        \
	X(NEG, unary, true)                                                                        \
	X(INC, unary, true)                                                                        \
	X(DEC, unary, true)                                                                        \
	X(XCHG, exchange, true)                                                                    \
	X(XADD, exchange, true)                                                                    \
	X(CMPXCHG, exchange, true)                                                                 \
	X(CMPXCHG8B, exchange_wide, true)                                                          \
	X(MOV, move, false)                                                                        \
	X(MOVZX, move_extended, false)                                                             \
	X(MOVSX, move_extended, false)                                                             \
	X(MOVBE, move_swapped, false)                                                              \
	X(MOVSEG, move_segment, false)                                                             \
	X(CMOV, move_if, false)                                                                    \
	X(SETCC, set_if, false)                                                                    \
	X(MUL, multiply, false)                                                                    \
	X(IMUL, multiply, false)                                                                   \
	X(IMUL2, multiply_to, false)                                                               \
	X(PUSH, push, false)                                                                       \
	X(POP, pop, false)                                                                         \
	X(CALL, call, false)                                                                       \
	X(JMP, jump, false)                                                                        \
	X(MOVS, string, false)                                                                     \
	X(CMPS, string, false)                                                                     \
	X(STOS, string, false)                                                                     \
	X(LODS, string, false)                                                                     \
	X(SCAS, string, false)                                                                     \
	X(INS, port_string, false)                                                                 \
	X(OUTS, port_string, false)

enum bf_emu_op {
#define X(name, handler, lockable) BF_EMU_##name,
	BF_EMU_OPS(X)
#undef X
	BF_EMU_OP_COUNT
};

/** Where the operands are, and what stands behind the opcode. */
enum bf_emu_form {
	BF_EMU_UNKNOWN,
	BF_EMU_RM,      /**< memory alone */
	BF_EMU_RM_REG,  /**< memory is the destination, a register the source */
	BF_EMU_REG_RM,  /**< the other way round */
	BF_EMU_RM_IMM,  /**< an immediate of the operand's size, at most 4 bytes */
	BF_EMU_RM_IMM8, /**< an immediate byte, sign-extended */
	BF_EMU_REG_RM_IMM,
	BF_EMU_REG_RM_IMM8,
	BF_EMU_RM_ONE,    /**< the source is 1 */
	BF_EMU_RM_CL,     /**< the source is CL */
	BF_EMU_MOFFS_ACC, /**< memory at an immediate address, from AL … RAX */
	BF_EMU_ACC_MOFFS,
	BF_EMU_IMPLIED, /**< strings */
	BF_EMU_GROUP    /**< the row of a group: op says which, ModRM.reg which row */
};

#define BF_EMU_BYTE   0x01u /**< operands of one byte */
#define BF_EMU_STACK  0x02u /**< 64 bits by default in 64-bit code */
#define BF_EMU_FROM8  0x04u /**< memory has one byte, whatever the register has */
#define BF_EMU_FROM16 0x08u
#define BF_EMU_FROM32 0x10u

/** A row of the opcode tables. */
struct bf_emu_opcode {
	uint8_t op, form, flags;
};

/** A segment register, once it was looked at. */
struct bf_emu_segment {
	bool known;
	uint32_t limit, access;
	uint64_t base;
};

/** An instruction while it is being executed. */
struct bf_emulation {
	struct bf_emu *emu;
	struct bf_insn insn;
	enum bf_insn_mode mode;
	bool real;             /**< neither 64-bit nor protected: real or virtual-8086 mode */
	bool error_codes;      /**< exceptions push them */
	uint8_t op, form;      /**< */
	uint32_t size;         /**< bytes of a register operand */
	uint32_t memory_size;  /**< bytes of the memory operand */
	uint32_t address_size; /**< bytes of an address */
	uint64_t rip, next;    /**< of this instruction and the one behind it */
	uint64_t rflags;       /**< as they are going to be */
	struct bf_insn_operand memory; /**< but for strings */
	struct bf_emu_segment segment[BF_SEG_COUNT];
};

/** Computes the new value of a memory operand from @p old, and @c e->rflags. */
typedef uint64_t (*bf_emu_change_fn)(struct bf_emulation *e, uint64_t old);

/* emulate_decode.c */

/** Fills insn, op, form and sizes. @return 0, BF_ENOTSUP, BF_EINVAL, BF_ERANGE */
int bf_emu_decode(struct bf_emulation *e, const uint8_t *bytes, uint32_t count);

/* emulate_register.c */

/** Learns the CPU's mode and flags. */
void bf_emu_begin(struct bf_emulation *e, struct bf_emu *emu);

static inline uint64_t bf_emu_mask(uint32_t bytes)
{
	return bytes >= 8 ? UINT64_MAX : (1ull << 8 * bytes) - 1;
}

/** Register @p number of @p bytes as the operand of an instruction: 4 … 7 may be AH … BH. */
uint64_t bf_emu_reg(const struct bf_emulation *e, uint32_t number, uint32_t bytes);
void bf_emu_set_reg(const struct bf_emulation *e, uint32_t number, uint32_t bytes, uint64_t value);

/** Register @p number of @p bytes (2, 4, 8) as an address or count. */
void bf_emu_set_address(const struct bf_emulation *e, uint32_t number, uint32_t bytes,
			uint64_t value);

/** @return whether condition @p code (the low bits of Jcc's opcode) holds in @p rflags. */
bool bf_emu_condition(uint32_t code, uint64_t rflags);

/** Makes @p vector, with error code 0 if it has one, what the instruction comes to. @return
 *  BF_EFAULT */
int bf_emu_raise(struct bf_emulation *e, uint8_t vector);

/* emulate_memory.c */

/**
 * Describes an access of @p bytes at @p at; checks the segment and the alignment.
 * @return 0 or BF_EFAULT
 */
int bf_emu_place(struct bf_emulation *e, struct bf_insn_operand at, uint32_t bytes, bool write,
		 struct bf_emu_access *access);

/** @return whether @p va is a linear address of 64-bit mode under the paging in use. */
bool bf_emu_canonical(const struct bf_emulation *e, uint64_t va);

/** Asks for the right to an access that was placed. @return 0 or what the callback says */
int bf_emu_check(struct bf_emulation *e, struct bf_emu_access *access);
int bf_emu_read(struct bf_emulation *e, struct bf_emu_access *access);
int bf_emu_write(struct bf_emulation *e, struct bf_emu_access *access);

/** Reads the memory operand. */
int bf_emu_load(struct bf_emulation *e, uint64_t *value);

/** Writes the memory operand. */
int bf_emu_store(struct bf_emulation *e, uint64_t value);

/** Reads, changes and writes the memory operand, atomically if that is asked for. */
int bf_emu_update(struct bf_emulation *e, bool locked, bf_emu_change_fn change, uint64_t *old);

/** @return the source operand that is not in memory. */
uint64_t bf_emu_source(const struct bf_emulation *e);

/* emulate_alu.c: pure arithmetic. Operands are cut to @p bytes, as is what is returned. */

/** ADD … CMP and TEST. Sets the status flags in @p rflags. */
uint64_t bf_emu_alu(enum bf_emu_op op, uint32_t bytes, uint64_t a, uint64_t b, uint64_t *rflags);

/** NOT, NEG, INC, DEC. */
uint64_t bf_emu_unary(enum bf_emu_op op, uint32_t bytes, uint64_t a, uint64_t *rflags);

/* emulate_shift.c */

/** ROL … SAR by @p count, an unmasked byte. */
uint64_t bf_emu_shift(enum bf_emu_op op, uint32_t bytes, uint64_t a, uint32_t count,
		      uint64_t *rflags);

/* emulate_repeat.c */

/** A string instruction while it is repeated. */
struct bf_emu_string {
	bool repeated;       /**< has a REP prefix */
	bool has_from;       /**< has an element at RSI */
	bool has_to;         /**< has an element at RDI */
	enum bf_seg segment; /**< of the element at RSI */
	uint64_t from, to;   /**< RSI and RDI */
	uint64_t count;      /**< RCX, 1 without a prefix */
	uint64_t pages[2];   /**< of the elements last asked for, with 1 in bit 0 */
};

/** Executes one element. @return 0 or why it could not be executed */
typedef int (*bf_emu_element_fn)(struct bf_emulation *e, struct bf_emu_string *s);

/**
 * Executes @p element until it fails, until the end, or as often as emu->limit lets it; updates
 * RSI, RDI and RCX. @return 0 or what the element says
 */
int bf_emu_repeat(struct bf_emulation *e, struct bf_emu_string *s, bf_emu_element_fn element);

/** Describe the element at RSI or RDI, and ask for the right to it once for each page. */
int bf_emu_from(struct bf_emulation *e, struct bf_emu_string *s, struct bf_emu_access *access);
int bf_emu_to(struct bf_emulation *e, struct bf_emu_string *s, bool write,
	      struct bf_emu_access *access);

/** An instruction's own part. @return 0 or why it could not be executed */
typedef int (*bf_emu_handler_fn)(struct bf_emulation *e);

/* emulate_arithmetic.c, emulate_move.c, emulate_exchange.c, emulate_stack.c, and those above */
#define X(name, handler, lockable) int bf_emu_run_##handler(struct bf_emulation *e);
BF_EMU_OPS(X)
#undef X

#endif
