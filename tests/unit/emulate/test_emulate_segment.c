/* SPDX-License-Identifier: MIT */
/* Segments: which addresses they make, and which accesses they refuse with which exception. */
#include "../test.h"
#include "machine.h"

#define M16 BF_INSN_16
#define M32 BF_INSN_32
#define M64 BF_INSN_64

#define SS 12
#define GP BF_VECTOR_GP

#define PRESENT     (BF_AR_P | BF_AR_S)
#define READ_ONLY   (PRESENT | 0x1)
#define DATA        (PRESENT | 0x3)
#define EXPAND_DOWN (PRESENT | 0x7)
#define EXECUTE     (PRESENT | 0x9)
#define CODE        (PRESENT | 0xb)

enum world {
	REAL,
	VIRTUAL_8086,
	PROTECTED
};

/* MOV through DS:[EBX] or SS:[EBP], in 32-bit addressing. */
static const struct row {
	const char *name;
	enum world world;
	enum bf_insn_mode mode;
	bool stack, write;
	uint32_t access, limit;
	uint64_t offset;
	uint8_t vector; /* 0: none */
} rows[] = {
	{"last dword", PROTECTED, M32, false, true, DATA, 0xffff, 0xfffc, 0},
	{"beyond the limit", PROTECTED, M32, false, false, DATA, 0xffff, 0xfffd, GP},
	{"far beyond", PROTECTED, M32, false, false, DATA, 0xffff, 0x10000, GP},
	{"stack beyond the limit", PROTECTED, M32, true, false, DATA, 0xffff, 0xfffd, SS},
	{"flat", PROTECTED, M32, false, true, DATA, 0xffffffff, 0xfffffffc, 0},
	{"around the end", PROTECTED, M32, false, true, DATA, 0xffffffff, 0xfffffffd, GP},
	{"read read-only", PROTECTED, M32, false, false, READ_ONLY, 0xffff, 0, 0},
	{"write read-only", PROTECTED, M32, false, true, READ_ONLY, 0xffff, 0, GP},
	{"read code", PROTECTED, M32, false, false, CODE, 0xffff, 0, 0},
	{"write code", PROTECTED, M32, false, true, CODE, 0xffff, 0, GP},
	{"read execute-only", PROTECTED, M32, false, false, EXECUTE, 0xffff, 0, GP},
	{"null", PROTECTED, M32, false, false, BF_AR_UNUSABLE, 0xffff, 0, GP},
	{"not present", PROTECTED, M32, false, false, DATA & ~BF_AR_P, 0xffff, 0, GP},
	{"down: above", PROTECTED, M32, false, true, EXPAND_DOWN | BF_AR_DB, 0xfff, 0x1000, 0},
	{"down: at the limit", PROTECTED, M32, false, true, EXPAND_DOWN | BF_AR_DB, 0xfff, 0xfff,
	 GP},
	{"down: big", PROTECTED, M32, false, true, EXPAND_DOWN | BF_AR_DB, 0xfff, 0xfffffffc, 0},
	{"down: small", PROTECTED, M32, false, true, EXPAND_DOWN, 0xfff, 0xfffc, 0},
	{"down: beyond small", PROTECTED, M32, true, true, EXPAND_DOWN, 0xfff, 0xfffd, SS},
	{"code reaches up", PROTECTED, M32, false, false, CODE | 0x4, 0xfff, 0xffc, 0},
	{"code of 16 bits", PROTECTED, M16, false, true, DATA, 0xffff, 0xfffe, 0},
	{"real", REAL, M16, false, true, DATA, 0xffff, 0xfffe, 0},
	{"real, beyond", REAL, M16, false, true, DATA, 0xffff, 0xffff, GP},
	{"real, stack beyond", REAL, M16, true, true, DATA, 0xffff, 0xffff, SS},
	{"real, any rights", REAL, M16, false, true, EXECUTE, 0xffff, 0, 0},
	{"real, no direction", REAL, M16, false, true, EXPAND_DOWN, 0xffff, 0, 0},
	{"virtual 8086", VIRTUAL_8086, M16, false, true, CODE, 0xffff, 0xfffe, 0},
	{"virtual 8086, beyond", VIRTUAL_8086, M16, false, true, DATA, 0xffff, 0xffff, GP},
	{"64-bit: no limit", PROTECTED, M64, false, true, BF_AR_UNUSABLE, 0, 0x7ffffffffffc, 0},
	{"64-bit: upper half", PROTECTED, M64, false, true, 0, 0, 0xffff800000000000, 0},
	{"64-bit: the very end", PROTECTED, M64, false, true, 0, 0, 0xfffffffffffffffc, 0},
	{"64-bit: into the hole", PROTECTED, M64, false, true, 0, 0, 0x7ffffffffffd, GP},
	{"64-bit: out of the hole", PROTECTED, M64, false, true, 0, 0, 0xffff7ffffffffffe, GP},
	{"64-bit: in the hole", PROTECTED, M64, false, false, 0, 0, 0x800000000000, GP},
	{"64-bit: stack in the hole", PROTECTED, M64, true, false, 0, 0, 0x800000000000, SS},
};

