/* SPDX-License-Identifier: MIT */
/* Writes to a page on all CPUs while the VMM s2_watch watches it, and while it does not. */
#include "hypercall.h"
#include "team.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define CALL_START 0x73320000u
#define CALL_STOP  0x73320001u
#define CALL_COUNT 0x73320002u
#define PAGE_BYTES 4096

static struct {
	uint64_t count, rounds;
	volatile uint64_t *page; /* a word for each CPU */
	uint64_t unseen, stray, wrong, refused, seen;
} work = {.rounds = 1};

static uint64_t seen(void)
{
	return hypercall(CALL_COUNT, 0, 0, 0);
}

static void writes(unsigned int number)
{
	for (uint64_t i = 0; i < work.count; i++)
		work.page[number] = work.page[number] + 1;
}

/* What all have written in the meantime, @on: watched. The first one keeps the books. */
static void account(uint64_t before, bool on, uint64_t written)
{
	uint64_t found = seen() - before;

	if (on) {
		work.seen += found;
		work.unseen += found < written ? written - found : 0;
		work.wrong += found > written;
	} else {
		work.stray += found;
	}
}

static void half_round(unsigned int number, bool on, unsigned int cpus)
{
	uint64_t before = 0;

	if (!number) {
		work.refused +=
			hypercall(on ? CALL_START : CALL_STOP, (uint64_t)work.page, 0, 0) != 0;
		before = seen();
	}
	team_meet();
	writes(number);
	team_meet();
	if (!number)
		account(before, on, cpus * work.count);
}

static unsigned int cpus;

static void run(unsigned int number, void *ctx)
{
	(void)ctx;
	if (!number)
		cpus = 0;
	team_meet();
	__atomic_add_fetch(&cpus, 1, __ATOMIC_RELAXED);
	team_meet();
	for (uint64_t i = 0; i < work.rounds; i++) {
		half_round(number, true, cpus);
		half_round(number, false, cpus);
	}
	team_meet();
	if (work.page[number] != 2 * work.rounds * work.count)
		__atomic_add_fetch(&work.wrong, 1, __ATOMIC_RELAXED);
}

static bool parse(int argc, char **argv)
{
	int i = 1;

	if (argc == 4 && !strcmp(argv[1], "--rounds") && parse_number(argv[2], &work.rounds))
		i = 3;
	return i + 1 == argc && parse_number(argv[i], &work.count);
}

int main(int argc, char **argv)
{
	unsigned int team;

	if (!parse(argc, argv)) {
		fputs("usage: page_write [--rounds N] COUNT\n", stderr);
		return 64;
	}
	work.page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE | MAP_LOCKED, -1, 0);
	if (work.page == MAP_FAILED) {
		perror("page_write: mmap");
		return 1;
	}
	team = team_run(run, NULL);
	printf("cpus %u rounds %llu writes %llu seen %llu unseen %llu stray %llu wrong %llu\n",
	       team, (unsigned long long)work.rounds,
	       (unsigned long long)(team * work.rounds * work.count), (unsigned long long)work.seen,
	       (unsigned long long)work.unseen, (unsigned long long)work.stray,
	       (unsigned long long)work.wrong);
	if (work.refused)
		printf("refused %llu\n", (unsigned long long)work.refused);
	return team && !work.unseen && !work.stray && !work.wrong && !work.refused ? 0 : 1;
}
