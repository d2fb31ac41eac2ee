/* SPDX-License-Identifier: MIT */
#include <common/emulate_opcodes.h>

enum group {
	GROUP_1_BYTE, /* by the operand's size, and the immediate's */
	GROUP_1_IMM,
	GROUP_1_IMM8,
	GROUP_1A,
	GROUP_2_BYTE_IMM,
	GROUP_2_IMM,
	GROUP_2_BYTE_ONE,
	GROUP_2_ONE,
	GROUP_2_BYTE_CL,
	GROUP_2_CL,
	GROUP_3_BYTE,
	GROUP_3,
	GROUP_4,
	GROUP_5,
	GROUP_8,
	GROUP_9,
	GROUP_11_BYTE,
	GROUP_11,
	GROUPS
};

#define ROW(op, form, flags)                                                                       \
	{                                                                                          \
		BF_EMU_##op, BF_EMU_##form, flags                                                  \
	}
#define B BF_EMU_BYTE

/* The four ways to encode an operation on memory and a register. */
#define ALU(first, op)                                                                             \
	[first] = ROW(op, RM_REG, B), [(first) + 1] = ROW(op, RM_REG, 0),                          \
	[(first) + 2] = ROW(op, REG_RM, B), [(first) + 3] = ROW(op, REG_RM, 0)

#define IN_GROUP(number)                                                                           \
	{                                                                                          \
		number, BF_EMU_GROUP, 0                                                            \
	}

static const struct bf_emu_opcode one_byte[256] = {
	ALU(0x00, ADD),
	ALU(0x08, OR),
	ALU(0x10, ADC),
	ALU(0x18, SBB),
	ALU(0x20, AND),
	ALU(0x28, SUB),
	ALU(0x30, XOR),
	ALU(0x38, CMP),
	[0x63] = ROW(MOVSX, REG_RM, BF_EMU_FROM32), /* of 64-bit mode alone */
	[0x69] = ROW(IMUL2, REG_RM_IMM, 0),
	[0x6b] = ROW(IMUL2, REG_RM_IMM8, 0),
	[0x6c] = ROW(INS, IMPLIED, B),
	[0x6d] = ROW(INS, IMPLIED, 0),
	[0x6e] = ROW(OUTS, IMPLIED, B),
	[0x6f] = ROW(OUTS, IMPLIED, 0),
	[0x80] = IN_GROUP(GROUP_1_BYTE),
	[0x81] = IN_GROUP(GROUP_1_IMM),
	[0x83] = IN_GROUP(GROUP_1_IMM8),
	[0x84] = ROW(TEST, RM_REG, B),
	[0x85] = ROW(TEST, RM_REG, 0),
	[0x86] = ROW(XCHG, RM_REG, B),
	[0x87] = ROW(XCHG, RM_REG, 0),
	[0x88] = ROW(MOV, RM_REG, B),
	[0x89] = ROW(MOV, RM_REG, 0),
	[0x8a] = ROW(MOV, REG_RM, B),
	[0x8b] = ROW(MOV, REG_RM, 0),
	[0x8c] = ROW(MOVSEG, RM, BF_EMU_FROM16),
	[0x8f] = IN_GROUP(GROUP_1A),
	[0xa0] = ROW(MOV, ACC_MOFFS, B),
	[0xa1] = ROW(MOV, ACC_MOFFS, 0),
	[0xa2] = ROW(MOV, MOFFS_ACC, B),
	[0xa3] = ROW(MOV, MOFFS_ACC, 0),
	[0xa4] = ROW(MOVS, IMPLIED, B),
	[0xa5] = ROW(MOVS, IMPLIED, 0),
	[0xa6] = ROW(CMPS, IMPLIED, B),
	[0xa7] = ROW(CMPS, IMPLIED, 0),
	[0xaa] = ROW(STOS, IMPLIED, B),
	[0xab] = ROW(STOS, IMPLIED, 0),
	[0xac] = ROW(LODS, IMPLIED, B),
	[0xad] = ROW(LODS, IMPLIED, 0),
	[0xae] = ROW(SCAS, IMPLIED, B),
	[0xaf] = ROW(SCAS, IMPLIED, 0),
	[0xc0] = IN_GROUP(GROUP_2_BYTE_IMM),
	[0xc1] = IN_GROUP(GROUP_2_IMM),
	[0xc6] = IN_GROUP(GROUP_11_BYTE),
	[0xc7] = IN_GROUP(GROUP_11),
	[0xd0] = IN_GROUP(GROUP_2_BYTE_ONE),
	[0xd1] = IN_GROUP(GROUP_2_ONE),
	[0xd2] = IN_GROUP(GROUP_2_BYTE_CL),
	[0xd3] = IN_GROUP(GROUP_2_CL),
	[0xd8 ... 0xdf] = ROW(NONE, RM, 0), /* x87: not emulated, but their length is known */
	[0xf6] = IN_GROUP(GROUP_3_BYTE),
	[0xf7] = IN_GROUP(GROUP_3),
	[0xfe] = IN_GROUP(GROUP_4),
	[0xff] = IN_GROUP(GROUP_5),
};

