/* SPDX-License-Identifier: MIT */
#include "load.h"

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t expect_status(pid_t child, int expected)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) != child)
		return 1;
	return !WIFEXITED(status) || WEXITSTATUS(status) != expected;
}

uint64_t load_fork(uint64_t rounds)
{
	volatile uint64_t mine = 0;
	uint64_t wrong = 0;

	for (uint64_t i = 0; i < rounds; i++) {
		pid_t child;

		mine = i;
		child = fork();
		if (!child) {
			/* The child's write must stay its own. */
			mine = ~mine;
			_exit((int)(i % 100));
		}
		wrong += expect_status(child, (int)(i % 100));
		wrong += mine != i;
	}
	return wrong;
}

uint64_t load_exec(uint64_t rounds)
{
	char *const arguments[] = {"sysload", "--child", NULL};
	uint64_t wrong = 0;

	for (uint64_t i = 0; i < rounds; i++) {
		pid_t child = fork();

		if (!child) {
			execv("/proc/self/exe", arguments);
			_exit(127);
		}
		wrong += expect_status(child, 42);
	}
	return wrong;
}
