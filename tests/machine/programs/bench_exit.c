/* SPDX-License-Identifier: MIT */
/*
 * Cost of a CPUID in TSC ticks. Meant for emulators whose TSC advances once per instruction: plain
 * RDTSC pairs are exact there, and the minimum drops the rounds that a timer interrupt fell into.
 */
#include "cpu.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define DEFAULT_ROUNDS 400

/* The same instructions around both variants, so that the difference is that of one CPUID. */
#define TIMED(insn)                                                                                \
	"rdtsc\n\tmov %%eax, %%esi\n\tmov %%edx, %%edi\n\t"                                        \
	"mov %1, %%eax\n\txor %%ecx, %%ecx\n\t" insn "rdtsc\n\t"                                   \
	"shl $32, %%rdx\n\tor %%rdx, %%rax\n\tshl $32, %%rdi\n\tor %%rdi, %%rsi\n\t"               \
	"sub %%rsi, %%rax"

static uint64_t time_empty(uint32_t leaf)
{
	uint64_t ticks;

	__asm__ volatile(TIMED("")
			 : "=&a"(ticks)
			 : "r"(leaf)
			 : "rbx", "rcx", "rdx", "rsi", "rdi", "memory", "cc");
	return ticks;
}

static uint64_t time_cpuid(uint32_t leaf)
{
	uint64_t ticks;

	__asm__ volatile(TIMED("cpuid\n\t")
			 : "=&a"(ticks)
			 : "r"(leaf)
			 : "rbx", "rcx", "rdx", "rsi", "rdi", "memory", "cc");
	return ticks;
}

static const struct measure {
	const char *key;
	uint64_t (*time)(uint32_t leaf);
	uint32_t leaf;
} measures[] = {
	{"empty_ticks_min", time_empty, 0},
	{"cpuid0_ticks_min", time_cpuid, 0},
	{"cpuid1_ticks_min", time_cpuid, 1},
	{"cpuid40000000_ticks_min", time_cpuid, 0x40000000},
	{"cpuid80000008_ticks_min", time_cpuid, 0x80000008},
};

static uint64_t minimum(const struct measure *m, uint64_t rounds)
{
	uint64_t least = UINT64_MAX;

	for (uint64_t i = 0; i < rounds; i++) {
		uint64_t ticks = m->time(m->leaf);

		least = ticks < least ? ticks : least;
	}
	return least;
}

static int usage(FILE *to, int status)
{
	fputs("usage: bench_exit [ROUNDS]\n"
	      "  Prints the least number of TSC ticks that a CPUID took on CPU 0, of ROUNDS tries\n"
	      "  (400 unless told), and of that code without the CPUID, as \"key value\" lines.\n",
	      to);
	return status;
}

int main(int argc, char **argv)
{
	uint64_t rounds = DEFAULT_ROUNDS;

	if (argc == 2 && !strcmp(argv[1], "--help"))
		return usage(stdout, 0);
	if (argc > 2 || (argc == 2 && (!parse_number(argv[1], &rounds) || !rounds)))
		return usage(stderr, 64);
	if (!pin_to_cpu(0)) {
		perror("bench_exit: cannot move to CPU 0");
		return 1;
	}
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		perror("bench_exit: memory not locked");
	printf("rounds %" PRIu64 "\n", rounds);
	for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]); i++)
		printf("%s %" PRIu64 "\n", measures[i].key, minimum(&measures[i], rounds));
	return 0;
}