/* ROW(NONE): vector instructions and others that are not emulated, for their length. */
static const struct bf_emu_opcode two_byte[256] = {
	[0x00 ... 0x03] = ROW(NONE, RM, 0),
	[0x0d] = ROW(NONE, RM, 0),
	[0x10 ... 0x1f] = ROW(NONE, RM, 0),
	[0x28 ... 0x2f] = ROW(NONE, RM, 0),
	[0x40 ... 0x4f] = ROW(CMOV, REG_RM, 0),
	[0x50 ... 0x6f] = ROW(NONE, RM, 0),
	[0x70 ... 0x73] = ROW(NONE, RM_IMM8, 0),
	[0x74 ... 0x76] = ROW(NONE, RM, 0),
	[0x78 ... 0x7f] = ROW(NONE, RM, 0),
	[0x90 ... 0x9f] = ROW(SETCC, RM, B),
	[0xa3] = ROW(BT, RM_REG, 0),
	[0xa4] = ROW(NONE, RM_IMM8, 0),
	[0xa5] = ROW(NONE, RM, 0),
	[0xab] = ROW(BTS, RM_REG, 0),
	[0xac] = ROW(NONE, RM_IMM8, 0),
	[0xad ... 0xae] = ROW(NONE, RM, 0),
	[0xaf] = ROW(IMUL2, REG_RM, 0),
	[0xb0] = ROW(CMPXCHG, RM_REG, B),
	[0xb1] = ROW(CMPXCHG, RM_REG, 0),
	[0xb2] = ROW(NONE, RM, 0),
	[0xb3] = ROW(BTR, RM_REG, 0),
	[0xb4 ... 0xb5] = ROW(NONE, RM, 0),
	[0xb6] = ROW(MOVZX, REG_RM, BF_EMU_FROM8),
	[0xb7] = ROW(MOVZX, REG_RM, BF_EMU_FROM16),
	[0xb8] = ROW(NONE, RM, 0),
	[0xba] = IN_GROUP(GROUP_8),
	[0xbb] = ROW(BTC, RM_REG, 0),
	[0xbc ... 0xbd] = ROW(NONE, RM, 0),
	[0xbe] = ROW(MOVSX, REG_RM, BF_EMU_FROM8),
	[0xbf] = ROW(MOVSX, REG_RM, BF_EMU_FROM16),
	[0xc0] = ROW(XADD, RM_REG, B),
	[0xc1] = ROW(XADD, RM_REG, 0),
	[0xc2] = ROW(NONE, RM_IMM8, 0),
	[0xc3] = ROW(MOV, RM_REG, 0), /* MOVNTI */
	[0xc4 ... 0xc6] = ROW(NONE, RM_IMM8, 0),
	[0xc7] = IN_GROUP(GROUP_9),
	[0xd0 ... 0xfe] = ROW(NONE, RM, 0),
};

static const struct bf_emu_opcode movbe_load = ROW(MOVBE, REG_RM, 0);
static const struct bf_emu_opcode movbe_store = ROW(MOVBE, RM_REG, 0);
static const struct bf_emu_opcode three_byte = ROW(NONE, RM, 0);

