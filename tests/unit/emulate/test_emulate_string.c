/* SPDX-License-Identifier: MIT */
/* String instructions: as this CPU executes them, and in parts. */
#include "../test.h"
#include "host_cpu.h"
#include "machine.h"
#include "random.h"

#define ARENA_BYTES  2048u
#define PAGE         4096u
#define ROUNDS       20000
#define STATUS_FLAGS (RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF)

enum {
	RAX = 0,
	RCX = 1,
	RSI = 6,
	RDI = 7
};

static uint8_t *arena;
static uint8_t shadow[ARENA_BYTES];
static uint8_t pages[4 * PAGE];

static int setup(void **state)
{
	(void)state;
	arena = host_low_memory(ARENA_BYTES);
	return 0;
}

struct made {
	uint8_t bytes[16];
	uint32_t length;
	struct host_state cpu;
	uint64_t gs_base;
	bool narrow;
};

/* Prefixes and an opcode. @return bytes of an element */
static uint32_t make_bytes(struct made *s, uint64_t *seed)
{
	static const uint8_t opcodes[] = {0xa4, 0xa5, 0xa6, 0xa7, 0xaa,
					  0xab, 0xac, 0xad, 0xae, 0xaf};
	static const uint8_t repeats[] = {0, 0xf2, 0xf3};
	uint8_t opcode = opcodes[random_below(seed, COUNT(opcodes))];
	uint8_t repeat = repeats[random_below(seed, COUNT(repeats))];
	uint32_t size = 1 << random_below(seed, 4);

	s->narrow = random_below(seed, 3) == 0;
	if (repeat)
		s->bytes[s->length++] = repeat;
	if (s->narrow)
		s->bytes[s->length++] = 0x67;
	if (s->gs_base)
		s->bytes[s->length++] = 0x65;
	if (size == 2)
		s->bytes[s->length++] = 0x66;
	if (size == 8)
		s->bytes[s->length++] = 0x48;
	s->bytes[s->length++] = size == 1 ? opcode & 0xfe : opcode | 1;
	return size;
}

/* An address as a register holds it, with something above what counts. */
static uint64_t pointer(const struct made *s, uint64_t address, uint64_t *seed)
{
	return s->narrow ? (uint32_t)address | random_next(seed) << 32 : address;
}

static void make(struct made *s, uint64_t *seed)
{
	uint64_t middle = (uint64_t)arena + ARENA_BYTES / 2, from, to;

	memset(s, 0, sizeof(*s));
	if (random_below(seed, 3) == 0)
		s->gs_base = random_below(seed, 0x1000) + 1;
	(void)make_bytes(s, seed);
	for (int i = 0; i < 16; i++)
		s->cpu.gpr[i] = random_next(seed);
	from = middle + random_below(seed, 64) - s->gs_base;
	to = middle + random_below(seed, 64);
	s->cpu.gpr[RAX] = random_below(seed, 2);
	s->cpu.gpr[RSI] = pointer(s, from, seed);
	s->cpu.gpr[RDI] = pointer(s, to, seed);
	/* What a count of 0 does to upper halves differs between processors. */
	s->cpu.gpr[RCX] = random_below(seed, 40) + s->narrow;
	s->cpu.rflags = RFLAGS_FIXED | (random_next(seed) & (STATUS_FLAGS | RFLAGS_DF));
	/* Long runs that are alike, so that comparisons go on for a while. */
	for (uint32_t i = 0; i < ARENA_BYTES; i++)
		arena[i] = random_below(seed, 24) == 0;
	memcpy(shadow, arena, ARENA_BYTES);
}

