/* SPDX-License-Identifier: MIT */
/* Has the VMM test_calls call other CPUs, over and over, and checks how many were reached. */
#include "cpu.h"

#include <stdio.h>
#include <string.h>

#define LEAF 0x4000ca11u

static const char *const ways[] = {"each", "later", "meet-all", "meet-caller", "next", "nested"};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

struct options {
	uint64_t cpu, reached, count;
	bool exact;
	uint32_t first, last;
};

static int usage(FILE *to, int status)
{
	fputs("usage: call_loop [--cpu C] [--way WAY] [--reached N] COUNT\n"
	      "  Makes COUNT calls on CPU C, by WAY or by all in turn. Exits 1 if one fails, or\n"
	      "  with --reached if another number of CPUs has run it.\n  ways:",
	      to);
	for (uint32_t i = 0; i < WAYS; i++)
		fprintf(to, " %s", ways[i]);
	fputc('\n', to);
	return status;
}

static bool parse_way(const char *text, struct options *o)
{
	for (uint32_t i = 0; i < WAYS; i++)
		if (!strcmp(text, ways[i])) {
			o->first = o->last = i;
			return true;
		}
	return false;
}

static bool parse(int argc, char **argv, struct options *o)
{
	int i = 1;

	for (; i + 1 < argc; i += 2) {
		bool ok = false;

		if (!strcmp(argv[i], "--cpu"))
			ok = parse_number(argv[i + 1], &o->cpu);
		else if (!strcmp(argv[i], "--way"))
			ok = parse_way(argv[i + 1], o);
		else if (!strcmp(argv[i], "--reached"))
			ok = o->exact = parse_number(argv[i + 1], &o->reached);
		if (!ok)
			return false;
	}
	return i + 1 == argc && parse_number(argv[i], &o->count);
}

int main(int argc, char **argv)
{
	struct options o = {.last = WAYS - 1};
	uint64_t bad = 0;

	if (argc == 2 && !strcmp(argv[1], "--help"))
		return usage(stdout, 0);
	if (!parse(argc, argv, &o))
		return usage(stderr, 64);
	if (!pin_to_cpu((unsigned int)o.cpu)) {
		perror("call_loop: cannot move to the CPU");
		return 1;
	}
	for (uint64_t i = 0; i < o.count; i++) {
		uint32_t way = o.first + (uint32_t)(i % (o.last - o.first + 1));
		struct cpuid_regs r = cpuid(LEAF, way);
		bool wrong = r.eax || (o.exact && r.ebx != o.reached);

		if (wrong && !bad)
			printf("call %llu (%s): status %d, reached %u\n", (unsigned long long)i,
			       ways[way], (int)r.eax, r.ebx);
		bad += wrong;
	}
	printf("cpu %llu calls %llu bad %llu\n", (unsigned long long)o.cpu,
	       (unsigned long long)o.count, (unsigned long long)bad);
	return bad ? 1 : 0;
}
