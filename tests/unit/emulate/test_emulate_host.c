/* SPDX-License-Identifier: MIT */
/* Every instruction of 64-bit code in made-up states: as this CPU executes it. */
#include "../test.h"
#include "host_cpu.h"
#include "instructions.h"
#include "machine.h"
#include "random.h"

#define ARENA_BYTES 4096u
#define ROUNDS      300

static struct arena arena;
static uint8_t shadow[ARENA_BYTES];

static int setup(void **state)
{
	(void)state;
	arena.memory = host_low_memory(ARENA_BYTES);
	arena.base = (uint64_t)arena.memory;
	arena.bytes = ARENA_BYTES;
	return 0;
}

static void describe(const struct sample *sample, const char *what, uint64_t emulated,
		     uint64_t host)
{
	print_error("%s is 0x%lx, the CPU has 0x%lx, after", what, emulated, host);
	for (uint32_t i = 0; i < sample->length; i++)
		print_error(" %02x", sample->bytes[i]);
	print_error("\n");
}

static bool same(const struct sample *sample, const char *what, uint64_t emulated, uint64_t host)
{
	if (emulated != host)
		describe(sample, what, emulated, host);
	return emulated == host;
}

/* Compares what the two CPUs have come to. */
static bool agree(const struct sample *sample, const struct machine *m,
		  const struct host_state *host)
{
	static const char *const names[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
					    "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
	uint64_t defined = ~sample->undefined & ~RFLAGS_IF;
	bool all = same(sample, "rflags", m->field[BF_RFLAGS] & defined, host->rflags & defined);

	for (int i = 0; i < 16; i++)
		all &= same(sample, names[i], m->gpr[i], host->gpr[i]);
	for (uint32_t i = 0; i < ARENA_BYTES; i += 8) {
		uint64_t mine, theirs;

		memcpy(&mine, &shadow[i], 8);
		memcpy(&theirs, &arena.memory[i], 8);
		all &= same(sample, "memory", mine, theirs);
	}
	return all;
}

static int emulate(struct machine *m, const struct sample *sample, struct bf_emu *emu)
{
	machine_init(m, BF_INSN_64);
	memcpy(m->gpr, sample->gpr, sizeof(m->gpr));
	m->field[BF_RFLAGS] = sample->rflags;
	m->field[BF_GS_BASE] = sample->gs_base;
	m->field[BF_RIP] = host_code();
	m->memory = shadow;
	m->base = arena.base;
	m->bytes = ARENA_BYTES;
	*emu = machine_emu(m);
	return bf_emulate(emu, sample->bytes, sizeof(sample->bytes));
}

static void execute(const struct sample *sample, struct host_state *host)
{
	memcpy(host->gpr, sample->gpr, sizeof(host->gpr));
	host->rflags = sample->rflags;
	if (sample->gs_base)
		host_set_gs_base(sample->gs_base);
	host_execute(host, sample->bytes, sample->length);
}

static void one_round(const struct instruction *insn, uint64_t *seed)
{
	struct sample sample;
	struct host_state host;
	struct machine m;
	struct bf_emu emu;
	uint64_t next;

	sample_make(&sample, insn, &arena, seed);
	memcpy(shadow, arena.memory, ARENA_BYTES);
	if (!same(&sample, "status", (uint64_t)emulate(&m, &sample, &emu), 0))
		fail_msg("%s", insn->name);
	execute(&sample, &host);
	next = insn->kind == JUMP ? host_jump_target() : host_code() + sample.length;
	assert_row(agree(&sample, &m, &host), insn->name);
	assert_row(emu.length == sample.length, insn->name);
	assert_row(emu.finished && emu.next_rip == next, insn->name);
}

static void as_the_cpu(void **state)
{
	uint64_t seed = 0x1234567;
	uint32_t skipped = 0;

	(void)state;
	for (uint32_t i = 0; i < instruction_count; i++)
		if (!instruction_on_host(&instructions[i]))
			skipped++;
		else
			for (int round = 0; round < ROUNDS; round++)
				one_round(&instructions[i], &seed);
	print_message("%u instructions, %u not on this CPU\n", instruction_count, skipped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(as_the_cpu)};

	return cmocka_run_group_tests_name("emulate_host", tests, setup, NULL);
}
