/* SPDX-License-Identifier: MIT */
/* Whatever fails, and wherever: nothing has changed. And what accesses are made, in which order. */
#include "../test.h"
#include "host_cpu.h"
#include "instructions.h"
#include "machine.h"
#include "random.h"

#define ARENA_BYTES 4096u
#define ROUNDS      20

static struct arena arena;
static uint8_t before[ARENA_BYTES];

static int setup(void **state)
{
	(void)state;
	arena.memory = host_low_memory(ARENA_BYTES);
	arena.base = (uint64_t)arena.memory;
	arena.bytes = ARENA_BYTES;
	return 0;
}

static void prepare(struct machine *m, const struct sample *sample)
{
	machine_init(m, BF_INSN_64);
	memcpy(m->gpr, sample->gpr, sizeof(m->gpr));
	m->field[BF_RFLAGS] = sample->rflags;
	m->field[BF_GS_BASE] = sample->gs_base;
	m->field[BF_RIP] = host_code();
	m->memory = arena.memory;
	m->base = arena.base;
	m->bytes = ARENA_BYTES;
}

/* Lets the first callback fail, then the second, … @return how many there are in all */
static uint32_t fail_each(const struct instruction *insn, const struct sample *sample, int code)
{
	for (uint32_t n = 1;; n++) {
		struct machine m;
		struct bf_emu emu;
		int status;

		prepare(&m, sample);
		m.fail_at = n;
		m.fail = code;
		emu = machine_emu(&m);
		status = bf_emulate(&emu, sample->bytes, sample->length);
		if (!status)
			return m.events;
		assert_row(status == code && m.events == n, insn->name);
		assert_row(!memcmp(m.gpr, sample->gpr, sizeof(m.gpr)), insn->name);
		assert_row(m.field[BF_RFLAGS] == sample->rflags, insn->name);
		assert_row(!memcmp(arena.memory, before, ARENA_BYTES), insn->name);
		assert_row(code != BF_EFAULT || emu.fault.vector == BF_VECTOR_PF, insn->name);
	}
}

static void nothing_changes(void **state)
{
	uint64_t seed = 99;

	(void)state;
	for (uint32_t i = 0; i < instruction_count; i++)
		for (int round = 0; round < ROUNDS; round++) {
			struct sample sample;

			sample_make(&sample, &instructions[i], &arena, &seed);
			memcpy(before, arena.memory, ARENA_BYTES);
			assert_true(fail_each(&instructions[i], &sample, BF_EFAULT) > 0);
			memcpy(arena.memory, before, ARENA_BYTES);
			assert_true(fail_each(&instructions[i], &sample, BF_EPERM) > 0);
		}
}

#define CODE(...)                                                                                  \
	(const uint8_t[])                                                                          \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}

/* Executes @p bytes with RBX at the start of memory, RSP in its middle. */
static int run(struct machine *m, struct bf_emu *emu, const uint8_t *bytes, uint32_t count)
{
	m->memory = arena.memory;
	m->base = arena.base;
	m->bytes = ARENA_BYTES;
	m->gpr[3] = arena.base;
	m->gpr[4] = arena.base + ARENA_BYTES / 2;
	*emu = machine_emu(m);
	return bf_emulate(emu, bytes, count);
}

/* Who reads to write back needs the right to write before a device is read. */
static void rights(void **state)
{
	static const uint8_t add[] = {0x01, 0x03}, cmp[] = {0x39, 0x03}, mov[] = {0x89, 0x03};
	struct machine m;
	struct bf_emu emu;

	(void)state;
	machine_init(&m, BF_INSN_64);
	assert_int_equal(run(&m, &emu, add, 2), 0);
	assert_int_equal(m.events, 2);
	assert_true(m.log[0].kind == MACHINE_READ && m.log[0].access.write);
	assert_true(m.log[1].kind == MACHINE_WRITE && m.log[1].access.write);
	machine_init(&m, BF_INSN_64);
	assert_int_equal(run(&m, &emu, cmp, 2), 0);
	assert_int_equal(m.events, 1);
	assert_true(m.log[0].kind == MACHINE_READ && !m.log[0].access.write);
	machine_init(&m, BF_INSN_64);
	assert_int_equal(run(&m, &emu, mov, 2), 0);
	assert_int_equal(m.events, 1);
	assert_int_equal(m.log[0].kind, MACHINE_WRITE);
	machine_init(&m, BF_INSN_64);
	m.no_write = 1;
	assert_int_equal(run(&m, &emu, add, 2), BF_EFAULT);
	assert_int_equal(m.events, 1);
	assert_int_equal(emu.fault.error_code, 2);
	assert_int_equal(emu.fault.address, arena.base);
}

/* PUSH and POP ask for both places before they read one. */
static void stack_rights(void **state)
{
	static const enum machine_event_kind kinds[] = {MACHINE_CHECK, MACHINE_CHECK, MACHINE_READ,
							MACHINE_WRITE};
	struct machine m;
	struct bf_emu emu;

	(void)state;
	for (int pop = 0; pop < 2; pop++) {
		machine_init(&m, BF_INSN_64);
		assert_int_equal(run(&m, &emu, pop ? CODE(0x8f, 0x03) : CODE(0xff, 0x33), 2), 0);
		assert_int_equal(m.events, 4);
		for (uint32_t i = 0; i < 4; i++) {
			assert_int_equal(m.log[i].kind, kinds[i]);
			assert_int_equal(m.log[i].access.write, i & 1);
		}
	}
}