/* Takes any address: what is tested is whether it gets here. */
static int anything(void *ctx, struct bf_emu_access *access)
{
	struct machine *m = ctx;

	m->log[0].access = *access;
	m->events++;
	return 0;
}

static const struct bf_emu_bus everywhere = {.read = anything, .write = anything};

static void prepare(struct machine *m, enum world world, enum bf_insn_mode mode)
{
	machine_init(m, mode);
	if (world == REAL)
		m->field[BF_CR0] = 0;
	if (world == VIRTUAL_8086)
		m->field[BF_RFLAGS] |= RFLAGS_VM;
}

/* @return the result of MOV through DS:[RBX] or SS:[RBP] */
static int move(struct bf_emu *emu, bool narrow, bool stack, bool write)
{
	uint8_t bytes[4] = {0x67, write ? 0x89 : 0x8b, stack ? 0x45 : 0x43, 0};

	emu->bus = &everywhere;
	return bf_emulate(emu, narrow ? bytes : bytes + 1, 4);
}

static void rights_and_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		enum bf_seg seg = row->stack ? BF_SEG_SS : BF_SEG_DS;
		struct machine m;
		struct bf_emu emu = machine_emu(&m);
		int status;

		prepare(&m, row->world, row->mode);
		m.field[BF_ES_ACCESS + seg] = row->access;
		m.field[BF_ES_LIMIT + seg] = row->limit;
		m.gpr[3] = m.gpr[5] = row->offset;
		status = move(&emu, row->mode == M16, row->stack, row->write);
		assert_row(status == (row->vector ? BF_EFAULT : 0), row->name);
		assert_row(m.events == !row->vector, row->name);
		if (!row->vector)
			continue;
		assert_row(emu.fault.vector == row->vector && !emu.fault.error_code, row->name);
		assert_row(emu.fault.has_error == (row->world != REAL), row->name);
	}
}

/* With 57-bit addresses the hole is smaller. */
static void five_levels(void **state)
{
	struct machine m;
	struct bf_emu emu = machine_emu(&m);

	(void)state;
	prepare(&m, PROTECTED, M64);
	m.field[BF_CR4] = CR4_LA57;
	m.gpr[3] = 0x800000000000;
	assert_int_equal(move(&emu, false, false, true), 0);
	m.gpr[3] = 0xfffffffffffffd;
	assert_int_equal(move(&emu, false, false, true), BF_EFAULT);
	m.gpr[3] = 0xff00000000000000;
	assert_int_equal(move(&emu, false, false, true), 0);
}

static void bases(void **state)
{
	static const struct {
		uint8_t prefix;
		enum bf_seg segment;
		bool in_64;
	} overrides[] = {
		{0x26, BF_SEG_ES, false}, {0x2e, BF_SEG_CS, false}, {0x36, BF_SEG_SS, false},
		{0x3e, BF_SEG_DS, false}, {0x64, BF_SEG_FS, true},  {0x65, BF_SEG_GS, true},
	};
	struct machine m;
	struct bf_emu emu = machine_emu(&m);

	(void)state;
	emu.bus = &everywhere;
	for (size_t i = 0; i < COUNT(overrides); i++)
		for (enum bf_insn_mode mode = M32; mode <= M64; mode++) {
			uint8_t load[] = {overrides[i].prefix, 0x8b, 0x03};
			uint64_t base = 0xfffff000;

			prepare(&m, PROTECTED, mode);
			m.gpr[3] = 0x1234;
			m.field[BF_ES_BASE + overrides[i].segment] = base;
			assert_int_equal(bf_emulate(&emu, load, sizeof(load)), 0);
			if (mode == M32)
				assert_int_equal(m.log[0].access.va, 0x234);
			else
				assert_int_equal(m.log[0].access.va,
						 overrides[i].in_64 ? base + 0x1234 : 0x1234);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rights_and_limits),
		cmocka_unit_test(five_levels),
		cmocka_unit_test(bases),
	};

	return cmocka_run_group_tests_name("emulate_segment", tests, NULL, NULL);
}
