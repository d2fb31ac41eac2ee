/* SPDX-License-Identifier: MIT */
/* Executes a number of CPUIDs of one leaf on one CPU: a load with a known count of exits. */
#include "cpu.h"

#include <stdio.h>
#include <string.h>

struct options {
	uint64_t cpu, leaf, subleaf, count;
};

static int usage(FILE *to, int status)
{
	fputs("usage: cpuid_loop [--cpu C] [--leaf L] [--subleaf S] N\n"
	      "  Executes N times CPUID leaf L on CPU C (both 0 unless told).\n"
	      "  Exits 1 if the result of any of them differs from the first.\n",
	      to);
	return status;
}

static bool parse(int argc, char **argv, struct options *o)
{
	int i = 1;

	for (; i + 1 < argc; i += 2) {
		uint64_t *slot = !strcmp(argv[i], "--cpu")       ? &o->cpu
				 : !strcmp(argv[i], "--leaf")    ? &o->leaf
				 : !strcmp(argv[i], "--subleaf") ? &o->subleaf
								 : NULL;

		if (!slot || !parse_number(argv[i + 1], slot) || *slot > UINT32_MAX)
			return false;
	}
	return i + 1 == argc && parse_number(argv[i], &o->count);
}

static uint64_t count_differences(const struct options *o)
{
	struct cpuid_regs first = cpuid((uint32_t)o->leaf, (uint32_t)o->subleaf);
	uint64_t differences = 0;

	for (uint64_t i = 1; i < o->count; i++) {
		struct cpuid_regs r = cpuid((uint32_t)o->leaf, (uint32_t)o->subleaf);

		differences += memcmp(&r, &first, sizeof(r)) != 0;
	}
	return differences;
}

int main(int argc, char **argv)
{
	struct options o = {0};
	uint64_t differences;

	if (argc == 2 && !strcmp(argv[1], "--help"))
		return usage(stdout, 0);
	if (!parse(argc, argv, &o))
		return usage(stderr, 64);
	if (!pin_to_cpu((unsigned int)o.cpu)) {
		perror("cpuid_loop: cannot move to the CPU");
		return 1;
	}
	differences = o.count ? count_differences(&o) : 0;
	printf("cpu %llu leaf %#llx count %llu differences %llu\n", (unsigned long long)o.cpu,
	       (unsigned long long)o.leaf, (unsigned long long)o.count,
	       (unsigned long long)differences);
	return differences ? 1 : 0;
}
