/* SPDX-License-Identifier: MIT */
/*
 * A load on the kernel where no stress-ng is at hand: processes, memory, signals, timers, switches
 * and arithmetic, a fixed amount of each, every result checked.
 */
#include "cpu.h"
#include "load.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS_MAX 64

static const struct load loads[] = {
	{"cpu", load_cpu, 20},        {"fork", load_fork, 4},       {"exec", load_exec, 2},
	{"memory", load_memory, 1},   {"signal", load_signal, 200}, {"timer", load_timer, 2},
	{"switch", load_switch, 100},
};

#define LOAD_COUNT (sizeof(loads) / sizeof(loads[0]))

struct options {
	uint64_t workers, rounds;
	char **names;
	int name_count;
};

static int usage(FILE *to, int status)
{
	fputs("usage: sysload [--workers W] [--rounds R] [LOAD...]\n"
	      "  Runs each load R rounds (else 50) in W processes at a time (else 2).\n"
	      "  Prints \"LOAD: ok\" or what was wrong; exits 1 if anything was.\n"
	      "loads:",
	      to);
	for (size_t i = 0; i < LOAD_COUNT; i++)
		fprintf(to, " %s", loads[i].name);
	fputc('\n', to);
	return status;
}

static bool parse(int argc, char **argv, struct options *o)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i += 2) {
		uint64_t *slot = !strcmp(argv[i], "--workers")  ? &o->workers
				 : !strcmp(argv[i], "--rounds") ? &o->rounds
								: NULL;

		if (!slot || i + 1 == argc || !parse_number(argv[i + 1], slot))
			return false;
	}
	o->names = argv + i;
	o->name_count = argc - i;
	return o->workers && o->workers <= WORKERS_MAX;
}

static bool wanted(const struct load *load, const struct options *o)
{
	for (int i = 0; i < o->name_count; i++) {
		if (!strcmp(o->names[i], load->name))
			return true;
	}
	return !o->name_count;
}

/* A worker's exit status is how much it found wrong; a worker that dies counts as one. */
static uint64_t collect(const pid_t *workers, uint64_t count)
{
	uint64_t wrong = 0;

	for (uint64_t i = 0; i < count; i++) {
		int status;

		if (workers[i] < 0 || waitpid(workers[i], &status, 0) != workers[i])
			wrong++;
		else if (!WIFEXITED(status))
			wrong++;
		else
			wrong += (uint64_t)WEXITSTATUS(status);
	}
	return wrong;
}

static uint64_t run_load(const struct load *load, const struct options *o)
{
	pid_t workers[WORKERS_MAX];

	for (uint64_t i = 0; i < o->workers; i++) {
		workers[i] = fork();
		if (!workers[i]) {
			uint64_t wrong = load->run(o->rounds * load->weight);

			_exit(wrong > 100 ? 100 : (int)wrong);
		}
	}
	return collect(workers, o->workers);
}

int main(int argc, char **argv)
{
	struct options o = {.workers = 2, .rounds = 50};
	unsigned int ran = 0;
	uint64_t all = 0;

	if (argc == 2 && !strcmp(argv[1], "--help"))
		return usage(stdout, 0);
	/* What load_exec() starts. */
	if (argc == 2 && !strcmp(argv[1], "--child"))
		return 42;
	if (!parse(argc, argv, &o))
		return usage(stderr, 64);
	for (size_t i = 0; i < LOAD_COUNT; i++) {
		uint64_t wrong;

		if (!wanted(&loads[i], &o))
			continue;
		wrong = run_load(&loads[i], &o);
		if (wrong)
			printf("%s: %" PRIu64 " wrong\n", loads[i].name, wrong);
		else
			printf("%s: ok\n", loads[i].name);
		fflush(stdout);
		all += wrong;
		ran++;
	}
	return !ran ? usage(stderr, 64) : all ? 1 : 0;
}
