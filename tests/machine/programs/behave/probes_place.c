/* SPDX-License-Identifier: MIT */
/* CPUID at awkward places: across pages, at the end of memory, in large pages, far up. */
#include "probe.h"
#include "run.h"
#include "text.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define LARGE_PAGE   0x200000ul
#define ABOVE_47_BIT (1ul << 52)
#define RWX          (PROT_READ | PROT_WRITE | PROT_EXEC)

static void run_and_report(const struct probe *probe, uint8_t *where)
{
	struct regs regs = standard_regs();
	struct text text = {0};
	struct trace trace;

	run_at(where, probe->code, probe->length, &regs, &trace);
	text_add_trace(&text, &trace);
	report(probe->name, "%s%s", text.bytes, trace.ended && !regs.rax ? " no result" : "");
}

/* probe->rdx bytes of the code before the page boundary inside the arena. */
static void probe_crossing(const struct probe *probe)
{
	run_and_report(probe, ARENA_CODE + PAGE - probe->rdx);
}

/* The code ends where the arena does; the page after it cannot be touched. */
static void probe_last_bytes(const struct probe *probe)
{
	run_and_report(probe, ARENA_CODE + 2 * PAGE - probe->length);
}

/* A large page, if the kernel has one to give; its first page only otherwise. */
static void probe_large_page(const struct probe *probe)
{
	uint8_t *area = mmap(NULL, 2 * LARGE_PAGE, RWX, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uintptr_t large;

	if (area == MAP_FAILED) {
		report(probe->name, "no memory");
		return;
	}
	large = ((uintptr_t)area + LARGE_PAGE - 1) & -LARGE_PAGE;
	madvise((void *)large, LARGE_PAGE, MADV_HUGEPAGE);
	memset((void *)large, 0x90, PAGE);
	run_and_report(probe, (uint8_t *)large + 5 * PAGE - 1);
	munmap(area, 2 * LARGE_PAGE);
}

/* Addresses that only five-level tables reach, where the machine has them. */
static void probe_far_up(const struct probe *probe)
{
	uint8_t *area = mmap((void *)ABOVE_47_BIT, PAGE, RWX, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED) {
		report(probe->name, "no memory");
		return;
	}
	if ((uintptr_t)area == ABOVE_47_BIT)
		run_and_report(probe, area);
	else
		report(probe->name, "not offered");
	munmap(area, PAGE);
}

/* Execute-only as far as the CPU can tell user code from data: no read permission asked for. */
static void probe_execute_only(const struct probe *probe)
{
	struct regs regs = standard_regs();
	struct text text = {0};
	struct trace trace;

	/* Written first, as what cannot be written cannot be prepared by run_at(). */
	uint8_t *area = mmap(NULL, PAGE, RWX, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED) {
		report(probe->name, "no memory");
		return;
	}
	memcpy(area, probe->code, probe->length);
	area[probe->length] = 0xc3;
	mprotect(area, PAGE, PROT_EXEC);
	/* Call it: mov area -> r8 is set below; call *%r8. */
	regs.r8 = (uintptr_t)area;
	run("\x41\xff\xd0", 3, &regs, &trace);
	text_add_trace(&text, &trace);
	report(probe->name, "%s%s", text.bytes, trace.ended && !regs.rax ? " no result" : "");
	munmap(area, PAGE);
}

#define PLACED(title, how, before, bytes)                                                          \
	{                                                                                          \
		.name = title, .run = how, .rdx = before, CODE(bytes)                              \
	}

static const struct probe probes[] = {
	PLACED("cpuid-ends-page", probe_crossing, 2, "\x0f\xa2"),
	PLACED("cpuid-crosses-page", probe_crossing, 1, "\x0f\xa2"),
	PLACED("cpuid-starts-page", probe_crossing, 0, "\x0f\xa2"),
	PLACED("cpuid-prefixes-cross-page", probe_crossing, 4, "\x66\x66\x66\x66\x66\x48\x0f\xa2"),
	PLACED("cpuid-before-unmapped", probe_last_bytes, 0, "\x0f\xa2"),
	PLACED("cpuid-half-unmapped", probe_last_bytes, 0, "\x0f"),
	PLACED("cpuid-prefixed-half-unmapped", probe_last_bytes, 0, "\x66\x66\x48\x0f"),
	PLACED("rdtsc-before-unmapped", probe_last_bytes, 0, "\x0f\x31"),
	PLACED("vmcall-before-unmapped", probe_last_bytes, 0, "\x0f\x01\xc1"),
	PLACED("vmcall-crosses-page", probe_crossing, 1, "\x0f\x01\xc1"),
	PLACED("cpuid-in-large-page", probe_large_page, 0, "\x0f\xa2"),
	PLACED("cpuid-above-47-bits", probe_far_up, 0, "\x0f\xa2"),
	PLACED("cpuid-execute-only", probe_execute_only, 0, "\x0f\xa2"),
};

PROBE_GROUP(place);