static void one_round(uint64_t *seed)
{
	struct made s;
	struct machine m;
	struct bf_emu emu;

	make(&s, seed);
	machine_init(&m, BF_INSN_64);
	memcpy(m.gpr, s.cpu.gpr, sizeof(m.gpr));
	m.field[BF_RFLAGS] = s.cpu.rflags;
	m.field[BF_GS_BASE] = s.gs_base;
	m.memory = shadow;
	m.base = (uint64_t)arena;
	m.bytes = ARENA_BYTES;
	emu = machine_emu(&m);
	assert_int_equal(bf_emulate(&emu, s.bytes, s.length), 0);
	assert_true(emu.finished);
	assert_int_equal(emu.next_rip, 0x1000 + s.length);
	host_set_gs_base(s.gs_base);
	host_execute(&s.cpu, s.bytes, s.length);
	assert_memory_equal(m.gpr, s.cpu.gpr, sizeof(m.gpr));
	assert_int_equal(m.field[BF_RFLAGS], s.cpu.rflags & ~RFLAGS_IF);
	assert_memory_equal(shadow, arena, ARENA_BYTES);
}

static void as_the_cpu(void **state)
{
	uint64_t seed = 77;

	(void)state;
	for (int i = 0; i < ROUNDS; i++)
		one_round(&seed);
}

/* Four pages at 0x10000; copies from the first and second to the third and fourth. */
static void prepare(struct machine *m, enum bf_insn_mode mode, uint64_t count)
{
	for (uint32_t i = 0; i < sizeof(pages); i++)
		pages[i] = (uint8_t)(i * 7);
	machine_init(m, mode);
	m->memory = pages;
	m->base = 0x10000;
	m->bytes = sizeof(pages);
	m->gpr[RCX] = count;
	m->gpr[RSI] = 0x10000;
	m->gpr[RDI] = 0x10000 + 2 * PAGE;
}

static const uint8_t rep_movsb[] = {0xf3, 0xa4};
static const uint8_t rep_movsd[] = {0xf3, 0xa5};
static const uint8_t repe_cmpsb[] = {0xf3, 0xa6};
static const uint8_t rep_stosb[] = {0xf3, 0xaa};
static const uint8_t rep_lodsb[] = {0xf3, 0xac};

/* A limit makes parts of it, with the registers right between them. */
static void in_parts(void **state)
{
	struct machine m;
	struct bf_emu emu;

	(void)state;
	prepare(&m, BF_INSN_64, 100);
	emu = machine_emu(&m);
	emu.limit = 7;
	for (uint32_t i = 1; i <= 14; i++) {
		assert_int_equal(bf_emulate(&emu, rep_movsb, 2), 0);
		assert_false(emu.finished);
		assert_int_equal(emu.iterations, 7);
		assert_int_equal(emu.next_rip, 0x1000);
		assert_int_equal(m.gpr[RCX], 100 - 7 * i);
		assert_int_equal(m.gpr[RSI], 0x10000 + 7 * i);
		assert_int_equal(m.gpr[RDI], 0x12000 + 7 * i);
	}
	assert_int_equal(bf_emulate(&emu, rep_movsb, 2), 0);
	assert_true(emu.finished);
	assert_int_equal(emu.iterations, 2);
	assert_int_equal(emu.next_rip, 0x1002);
	assert_memory_equal(pages, pages + 2 * PAGE, 100);
	assert_int_not_equal(pages[100], pages[2 * PAGE + 100 - 1]);
}

static void default_limit(void **state)
{
	struct machine m;
	struct bf_emu emu;

	(void)state;
	prepare(&m, BF_INSN_64, 2000);
	emu = machine_emu(&m);
	assert_int_equal(bf_emulate(&emu, rep_movsd, 2), 0);
	assert_int_equal(emu.iterations, 1024);
	assert_false(emu.finished);
	assert_int_equal(bf_emulate(&emu, rep_movsd, 2), 0);
	assert_int_equal(emu.iterations, 976);
	assert_true(emu.finished);
}

/* A single step is due behind each iteration. */
static void single_step(void **state)
{
	struct machine m;
	struct bf_emu emu;

	(void)state;
	prepare(&m, BF_INSN_64, 2);
	m.field[BF_RFLAGS] |= RFLAGS_TF;
	emu = machine_emu(&m);
	assert_int_equal(bf_emulate(&emu, rep_movsb, 2), 0);
	assert_int_equal(emu.iterations, 1);
	assert_false(emu.finished);
	assert_int_equal(bf_emulate(&emu, rep_movsb, 2), 0);
	assert_true(emu.finished);
}

