/* SPDX-License-Identifier: MIT */
#include "load.h"

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* Sends back each number that it gets, plus one, until the pipe closes. */
static void answer(int from, int to)
{
	uint64_t value;

	while (read(from, &value, sizeof(value)) == sizeof(value)) {
		value++;
		if (write(to, &value, sizeof(value)) != sizeof(value))
			_exit(1);
	}
	_exit(0);
}

static uint64_t ping(int to, int from, uint64_t rounds)
{
	for (uint64_t i = 0; i < rounds; i++) {
		uint64_t value = i;

		if (write(to, &value, sizeof(value)) != sizeof(value) ||
		    read(from, &value, sizeof(value)) != sizeof(value) || value != i + 1)
			return 1;
	}
	return 0;
}

uint64_t load_switch(uint64_t rounds)
{
	int there[2], back[2], status;
	uint64_t wrong;
	pid_t child;

	if (pipe(there) || pipe(back))
		return 1;
	child = fork();
	if (child < 0)
		return 1;
	if (!child) {
		close(there[1]);
		close(back[0]);
		answer(there[0], back[1]);
	}
	close(there[0]);
	close(back[1]);
	wrong = ping(there[1], back[0], rounds);
	close(there[1]);
	if (waitpid(child, &status, 0) != child || status)
		wrong++;
	return wrong;
}
