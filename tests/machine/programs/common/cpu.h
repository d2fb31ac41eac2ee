/* SPDX-License-Identifier: MIT */
/* What every program here needs of the CPU: pinning, CPUID, RDTSC and number parsing. */
#ifndef MACHINE_CPU_H
#define MACHINE_CPU_H

#include <stdbool.h>
#include <stdint.h>

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(subleaf));
	return r;
}

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}

/* Moves the calling thread to one CPU. False, with errno set, if that CPU is not online. */
bool pin_to_cpu(unsigned int cpu);

/* Number of CPU slots to try with pin_to_cpu(): the configured CPUs, online or not. */
unsigned int cpu_slots(void);

/* Reads a whole decimal, octal or 0x number; false if there is anything else in the text. */
bool parse_number(const char *text, uint64_t *value);

#endif
