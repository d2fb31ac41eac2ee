/* SPDX-License-Identifier: MIT */
#include "load.h"

#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>

static volatile sig_atomic_t raised;
static unsigned char *volatile page;

static void on_user(int number)
{
	(void)number;
	raised++;
}

/* Opens the page, so that the store that faulted goes through when it is tried again. */
static void on_fault(int number)
{
	(void)number;
	raised++;
	mprotect(page, 4096, PROT_READ | PROT_WRITE);
}

static uint64_t one_round(uint64_t round)
{
	sig_atomic_t before = raised;
	uint64_t wrong;

	raise(SIGUSR1);
	mprotect(page, 4096, PROT_READ);
	*(volatile unsigned char *)page = (unsigned char)round;
	wrong = raised != before + 2;
	return wrong + (*page != (unsigned char)round);
}

uint64_t load_signal(uint64_t rounds)
{
	const struct sigaction user = {.sa_handler = on_user};
	const struct sigaction fault = {.sa_handler = on_fault};
	uint64_t wrong = 0;

	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return 1;
	sigaction(SIGUSR1, &user, NULL);
	sigaction(SIGSEGV, &fault, NULL);
	for (uint64_t i = 0; i < rounds; i++)
		wrong += one_round(i);
	return wrong;
}
