/* SPDX-License-Identifier: MIT */
/*
 * Writes to a page on all CPUs, or executes it, while the VMM s2_watch watches it and while it does
 * not.
 */
#include "hypercall.h"
#include "team.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define CALL_START 0x73320000u
#define CALL_STOP  0x73320001u
#define CALL_COUNT 0x73320002u
#define PAGE_BYTES 4096
#define KIND_WRITE 2u
#define KIND_EXEC  4u
#define RET        0xc3

enum way {
	STORE,  /* each is seen once */
	VECTOR, /* the VMM cannot emulate it: each CPU is seen, not each write */
	CALL,   /* each is seen; again, if an interrupt comes before the return */
	WAYS
};

static const char *const ways[WAYS] = {"store", "vector", "call"};

static struct {
	uint64_t count, rounds;
	enum way way;
	volatile uint64_t *page; /* a word for each CPU, or code */
	uint64_t unseen, stray, wrong, refused, seen;
} work = {.rounds = 1};

static uint64_t seen(void)
{
	return hypercall(CALL_COUNT, 0, 0, 0);
}

static void store_by_vector(volatile uint64_t *to, uint64_t value)
{
	__asm__ volatile("movq %1,%%xmm0; movq %%xmm0,%0" : "=m"(*to) : "r"(value) : "xmm0");
}

static void access_page(unsigned int number)
{
	volatile uint64_t *word = &work.page[number];

	if (work.way == STORE)
		*word = *word + 1;
	else if (work.way == VECTOR)
		store_by_vector(word, *word + 1);
	else
		__asm__ volatile("call *%0" : : "r"(work.page) : "memory");
}

static void accesses(unsigned int number)
{
	for (uint64_t i = 0; i < work.count; i++)
		access_page(number);
}

/* What all have done in the meantime, @on: watched. The first one keeps the books. */
static void account(uint64_t before, bool on, uint64_t done, unsigned int cpus)
{
	uint64_t found = seen() - before, least = work.way == VECTOR ? cpus : done;

	if (on) {
		work.seen += found;
		work.unseen += found < least ? least - found : 0;
		work.wrong += found > done && work.way != CALL;
	} else {
		work.stray += found;
	}
}

static void half_round(unsigned int number, bool on, unsigned int cpus)
{
	uint64_t before = 0;

	if (!number) {
		work.refused += hypercall(on ? CALL_START : CALL_STOP, (uint64_t)work.page,
					  work.way == CALL ? KIND_EXEC : KIND_WRITE, 0) != 0;
		before = seen();
	}
	team_meet();
	accesses(number);
	team_meet();
	if (!number)
		account(before, on, cpus * work.count, cpus);
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
	if (work.way != CALL && work.page[number] != 2 * work.rounds * work.count)
		__atomic_add_fetch(&work.wrong, 1, __ATOMIC_RELAXED);
}

static bool parse_way(const char *text)
{
	for (work.way = 0; work.way < WAYS; work.way++)
		if (!strcmp(text, ways[work.way]))
			return true;
	return false;
}

static bool parse(int argc, char **argv)
{
	int i = 1;

	for (; i + 1 < argc; i += 2) {
		bool ok = false;

		if (!strcmp(argv[i], "--rounds"))
			ok = parse_number(argv[i + 1], &work.rounds);
		else if (!strcmp(argv[i], "--by"))
			ok = parse_way(argv[i + 1]);
		if (!ok)
			return false;
	}
	return i + 1 == argc && parse_number(argv[i], &work.count);
}

int main(int argc, char **argv)
{
	unsigned int team;

	if (!parse(argc, argv)) {
		fputs("usage: page_write [--rounds N] [--by store|vector|call] COUNT\n", stderr);
		return 64;
	}
	work.page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE | MAP_LOCKED, -1, 0);
	if (work.page == MAP_FAILED) {
		perror("page_write: mmap");
		return 1;
	}
	if (work.way == CALL)
		*(volatile uint8_t *)work.page = RET;
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
