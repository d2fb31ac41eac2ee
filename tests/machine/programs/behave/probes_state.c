/* SPDX-License-Identifier: MIT */
/* State that an exit must leave alone: flags, registers, x87 and vector registers. */
#include "probe.h"
#include "run.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

#define FLAGS_ARITHMETIC 0x8d5
#define FLAG_DF          0x400
#define FLAG_ID          0x200000
#define XSAVE_BYTES      16384
#define LEAF_1_OSXSAVE   (1u << 27)

/* CPUID between loading and storing the arithmetic flags, DF, AC and ID. */
static void probe_flags(const struct probe *probe)
{
	const uint64_t patterns[] = {0x2, FLAGS_ARITHMETIC | 2, FLAG_DF | 2, FLAG_ID | 2, 0x40042};
	struct text text = {0};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct regs regs = standard_regs();
		struct trace trace;

		regs.r8 = patterns[i];
		run(probe->code, probe->length, &regs, &trace);
		text_add(&text, i ? " " : "");
		text_add_trace(&text, &trace);
		text_add(&text, ":%#" PRIx64, regs.r9);
	}
	report(probe->name, "%s", text.bytes);
}

static uint8_t before[XSAVE_BYTES] __attribute__((aligned(64)));
static uint8_t after[XSAVE_BYTES] __attribute__((aligned(64)));

static size_t first_difference(void)
{
	for (size_t i = 0; i < XSAVE_BYTES; i++) {
		if (before[i] != after[i])
			return i;
	}
	return XSAVE_BYTES;
}

/* FXSAVE or XSAVE of everything, CPUID a hundred times, the same again. */
static void fxsave_around_cpuid(void)
{
	__asm__ volatile("fxrstor64 %0" ::"m"(before) : "memory");
	__asm__ volatile("mov $100, %%esi\n"
			 "1: xor %%eax, %%eax\n\t"
			 "xor %%ecx, %%ecx\n\t"
			 "cpuid\n\t"
			 "dec %%esi\n\t"
			 "jnz 1b\n\t"
			 "fxsave64 %0"
			 : "=m"(after)
			 :
			 : "rax", "rbx", "rcx", "rdx", "rsi", "memory");
}

static void probe_fxsave(const struct probe *probe)
{
	static uint8_t saved[512] __attribute__((aligned(64)));
	size_t where;

	__asm__ volatile("fninit; fxsave64 %0" : "=m"(saved)::"memory");
	memset(before, 0, sizeof(before));
	memset(after, 0, sizeof(after));
	memcpy(before, saved, sizeof(saved));
	/* Eight x87 registers of ten bytes in slots of sixteen, then sixteen XMM registers. */
	for (size_t i = 0; i < 8 * 16; i++)
		before[32 + i] = i % 16 < 10 ? (uint8_t)(i * 7 + 1) : 0;
	for (size_t i = 0; i < 16 * 16; i++)
		before[160 + i] = (uint8_t)(i * 13 + 5);
	fxsave_around_cpuid();
	where = first_difference();
	__asm__ volatile("fxrstor64 %0" ::"m"(saved) : "memory");
	if (where == XSAVE_BYTES)
		report(probe->name, "kept");
	else
		report(probe->name, "differs at %zu", where);
}

/* Every component that XCR0 enables, with whatever the program has in it. */
static void probe_xsave(const struct probe *probe)
{
	uint32_t a, b, c, d;
	size_t where;

	__asm__ volatile("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "a"(1), "c"(0));
	if (!(c & LEAF_1_OSXSAVE)) {
		report(probe->name, "not offered");
		return;
	}
	memset(before, 0, sizeof(before));
	memset(after, 0, sizeof(after));
	__asm__ volatile("xsave64 %0" : "+m"(before) : "a"(-1), "d"(-1) : "memory");
	__asm__ volatile("mov $100, %%esi\n"
			 "1: xor %%eax, %%eax\n\t"
			 "xor %%ecx, %%ecx\n\t"
			 "cpuid\n\t"
			 "dec %%esi\n\t"
			 "jnz 1b\n\t"
			 "mov $-1, %%eax\n\t"
			 "mov $-1, %%edx\n\t"
			 "xsave64 %0"
			 : "+m"(after)
			 :
			 : "rax", "rbx", "rcx", "rdx", "rsi", "memory");
	where = first_difference();
	if (where == XSAVE_BYTES)
		report(probe->name, "kept");
	else
		report(probe->name, "differs at %zu", where);
}

static const struct probe probes[] = {
	/* push %r8; popfq; cpuid; pushfq; pop %r9; push $2; popfq. */
	{.name = "flags-across-cpuid",
	 .run = probe_flags,
	 CODE("\x41\x50\x9d\x0f\xa2\x9c\x41\x59\x6a\x02\x9d")},
	{.name = "fxsave-across-cpuid", .run = probe_fxsave},
	{.name = "xsave-across-cpuid", .run = probe_xsave},
};

PROBE_GROUP(state);