static void no_iteration(void **state)
{
	struct machine m;
	struct bf_emu emu;

	(void)state;
	prepare(&m, BF_INSN_64, 0);
	m.no_read = m.no_write = 1;
	emu = machine_emu(&m);
	assert_int_equal(bf_emulate(&emu, rep_movsb, 2), 0);
	assert_true(emu.finished);
	assert_int_equal(emu.iterations, 0);
	assert_int_equal(m.events, 0);
	assert_int_equal(m.gpr[RSI], 0x10000);
}

/* The iterations before the fault have happened; it begins anew with the one that faulted. */
static void fault_in_the_middle(void **state)
{
	struct machine m;
	struct bf_emu emu;

	(void)state;
	prepare(&m, BF_INSN_64, 10);
	m.gpr[RDI] = 0x13000 - 6;
	m.no_write = 0x13000;
	emu = machine_emu(&m);
	assert_int_equal(bf_emulate(&emu, rep_movsb, 2), BF_EFAULT);
	assert_int_equal(emu.iterations, 6);
	assert_int_equal(emu.fault.vector, BF_VECTOR_PF);
	assert_int_equal(emu.fault.address, 0x13000);
	assert_int_equal(m.gpr[RCX], 4);
	assert_int_equal(m.gpr[RSI], 0x10006);
	assert_int_equal(m.gpr[RDI], 0x13000);
	assert_memory_equal(pages, pages + 3 * PAGE - 6, 6);
	m.no_write = 0;
	assert_int_equal(bf_emulate(&emu, rep_movsb, 2), 0);
	assert_true(emu.finished);
	assert_memory_equal(pages, pages + 3 * PAGE - 6, 10);
}

/* What a device gives must not be lost: the destination is asked for before it is read. */
static void asks_before_it_reads(void **state)
{
	struct machine m;
	struct bf_emu emu;

	(void)state;
	prepare(&m, BF_INSN_64, 10);
	m.no_write = 0x12000;
	emu = machine_emu(&m);
	assert_int_equal(bf_emulate(&emu, rep_movsb, 2), BF_EFAULT);
	assert_int_equal(emu.iterations, 0);
	assert_int_equal(machine_count(&m, MACHINE_READ), 0);
	/* If both fault, the source does first. */
	m.no_read = 0x10000;
	assert_int_equal(bf_emulate(&emu, rep_movsb, 2), BF_EFAULT);
	assert_int_equal(emu.fault.address, 0x10000);
}

static void asks_once_a_page(void **state)
{
	struct machine m;
	struct bf_emu emu;

	(void)state;
	prepare(&m, BF_INSN_64, 12);
	m.gpr[RDI] = 0x13000 - 4;
	emu = machine_emu(&m);
	assert_int_equal(bf_emulate(&emu, rep_movsb, 2), 0);
	assert_int_equal(m.events, 12 * 2 + 3);
	assert_int_equal(machine_count(&m, MACHINE_CHECK), 3);
	/* An element in two pages is asked for whatever came before. */
	prepare(&m, BF_INSN_64, 3);
	m.gpr[RDI] = 0x13000 - 6;
	emu = machine_emu(&m);
	assert_int_equal(bf_emulate(&emu, rep_movsd, 2), 0);
	assert_int_equal(machine_count(&m, MACHINE_CHECK), 4);
}

