/* SPDX-License-Identifier: MIT */
/* 16-bit and 32-bit code, and the stack in all modes, with results from the manuals. */
#include "../test.h"
#include "machine.h"

#define M16 BF_INSN_16
#define M32 BF_INSN_32
#define M64 BF_INSN_64

enum {
	RAX,
	RCX,
	RDX,
	RBX,
	RSP,
	RBP,
	RSI,
	RDI
};

#define MEMORY_BYTES 0x10000u

static uint8_t memory[MEMORY_BYTES];

/* Registers before: RAX 0x8182838485868788, RBX 0x80, RCX 2, RSP 0xc0, the others 0. Memory from
 * 0x80 on: 01 02 03 … */
static void prepare(struct machine *m, enum bf_insn_mode mode)
{
	machine_init(m, mode);
	m->memory = memory;
	m->bytes = MEMORY_BYTES;
	m->gpr[RAX] = 0x8182838485868788;
	m->gpr[RBX] = 0x80;
	m->gpr[RCX] = 2;
	m->gpr[RSP] = 0xc0;
	memset(memory, 0xee, sizeof(memory));
	for (uint8_t i = 0; i < 64; i++)
		memory[0x80 + i] = i + 1;
}

/* What is different afterwards: one register, and eight bytes of memory at an address. */
static const struct row {
	const char *name;
	enum bf_insn_mode mode;
	uint8_t bytes[12];
	uint8_t length;
	int reg; /* -1: none */
	uint64_t value;
	uint32_t at; /* 0: nowhere */
	uint64_t memory;
} rows[] = {
	{"mov [bx], al", M16, {0x88, 0x07}, 2, -1, 0, 0x80, 0x0807060504030288},
	{"mov [bx], ax", M16, {0x89, 0x07}, 2, -1, 0, 0x80, 0x0807060504038788},
	{"66 mov [bx], eax", M16, {0x66, 0x89, 0x07}, 3, -1, 0, 0x80, 0x0807060585868788},
	{"mov [ebx], eax", M32, {0x89, 0x03}, 2, -1, 0, 0x80, 0x0807060585868788},
	{"66 mov [ebx], ax", M32, {0x66, 0x89, 0x03}, 3, -1, 0, 0x80, 0x0807060504038788},
	{"67 mov [bx], eax", M32, {0x67, 0x89, 0x07}, 3, -1, 0, 0x80, 0x0807060585868788},
	{"67 mov [ebx], ax", M16, {0x67, 0x89, 0x03}, 3, -1, 0, 0x80, 0x0807060504038788},
	{"mov ah, [bx]", M16, {0x8a, 0x27}, 2, RAX, 0x8182838485860188, 0, 0},
	{"mov ax, [bx]", M16, {0x8b, 0x07}, 2, RAX, 0x8182838485860201, 0, 0},
	{"mov eax, [ebx]", M32, {0x8b, 0x03}, 2, RAX, 0x04030201, 0, 0},
	{"mov [bx], imm16", M16, {0xc7, 0x07, 0x34, 0x12}, 4, -1, 0, 0x80, 0x0807060504031234},
	{"66 mov [bx], imm32",
	 M16,
	 {0x66, 0xc7, 0x07, 0x78, 0x56, 0x34, 0x12},
	 7,
	 -1,
	 0,
	 0x80,
	 0x0807060512345678},
	{"66 mov [ebx], imm16",
	 M32,
	 {0x66, 0xc7, 0x03, 0x34, 0x12},
	 5,
	 -1,
	 0,
	 0x80,
	 0x0807060504031234},
	{"mov al, moffs16", M16, {0xa0, 0x81, 0x00}, 3, RAX, 0x8182838485868702, 0, 0},
	{"mov eax, moffs32", M32, {0xa1, 0x81, 0, 0, 0}, 5, RAX, 0x05040302, 0, 0},
	{"67 mov moffs16, ax",
	 M32,
	 {0x67, 0x66, 0xa3, 0x80, 0},
	 5,
	 -1,
	 0,
	 0x80,
	 0x0807060504038788},
	{"67 mov eax, moffs32 in 64-bit code",
	 M64,
	 {0x67, 0xa1, 0x81, 0, 0, 0},
	 6,
	 RAX,
	 0x05040302,
	 0,
	 0},
	{"add word [bx], -1", M16, {0x83, 0x07, 0xff}, 3, -1, 0, 0x80, 0x0807060504030200},
	{"inc dword [ebx]", M32, {0xff, 0x03}, 2, -1, 0, 0x80, 0x0807060504030202},
	{"movzx ax, byte [bx]", M16, {0x0f, 0xb6, 0x07}, 3, RAX, 0x8182838485860001, 0, 0},
	{"movzx eax, word [ebx]", M32, {0x0f, 0xb7, 0x03}, 3, RAX, 0x0201, 0, 0},
	{"xchg [bx], cx", M16, {0x87, 0x0f}, 2, RCX, 0x0201, 0x80, 0x0807060504030002},
	{"mov [bx], ds", M16, {0x8c, 0x1f}, 2, -1, 0, 0x80, 0x0807060504030018},
	{"mov [ebx], ds: 16 bits", M32, {0x8c, 0x1b}, 2, -1, 0, 0x80, 0x0807060504030018},
	{"rex.w mov [rbx], ds: 16 bits",
	 M64,
	 {0x48, 0x8c, 0x1b},
	 3,
	 -1,
	 0,
	 0x80,
	 0x0807060504030018},
	/* The stack: how much it moves is the operand's size. */
	{"push word [bx]", M16, {0xff, 0x37}, 2, RSP, 0xbe, 0xbe, 0xeeeeeeeeeeee0201},
	{"66 push dword [bx]", M16, {0x66, 0xff, 0x37}, 3, RSP, 0xbc, 0xbc, 0xeeeeeeee04030201},
	{"push dword [ebx]", M32, {0xff, 0x33}, 2, RSP, 0xbc, 0xbc, 0xeeeeeeee04030201},
	{"66 push word [ebx]", M32, {0x66, 0xff, 0x33}, 3, RSP, 0xbe, 0xbe, 0xeeeeeeeeeeee0201},
	{"push qword [rbx]", M64, {0xff, 0x33}, 2, RSP, 0xb8, 0xb8, 0x0807060504030201},
	{"66 push word [rbx]", M64, {0x66, 0xff, 0x33}, 3, RSP, 0xbe, 0xbe, 0xeeeeeeeeeeee0201},
	{"push [rsp-0x40]: before it moves",
	 M64,
	 {0xff, 0x74, 0x24, 0xc0},
	 4,
	 RSP,
	 0xb8,
	 0xb8,
	 0x0807060504030201},
	{"pop word [bx]", M16, {0x8f, 0x07}, 2, RSP, 0xc2, 0x80, 0x080706050403eeee},
	{"pop dword [ebx]", M32, {0x8f, 0x03}, 2, RSP, 0xc4, 0x80, 0x08070605eeeeeeee},
	{"pop qword [rbx]", M64, {0x8f, 0x03}, 2, RSP, 0xc8, 0x80, 0xeeeeeeeeeeeeeeee},
	{"pop [rsp-0x48]: after it has moved",
	 M64,
	 {0x8f, 0x44, 0x24, 0xb8},
	 4,
	 RSP,
	 0xc8,
	 0x80,
	 0xeeeeeeeeeeeeeeee},
	{"66 pop [rsp-0x42]",
	 M64,
	 {0x66, 0x8f, 0x44, 0x24, 0xbe},
	 5,
	 RSP,
	 0xc2,
	 0x80,
	 0x080706050403eeee},
};

