/* SPDX-License-Identifier: MIT */
/* Code that changes: in place, through an alias, by protection, and on another page. */
#include "probe.h"
#include "run.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ROUNDS 200

/* mov $imm32,%eax; ret. */
static void write_function(uint8_t *where, uint32_t value)
{
	where[0] = 0xb8;
	memcpy(where + 1, &value, sizeof(value));
	where[5] = 0xc3;
}

static uint32_t call(const uint8_t *where)
{
	uint32_t (*function)(void);

	memcpy(&function, &where, sizeof(function));
	return function();
}

/* Writes in one place, calls in another, with CPUID as the manual asks for in between. */
static unsigned int count_stale(uint8_t *written, const uint8_t *called, unsigned int rounds)
{
	unsigned int stale = 0;

	for (uint32_t i = 0; i < rounds; i++) {
		uint32_t a = 0, b, c, d;

		write_function(written, i * 0x01010101);
		__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d)::"memory");
		stale += call(called) != i * 0x01010101;
	}
	return stale;
}

static void probe_in_place(const struct probe *probe)
{
	report(probe->name, "stale %u", count_stale(ARENA_CODE, ARENA_CODE, ROUNDS));
}

static void probe_crossing(const struct probe *probe)
{
	uint8_t *where = ARENA_CODE + PAGE - 3;

	report(probe->name, "stale %u", count_stale(where, where, ROUNDS));
}

/* One page of memory at two addresses: one to write through, one to run. */
static void probe_alias(const struct probe *probe)
{
	int file = memfd_create("alias", 0);
	uint8_t *written = MAP_FAILED, *called = MAP_FAILED;

	if (file >= 0 && !ftruncate(file, PAGE)) {
		written = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
		called = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, file, 0);
	}
	if (written == MAP_FAILED || called == MAP_FAILED)
		report(probe->name, "no memory");
	else
		report(probe->name, "stale %u", count_stale(written, called, ROUNDS));
	if (file >= 0)
		close(file);
}

/* Writable and executable by turns. */
static void probe_by_turns(const struct probe *probe)
{
	uint8_t *page =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int stale = 0;

	if (page == MAP_FAILED) {
		report(probe->name, "no memory");
		return;
	}
	for (uint32_t i = 0; i < ROUNDS; i++) {
		mprotect(page, PAGE, PROT_READ | PROT_WRITE);
		write_function(page, i);
		mprotect(page, PAGE, PROT_READ | PROT_EXEC);
		stale += call(page) != i;
	}
	munmap(page, PAGE);
	report(probe->name, "stale %u", stale);
}

/* Code that writes the instruction right behind itself: a NOP becomes INC EAX. */
static void probe_next_instruction(const struct probe *probe)
{
	struct regs regs = standard_regs();
	struct trace trace;

	regs.rax = 0;
	run(probe->code, probe->length, &regs, &trace);
	report(probe->name, "%s eax=%u", trace.ended ? "end" : "fault", (unsigned int)regs.rax);
}

static const struct probe probes[] = {
	{.name = "code-in-place", .run = probe_in_place},
	{.name = "code-crossing-page", .run = probe_crossing},
	{.name = "code-through-alias", .run = probe_alias},
	{.name = "code-by-turns", .run = probe_by_turns},
	/* movw $0xc0ff,0(%rip): the two NOPs that follow become inc %eax. */
	{.name = "code-next-instruction",
	 .run = probe_next_instruction,
	 CODE("\x66\xc7\x05\x00\x00\x00\x00\xff\xc0\x90\x90")},
};

PROBE_GROUP(code);