#define ALU_GROUP(form, flags)                                                                     \
	{                                                                                          \
		ROW(ADD, form, flags), ROW(OR, form, flags), ROW(ADC, form, flags),                \
			ROW(SBB, form, flags), ROW(AND, form, flags), ROW(SUB, form, flags),       \
			ROW(XOR, form, flags), ROW(CMP, form, flags)                               \
	}

#define SHIFT_GROUP(form, flags)                                                                   \
	{                                                                                          \
		ROW(ROL, form, flags), ROW(ROR, form, flags), ROW(RCL, form, flags),               \
			ROW(RCR, form, flags), ROW(SHL, form, flags), ROW(SHR, form, flags),       \
			ROW(SAL, form, flags), ROW(SAR, form, flags)                               \
	}

#define GROUP_3_ROWS(flags)                                                                        \
	{                                                                                          \
		ROW(TEST, RM_IMM, flags), ROW(TEST, RM_IMM, flags), ROW(NOT, RM, flags),           \
			ROW(NEG, RM, flags), ROW(MUL, RM, flags), ROW(IMUL, RM, flags),            \
			ROW(NONE, RM, flags), ROW(NONE, RM, flags)                                 \
	}

#define S BF_EMU_STACK

static const struct bf_emu_opcode groups[GROUPS][8] = {
	[GROUP_1_BYTE] = ALU_GROUP(RM_IMM, B),
	[GROUP_1_IMM] = ALU_GROUP(RM_IMM, 0),
	[GROUP_1_IMM8] = ALU_GROUP(RM_IMM8, 0),
	[GROUP_1A] = {ROW(POP, RM, S)},
	[GROUP_2_BYTE_IMM] = SHIFT_GROUP(RM_IMM8, B),
	[GROUP_2_IMM] = SHIFT_GROUP(RM_IMM8, 0),
	[GROUP_2_BYTE_ONE] = SHIFT_GROUP(RM_ONE, B),
	[GROUP_2_ONE] = SHIFT_GROUP(RM_ONE, 0),
	[GROUP_2_BYTE_CL] = SHIFT_GROUP(RM_CL, B),
	[GROUP_2_CL] = SHIFT_GROUP(RM_CL, 0),
	[GROUP_3_BYTE] = GROUP_3_ROWS(B),
	[GROUP_3] = GROUP_3_ROWS(0),
	[GROUP_4] = {ROW(INC, RM, B), ROW(DEC, RM, B)},
	[GROUP_5] = {ROW(INC, RM, 0), ROW(DEC, RM, 0), ROW(CALL, RM, S), ROW(NONE, RM, 0),
		     ROW(JMP, RM, S), ROW(NONE, RM, 0), ROW(PUSH, RM, S)},
	[GROUP_8] = {[4] = ROW(BT, RM_IMM8, 0),
		     ROW(BTS, RM_IMM8, 0),
		     ROW(BTR, RM_IMM8, 0),
		     ROW(BTC, RM_IMM8, 0)},
	[GROUP_9] = {[1] = ROW(CMPXCHG8B, RM, 0), [3 ... 7] = ROW(NONE, RM, 0)},
	[GROUP_11_BYTE] = {ROW(MOV, RM_IMM, B)},
	[GROUP_11] = {ROW(MOV, RM_IMM, 0)},
};

/* MOVBE; with F2 the same opcodes are CRC32, and with F3 there are none. */
static const struct bf_emu_opcode *map_0f38(const struct bf_insn *insn)
{
	if (insn->repeat)
		return &three_byte;
	if (insn->opcode == 0xf0)
		return &movbe_load;
	return insn->opcode == 0xf1 ? &movbe_store : &three_byte;
}

const struct bf_emu_opcode *bf_emu_opcode(const struct bf_insn *insn)
{
	if (insn->map == 1)
		return &one_byte[insn->opcode];
	return insn->map == 2 ? &two_byte[insn->opcode] : map_0f38(insn);
}

const struct bf_emu_opcode *bf_emu_group(uint32_t number, const struct bf_insn *insn)
{
	return &groups[number][insn->modrm >> 3 & 7];
}
