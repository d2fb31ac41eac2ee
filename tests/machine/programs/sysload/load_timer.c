/* SPDX-License-Identifier: MIT */
#include "load.h"

#include <signal.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>

#define SHOTS 5

static volatile sig_atomic_t shots;

static void on_alarm(int number)
{
	(void)number;
	shots++;
}

static uint64_t nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Waits for some shots of a fast timer with the signal let in only while waiting. */
static uint64_t one_round(const sigset_t *waiting)
{
	const struct itimerval fast = {{0, 1000}, {0, 1000}};
	const struct itimerval off = {{0, 0}, {0, 0}};
	const struct timespec nap = {.tv_nsec = 100000};
	uint64_t before = nanoseconds();

	shots = 0;
	if (setitimer(ITIMER_REAL, &fast, NULL))
		return 1;
	while (shots < SHOTS)
		sigsuspend(waiting);
	setitimer(ITIMER_REAL, &off, NULL);
	nanosleep(&nap, NULL);
	/* No upper limit: an emulated machine may be as slow as it likes. */
	return nanoseconds() <= before;
}

uint64_t load_timer(uint64_t rounds)
{
	const struct sigaction action = {.sa_handler = on_alarm};
	sigset_t blocked, waiting;
	uint64_t wrong = 0;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGALRM);
	sigprocmask(SIG_BLOCK, &blocked, &waiting);
	sigdelset(&waiting, SIGALRM);
	sigaction(SIGALRM, &action, NULL);
	for (uint64_t i = 0; i < rounds; i++)
		wrong += one_round(&waiting);
	return wrong;
}