/* A fault leaves the flags as they were before the instruction. */
static void flags_at_a_fault(void **state)
{
	struct machine m;
	struct bf_emu emu;

	(void)state;
	prepare(&m, BF_INSN_64, 10);
	memset(pages, 0, sizeof(pages));
	m.gpr[RSI] = 0x13000 - 4;
	m.no_read = 0x13000;
	m.gpr[RDI] = 0x10000;
	emu = machine_emu(&m);
	assert_int_equal(bf_emulate(&emu, repe_cmpsb, 2), BF_EFAULT);
	assert_int_equal(emu.iterations, 4);
	assert_int_equal(m.gpr[RCX], 6);
	assert_int_equal(m.rflags_written, 0);
	/* A limit does not. */
	m.no_read = 0;
	emu.limit = 2;
	assert_int_equal(bf_emulate(&emu, repe_cmpsb, 2), 0);
	assert_int_equal(m.field[BF_RFLAGS], RFLAGS_FIXED | RFLAGS_ZF | RFLAGS_PF);
}

/* Any other end behaves the same; one that asks for another try is none once something is done. */
static void other_ends(void **state)
{
	struct machine m;
	struct bf_emu emu;

	(void)state;
	prepare(&m, BF_INSN_64, 10);
	m.fail = BF_EPERM;
	m.fail_at = 4; /* check, write, write, this */
	emu = machine_emu(&m);
	assert_int_equal(bf_emulate(&emu, rep_stosb, 2), BF_EPERM);
	assert_int_equal(m.gpr[RCX], 8);
	m.fail = BF_EMU_AGAIN;
	m.events = 0;
	assert_int_equal(bf_emulate(&emu, rep_stosb, 2), 0);
	assert_false(emu.finished);
	assert_int_equal(m.gpr[RCX], 6);
	m.events = 0;
	m.fail_at = 1;
	assert_int_equal(bf_emulate(&emu, rep_stosb, 2), BF_EMU_AGAIN);
	assert_int_equal(m.gpr[RCX], 6);
}

/* 16-bit code: the registers wrap at 64 KiB and keep what is above. */
static void wraps(void **state)
{
	struct machine m;
	struct bf_emu emu;

	(void)state;
	prepare(&m, BF_INSN_16, 0xabc00000 | 3);
	m.base = 0;
	m.gpr[RSI] = 0x1230000 | 1;
	m.field[BF_RFLAGS] |= RFLAGS_DF;
	emu = machine_emu(&m);
	emu.limit = 2;
	assert_int_equal(bf_emulate(&emu, rep_lodsb, 2), 0);
	assert_int_equal(emu.iterations, 2);
	assert_int_equal(m.gpr[RSI], 0x123ffff);
	assert_int_equal(m.gpr[RCX], 0xabc00001);
	assert_int_equal(m.gpr[RAX], pages[0]);
}

/* The source may be overridden, the destination is in ES. */
static void segments(void **state)
{
	static const uint8_t cs_movsb[] = {0x2e, 0xa4};
	struct machine m;
	struct bf_emu emu;

	(void)state;
	prepare(&m, BF_INSN_32, 0);
	m.field[BF_CS_BASE] = 0x100;
	m.field[BF_DS_BASE] = 0x200;
	m.field[BF_ES_BASE] = 0x300;
	emu = machine_emu(&m);
	assert_int_equal(bf_emulate(&emu, cs_movsb, 2), 0);
	assert_int_equal(m.log[2].access.va, 0x10100);
	assert_int_equal(m.log[3].access.va, 0x12300);
	assert_int_equal(bf_emulate(&emu, cs_movsb + 1, 1), 0);
	assert_int_equal(m.log[6].access.va, 0x10201);
	assert_int_equal(m.log[7].access.va, 0x12301);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_cpu),
		cmocka_unit_test(in_parts),
		cmocka_unit_test(default_limit),
		cmocka_unit_test(single_step),
		cmocka_unit_test(no_iteration),
		cmocka_unit_test(fault_in_the_middle),
		cmocka_unit_test(asks_before_it_reads),
		cmocka_unit_test(asks_once_a_page),
		cmocka_unit_test(flags_at_a_fault),
		cmocka_unit_test(other_ends),
		cmocka_unit_test(wraps),
		cmocka_unit_test(segments),
	};

	return cmocka_run_group_tests_name("emulate_string", tests, setup, NULL);
}