static void results(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		struct machine m, old;
		struct bf_emu emu = machine_emu(&m);
		uint64_t found;

		prepare(&m, row->mode);
		m.field[BF_DS_SELECTOR] = 0x18;
		if (row->mode == M16)
			m.field[BF_SS_ACCESS] &= ~(uint64_t)BF_AR_DB;
		old = m;
		assert_row(bf_emulate(&emu, row->bytes, row->length) == 0, row->name);
		assert_row(emu.next_rip == 0x1000u + row->length, row->name);
		assert_row(emu.length == row->length, row->name);
		if (row->reg >= 0)
			old.gpr[row->reg] = row->value;
		assert_row(!memcmp(m.gpr, old.gpr, sizeof(m.gpr)), row->name);
		if (!row->at)
			continue;
		memcpy(&found, &memory[row->at], 8);
		assert_row(found == row->memory, row->name);
	}
}

/* The bit number in CX is 2 + 16 × 1: two bytes behind 0xfffe is address 0. */
static void bit_wraps(void **state)
{
	static const uint8_t bts[] = {0x0f, 0xab, 0x0e, 0xfe, 0xff}, btc[] = {0x0f, 0xbb, 0x0f};
	struct machine m;
	struct bf_emu emu = machine_emu(&m);

	(void)state;
	prepare(&m, M16);
	memory[0] = 0;
	m.gpr[RCX] = 18;
	assert_int_equal(bf_emulate(&emu, bts, sizeof(bts)), 0);
	assert_int_equal(m.log[0].access.va, 0);
	assert_int_equal(memory[0], 1 << 2);
	/* Negative numbers go down. */
	m.gpr[RCX] = 0xffff;
	assert_int_equal(bf_emulate(&emu, btc, sizeof(btc)), 0);
	assert_int_equal(m.log[2].access.va, 0x7e);
	assert_int_equal(memory[0x7f], 0xee ^ 0x80);
}

