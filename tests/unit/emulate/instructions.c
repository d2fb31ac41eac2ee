/* SPDX-License-Identifier: MIT */
#include <cpuid.h>
#include <string.h>
#include <bfvmm/msr.h>
#include "instructions.h"

#define ANY (-1)
#define AF  RFLAGS_AF

/* What MUL leaves undefined, and what BT does. */
#define MUL_UNDEFINED (RFLAGS_SF | RFLAGS_ZF | RFLAGS_AF | RFLAGS_PF)
#define BT_UNDEFINED  (RFLAGS_OF | RFLAGS_SF | RFLAGS_AF | RFLAGS_PF)

#define ONE(name, opcode, digit, immediate, lockable, byte, undefined, kind)                       \
	{                                                                                          \
		name, {opcode}, 1, digit, immediate, lockable, byte, undefined, kind               \
	}
#define TWO(name, opcode, digit, immediate, lockable, byte, undefined, kind)                       \
	{                                                                                          \
		name, {0x0f, opcode}, 2, digit, immediate, lockable, byte, undefined, kind         \
	}

/* The seven encodings of an operation on two operands. */
#define ALU(name, number, lockable, undefined)                                                     \
	ONE(name " rm8, r8", 8 * (number), ANY, 0, lockable, true, undefined, PLAIN),              \
		ONE(name " rm, r", 8 * (number) + 1, ANY, 0, lockable, false, undefined, PLAIN),   \
		ONE(name " r8, rm8", 8 * (number) + 2, ANY, 0, false, true, undefined, PLAIN),     \
		ONE(name " r, rm", 8 * (number) + 3, ANY, 0, false, false, undefined, PLAIN),      \
		ONE(name " rm8, imm8", 0x80, number, 1, lockable, true, undefined, PLAIN),         \
		ONE(name " rm, imm", 0x81, number, 4, lockable, false, undefined, PLAIN),          \
		ONE(name " rm, imm8", 0x83, number, 1, lockable, false, undefined, PLAIN)

#define SHIFTS(name, digit)                                                                        \
	ONE(name " rm8, imm8", 0xc0, digit, 1, false, true, 0, SHIFT),                             \
		ONE(name " rm, imm8", 0xc1, digit, 1, false, false, 0, SHIFT),                     \
		ONE(name " rm8, 1", 0xd0, digit, 0, false, true, 0, SHIFT),                        \
		ONE(name " rm, 1", 0xd1, digit, 0, false, false, 0, SHIFT),                        \
		ONE(name " rm8, cl", 0xd2, digit, 0, false, true, 0, SHIFT),                       \
		ONE(name " rm, cl", 0xd3, digit, 0, false, false, 0, SHIFT)

#define UNARY(name, byte_opcode, digit)                                                            \
	ONE(name " rm8", byte_opcode, digit, 0, true, true, 0, PLAIN),                             \
		ONE(name " rm", (byte_opcode) + 1, digit, 0, true, false, 0, PLAIN)

