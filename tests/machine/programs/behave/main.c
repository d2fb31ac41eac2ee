/* SPDX-License-Identifier: MIT */
/*
 * Prints what the machine does in cases that a hypervisor is apt to get wrong, one line for each,
 * the same in every run: bare and under a hypervisor the lines must be identical, except those
 * whose name begins with hv- (hypervisor leaves and bits) or virt- (VMX and SVM MSRs).
 */
#include "cpu.h"
#include "probe.h"
#include "run.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

unsigned int probe_cpu;

static const struct probe_group *const groups[] = {
	&group_cpuid,      &group_prefix, &group_place,     &group_compat,    &group_virt,
	&group_privileged, &group_tables, &group_user,      &group_interrupt, &group_state,
	&group_io,         &group_msr,    &group_msr_write, &group_step,      &group_ptrace,
	&group_hwbreak,    &group_shadow, &group_memory,    &group_code,      &group_hazard,
};

#define GROUP_COUNT (sizeof(groups) / sizeof(groups[0]))

static bool wanted(const struct probe_group *group, const char *name, char **patterns, int count)
{
	for (int i = 0; i < count; i++) {
		if (!fnmatch(patterns[i], name, 0) || !strcmp(patterns[i], group->name))
			return true;
	}
	return !count && !group->only_by_name;
}

static unsigned int for_each(char **patterns, int count, void (*act)(const struct probe *))
{
	unsigned int acted = 0;

	for (size_t g = 0; g < GROUP_COUNT; g++) {
		for (unsigned int i = 0; i < groups[g]->count; i++) {
			const struct probe *probe = &groups[g]->probes[i];

			if (!wanted(groups[g], probe->name, patterns, count))
				continue;
			act(probe);
			acted++;
		}
	}
	return acted;
}

static void run_probe(const struct probe *probe)
{
	probe->run(probe);
}

static void list_probe(const struct probe *probe)
{
	puts(probe->name);
}

static int usage(FILE *to, int status)
{
	fputs("usage: behave [--cpu N] [--list] [NAME...]\n"
	      "  Runs every probe, or those named: a probe, a group, or a pattern (\"step-*\").\n"
	      "  Run it as root: port and MSR probes report EPERM otherwise.\n"
	      "  The group \"hazard\" runs only if named: some emulators do not survive it.\n"
	      "  --cpu N  run on CPU N (0 unless told)\n"
	      "  --list   print the names only\n"
	      "groups:",
	      to);
	for (size_t g = 0; g < GROUP_COUNT; g++)
		fprintf(to, " %s", groups[g]->name);
	fputc('\n', to);
	return status;
}

static bool prepare_machine(void)
{
	if (!pin_to_cpu(probe_cpu)) {
		perror("behave: cannot move to the CPU");
		return false;
	}
	if (!arena_create())
		return false;
	traps_install();
	return true;
}

int main(int argc, char **argv)
{
	void (*act)(const struct probe *) = run_probe;
	uint64_t cpu = 0;
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "--help"))
			return usage(stdout, 0);
		if (!strcmp(argv[i], "--list"))
			act = list_probe;
		else if (strcmp(argv[i], "--cpu") || ++i == argc || !parse_number(argv[i], &cpu))
			return usage(stderr, 64);
	}
	probe_cpu = (unsigned int)cpu;
	if (act == run_probe && !prepare_machine())
		return 1;
	if (!for_each(argv + i, argc - i, act)) {
		fputs("behave: no probe has that name\n", stderr);
		return 64;
	}
	return 0;
}
