/* SPDX-License-Identifier: MIT */
#include "team.h"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#define MEMBERS 64

static unsigned int count;
static unsigned int arrived, turn;

struct member {
	unsigned int number;
	void (*fn)(unsigned int number, void *ctx);
	void *ctx;
};

void team_meet(void)
{
	unsigned int mine = __atomic_load_n(&turn, __ATOMIC_ACQUIRE);

	if (__atomic_add_fetch(&arrived, 1, __ATOMIC_ACQ_REL) == count) {
		__atomic_store_n(&arrived, 0, __ATOMIC_RELAXED);
		__atomic_store_n(&turn, mine + 1, __ATOMIC_RELEASE);
		return;
	}
	while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) == mine)
		sched_yield();
}

static void *run(void *ctx)
{
	struct member *m = ctx;

	(void)pin_to_cpu(m->number);
	team_meet();
	m->fn(m->number, m->ctx);
	return NULL;
}

unsigned int team_run(void (*fn)(unsigned int number, void *ctx), void *ctx)
{
	static struct member member[MEMBERS];
	pthread_t thread[MEMBERS];

	count = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	if (count > MEMBERS)
		count = MEMBERS;
	for (unsigned int i = 0; i < count; i++) {
		member[i] = (struct member){i, fn, ctx};
		if (pthread_create(&thread[i], NULL, run, &member[i]))
			return 0;
	}
	for (unsigned int i = 0; i < count; i++)
		pthread_join(thread[i], NULL);
	return count;
}