/* Another CPU changes memory between the read and the write. */
static void races(void **state)
{
	static const uint8_t lock_xadd[] = {0xf0, 0x48, 0x0f, 0xc1, 0x03};
	struct machine m;
	struct bf_emu emu;

	(void)state;
	memset(arena.memory, 0, 8);
	machine_init(&m, BF_INSN_64);
	m.gpr[0] = 5;
	m.races = 3;
	m.race_xor = 1;
	assert_int_equal(run(&m, &emu, lock_xadd, sizeof(lock_xadd)), 0);
	assert_int_equal(m.events, 8);
	assert_int_equal(m.gpr[0], 1);
	assert_int_equal(arena.memory[0], 6);
	assert_true(m.log[7].access.locked);
	/* It gives up: the guest shall try. */
	m.races = 1000;
	m.field[BF_RFLAGS] = RFLAGS_FIXED | RFLAGS_ZF;
	assert_int_equal(run(&m, &emu, lock_xadd, sizeof(lock_xadd)), BF_EMU_AGAIN);
	assert_int_equal(m.gpr[0], 1);
	assert_int_equal(m.field[BF_RFLAGS], RFLAGS_FIXED | RFLAGS_ZF);
}

static void what_is_locked(void **state)
{
	struct machine m;
	struct bf_emu emu;

	(void)state;
	machine_init(&m, BF_INSN_64);
	assert_int_equal(run(&m, &emu, CODE(0x87, 0x03), 2), 0); /* XCHG needs no prefix */
	assert_true(m.log[1].access.locked);
	machine_init(&m, BF_INSN_64);
	assert_int_equal(run(&m, &emu, CODE(0x01, 0x03), 2), 0);
	assert_false(m.log[1].access.locked);
	machine_init(&m, BF_INSN_64);
	assert_int_equal(run(&m, &emu, CODE(0xf0, 0x48, 0x0f, 0xc7, 0x0b), 5), 0); /* CMPXCHG16B */
	assert_true(m.log[1].access.locked);
	assert_int_equal(m.log[1].access.size, 16);
}

/* CMPXCHG writes memory, and its own value, also when it differs. */
static void compare_writes(void **state)
{
	struct machine m;
	struct bf_emu emu;

	(void)state;
	machine_init(&m, BF_INSN_64);
	memset(arena.memory, 7, 8);
	assert_int_equal(run(&m, &emu, CODE(0x0f, 0xb1, 0x0b), 3), 0);
	assert_int_equal(m.log[1].kind, MACHINE_WRITE);
	assert_int_equal(m.log[1].access.value[0], 0x07070707);
}

static void wide_alignment(void **state)
{
	struct machine m;
	struct bf_emu emu;

	(void)state;
	machine_init(&m, BF_INSN_64);
	assert_int_equal(run(&m, &emu, CODE(0x48, 0x0f, 0xc7, 0x4b, 0x08), 5), BF_EFAULT);
	assert_int_equal(emu.fault.vector, BF_VECTOR_GP);
	assert_true(emu.fault.has_error);
	assert_int_equal(run(&m, &emu, CODE(0x0f, 0xc7, 0x4b, 0x01), 4), 0); /* CMPXCHG8B */
}

/* Alignment is checked at CPL 3, with both bits, and after paging. */
static void alignment(void **state)
{
	static const uint8_t mov[] = {0x8b, 0x43, 0x01};
	struct machine m;
	struct bf_emu emu;

	(void)state;
	machine_init(&m, BF_INSN_64);
	m.field[BF_CPL] = 3;
	m.field[BF_CR0] |= CR0_AM;
	m.field[BF_RFLAGS] |= RFLAGS_AC;
	assert_int_equal(run(&m, &emu, mov, 3), BF_EFAULT);
	assert_int_equal(emu.fault.vector, 17);
	assert_true(emu.fault.has_error && !emu.fault.error_code);
	assert_int_equal(machine_count(&m, MACHINE_READ), 0);
	assert_int_equal(run(&m, &emu, CODE(0x8b, 0x43, 0x04), 3), 0);
	assert_int_equal(run(&m, &emu, CODE(0x8a, 0x43, 0x01), 3), 0);
	m.no_read = 1;
	assert_int_equal(run(&m, &emu, mov, 3), BF_EFAULT);
	assert_int_equal(emu.fault.vector, BF_VECTOR_PF);
	m.no_read = 0;
	m.field[BF_CPL] = 0;
	assert_int_equal(run(&m, &emu, mov, 3), 0);
	m.field[BF_CPL] = 3;
	m.field[BF_CR0] &= ~CR0_AM;
	assert_int_equal(run(&m, &emu, mov, 3), 0);
	m.field[BF_CR0] |= CR0_AM;
	m.field[BF_RFLAGS] &= ~RFLAGS_AC;
	assert_int_equal(run(&m, &emu, mov, 3), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_changes), cmocka_unit_test(rights),
		cmocka_unit_test(stack_rights),    cmocka_unit_test(races),
		cmocka_unit_test(what_is_locked),  cmocka_unit_test(compare_writes),
		cmocka_unit_test(wide_alignment),  cmocka_unit_test(alignment),
	};

	return cmocka_run_group_tests_name("emulate_fault", tests, setup, NULL);
}