#define CONDITION(number)                                                                          \
	TWO("cmov" #number, 0x40 + (number), ANY, 0, false, false, 0, PLAIN),                      \
		TWO("set" #number, 0x90 + (number), ANY, 0, false, true, 0, PLAIN)

#define BITS(name, opcode, digit, lockable)                                                        \
	TWO(name " rm, r", opcode, ANY, 0, lockable, false, BT_UNDEFINED, BIT_STRING),             \
		TWO(name " rm, imm8", 0xba, digit, 1, lockable, false, BT_UNDEFINED, PLAIN)

const struct instruction instructions[] = {
	ALU("add", 0, true, 0),
	ALU("or", 1, true, AF),
	ALU("adc", 2, true, 0),
	ALU("sbb", 3, true, 0),
	ALU("and", 4, true, AF),
	ALU("sub", 5, true, 0),
	ALU("xor", 6, true, AF),
	ALU("cmp", 7, false, 0),
	ONE("test rm8, r8", 0x84, ANY, 0, false, true, AF, PLAIN),
	ONE("test rm, r", 0x85, ANY, 0, false, false, AF, PLAIN),
	ONE("test rm8, imm8", 0xf6, 0, 1, false, true, AF, PLAIN),
	ONE("test rm, imm", 0xf7, 0, 4, false, false, AF, PLAIN),
	UNARY("not", 0xf6, 2),
	UNARY("neg", 0xf6, 3),
	UNARY("inc", 0xfe, 0),
	UNARY("dec", 0xfe, 1),
	SHIFTS("rol", 0),
	SHIFTS("ror", 1),
	SHIFTS("rcl", 2),
	SHIFTS("rcr", 3),
	SHIFTS("shl", 4),
	SHIFTS("shr", 5),
	SHIFTS("sar", 7),
	ONE("mul rm8", 0xf6, 4, 0, false, true, MUL_UNDEFINED, PLAIN),
	ONE("mul rm", 0xf7, 4, 0, false, false, MUL_UNDEFINED, PLAIN),
	ONE("imul rm8", 0xf6, 5, 0, false, true, MUL_UNDEFINED, PLAIN),
	ONE("imul rm", 0xf7, 5, 0, false, false, MUL_UNDEFINED, PLAIN),
	ONE("imul r, rm, imm", 0x69, ANY, 4, false, false, MUL_UNDEFINED, PLAIN),
	ONE("imul r, rm, imm8", 0x6b, ANY, 1, false, false, MUL_UNDEFINED, PLAIN),
	TWO("imul r, rm", 0xaf, ANY, 0, false, false, MUL_UNDEFINED, PLAIN),
	ONE("mov rm8, r8", 0x88, ANY, 0, false, true, 0, PLAIN),
	ONE("mov rm, r", 0x89, ANY, 0, false, false, 0, PLAIN),
	ONE("mov r8, rm8", 0x8a, ANY, 0, false, true, 0, PLAIN),
	ONE("mov r, rm", 0x8b, ANY, 0, false, false, 0, PLAIN),
	ONE("mov rm8, imm8", 0xc6, 0, 1, false, true, 0, PLAIN),
	ONE("mov rm, imm", 0xc7, 0, 4, false, false, 0, PLAIN),
	ONE("mov al, moffs", 0xa0, ANY, 0, false, true, 0, MOFFS),
	ONE("mov eax, moffs", 0xa1, ANY, 0, false, false, 0, MOFFS),
	ONE("mov moffs, al", 0xa2, ANY, 0, false, true, 0, MOFFS),
	ONE("mov moffs, eax", 0xa3, ANY, 0, false, false, 0, MOFFS),
	ONE("movsxd r, rm", 0x63, ANY, 0, false, false, 0, PLAIN),
	TWO("movzx r, rm8", 0xb6, ANY, 0, false, false, 0, PLAIN),
	TWO("movzx r, rm16", 0xb7, ANY, 0, false, false, 0, PLAIN),
	TWO("movsx r, rm8", 0xbe, ANY, 0, false, false, 0, PLAIN),
	TWO("movsx r, rm16", 0xbf, ANY, 0, false, false, 0, PLAIN),
	TWO("movnti rm, r", 0xc3, ANY, 0, false, false, 0, PLAIN),
	{"movbe r, rm", {0x0f, 0x38, 0xf0}, 3, ANY, 0, false, false, 0, PLAIN},
	{"movbe rm, r", {0x0f, 0x38, 0xf1}, 3, ANY, 0, false, false, 0, PLAIN},
	ONE("xchg rm8, r8", 0x86, ANY, 0, true, true, 0, PLAIN),
	ONE("xchg rm, r", 0x87, ANY, 0, true, false, 0, PLAIN),
	TWO("xadd rm8, r8", 0xc0, ANY, 0, true, true, 0, PLAIN),
	TWO("xadd rm, r", 0xc1, ANY, 0, true, false, 0, PLAIN),
	TWO("cmpxchg rm8, r8", 0xb0, ANY, 0, true, true, 0, COMPARE),
	TWO("cmpxchg rm, r", 0xb1, ANY, 0, true, false, 0, COMPARE),
	TWO("cmpxchg8b", 0xc7, 1, 0, true, false, 0, COMPARE_WIDE),
	BITS("bt", 0xa3, 4, false),
	BITS("bts", 0xab, 5, true),
	BITS("btr", 0xb3, 6, true),
	BITS("btc", 0xbb, 7, true),
	CONDITION(0),
	CONDITION(1),
	CONDITION(2),
	CONDITION(3),
	CONDITION(4),
	CONDITION(5),
	CONDITION(6),
	CONDITION(7),
	CONDITION(8),
	CONDITION(9),
	CONDITION(10),
	CONDITION(11),
	CONDITION(12),
	CONDITION(13),
	CONDITION(14),
	CONDITION(15),
	ONE("push m", 0xff, 6, 0, false, false, 0, STACK),
	ONE("pop m", 0x8f, 0, 0, false, false, 0, STACK),
	ONE("call m", 0xff, 2, 0, false, false, 0, JUMP),
	ONE("jmp m", 0xff, 4, 0, false, false, 0, JUMP),
};

const uint32_t instruction_count = sizeof(instructions) / sizeof(instructions[0]);

bool instruction_on_host(const struct instruction *insn)
{
	uint32_t eax, ebx, ecx, edx;

	if (!strstr(insn->name, "movbe"))
		return true;
	return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & bit_MOVBE);
}