/* The upper half of ESP: a 16-bit stack wraps and leaves it alone. */
static void stack_width(void **state)
{
	static const uint8_t push[] = {0xff, 0x33};
	struct machine m;
	struct bf_emu emu = machine_emu(&m);

	(void)state;
	prepare(&m, M32);
	m.field[BF_SS_ACCESS] &= ~(uint64_t)BF_AR_DB;
	m.gpr[RSP] = 0x12340004;
	assert_int_equal(bf_emulate(&emu, push, 2), 0);
	assert_int_equal(m.log[3].access.va, 0);
	assert_int_equal(m.gpr[RSP], 0x12340000);
	assert_int_equal(bf_emulate(&emu, push, 2), 0);
	assert_int_equal(m.log[7].access.va, 0xfffc);
	assert_int_equal(m.gpr[RSP], 0x1234fffc);
	/* A 32-bit stack of a 64-bit CPU has nothing above. */
	m.field[BF_SS_ACCESS] |= BF_AR_DB;
	m.gpr[RSP] = 0x500000004;
	assert_int_equal(bf_emulate(&emu, push, 2), 0);
	assert_int_equal(m.gpr[RSP], 0);
}

static const uint8_t call_16[] = {0xff, 0x17}, call[] = {0xff, 0x13}, jump[] = {0xff, 0x23};
static const uint8_t call_66[] = {0x66, 0xff, 0x13};

static void calls(void **state)
{
	struct machine m;
	struct bf_emu emu = machine_emu(&m);

	(void)state;
	prepare(&m, M16);
	m.field[BF_SS_ACCESS] &= ~(uint64_t)BF_AR_DB;
	assert_int_equal(bf_emulate(&emu, call_16, 2), 0);
	assert_int_equal(emu.next_rip, 0x0201);
	assert_int_equal(m.gpr[RSP], 0xbe);
	assert_int_equal(memory[0xbe] | memory[0xbf] << 8, 0x1002);
	prepare(&m, M32);
	assert_int_equal(bf_emulate(&emu, call, 2), 0);
	assert_int_equal(emu.next_rip, 0x04030201);
	assert_int_equal(m.gpr[RSP], 0xbc);
	prepare(&m, M32);
	assert_int_equal(bf_emulate(&emu, call_66, 3), 0);
	assert_int_equal(emu.next_rip, 0x0201);
	assert_int_equal(m.gpr[RSP], 0xbe);
	prepare(&m, M32);
	assert_int_equal(bf_emulate(&emu, jump, 2), 0);
	assert_int_equal(emu.next_rip, 0x04030201);
	assert_int_equal(m.gpr[RSP], 0xc0);
}

/* Targets that cannot be reached, and what is left to the CPU. */
static void no_calls(void **state)
{
	struct machine m;
	struct bf_emu emu = machine_emu(&m);

	(void)state;
	prepare(&m, M64); /* 0x0807060504030201 is not canonical */
	assert_int_equal(bf_emulate(&emu, call, 2), BF_EFAULT);
	assert_int_equal(emu.fault.vector, BF_VECTOR_GP);
	assert_int_equal(m.gpr[RSP], 0xc0);
	assert_int_equal(machine_count(&m, MACHINE_WRITE), 0);
	prepare(&m, M32);
	m.field[BF_CS_LIMIT] = 0x04030200;
	assert_int_equal(bf_emulate(&emu, jump, 2), BF_EFAULT);
	assert_int_equal(emu.fault.vector, BF_VECTOR_GP);
	prepare(&m, M64);
	assert_int_equal(bf_emulate(&emu, call_66, 3), BF_ENOTSUP);
	m.field[BF_CR4] = CR4_CET;
	assert_int_equal(bf_emulate(&emu, call, 2), BF_ENOTSUP);
	assert_int_equal(bf_emulate(&emu, jump, 2), BF_ENOTSUP);
	assert_int_equal(m.events, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results),     cmocka_unit_test(bit_wraps),
		cmocka_unit_test(stack_width), cmocka_unit_test(calls),
		cmocka_unit_test(no_calls),
	};

	return cmocka_run_group_tests_name("emulate_modes", tests, NULL, NULL);
}
