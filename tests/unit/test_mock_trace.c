/* SPDX-License-Identifier: MIT */
/* What is printed when an assertion fails, by a process of its own whose output is looked at. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <bfmock/execute.h>
#include <bfmock/trace.h>
#include "test.h"

static char printed[8192];

static void fails(void **state)
{
	(void)state;
	mock_reset(&mock_amd, 1);
	assert_int_equal(mock_vmm_start(""), 0);
	mock_trace("now leaf %u", 7);
	mock_execute_cpuid(mock_vcpu(), 7, 0);
	mock_execute(mock_vcpu(), MOCK_VIRT_INSN);
	assert_int_equal(mock_vmm_stop(), 1);
}

static void passes(void **state)
{
	(void)state;
	mock_reset(&mock_intel, 1);
	mock_trace("all is well");
}

/* Runs @p test, and nothing else, with its output in printed. @return its exit status */
static int run(void (*test)(void **))
{
	const struct CMUnitTest tests[] = {{"under test", test, NULL, NULL, NULL}};
	int ends[2], status;
	size_t at = 0;
	ssize_t got;

	assert_int_equal(pipe(ends), 0);
	fflush(stdout);
	if (!fork()) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		_Exit(cmocka_run_group_tests(tests, NULL, NULL));
	}
	close(ends[1]);
	while ((got = read(ends[0], printed + at, sizeof(printed) - 1 - at)) > 0)
		at += (size_t)got;
	printed[at] = '\0';
	close(ends[0]);
	assert_true(wait(&status) > 0);
	return WEXITSTATUS(status);
}

static void failure_is_explained(void **state)
{
	static const char *const wanted[] = {
		"what the machine did",  "now leaf 7",    "CPU 0, RIP 0x", "CPUID, RAX 0x7",
		"CPU 0 exits, raw 0x72", "then RIP 0x",   "raw 0x80",      "then event 6 of type 3",
		"the CPU is bare again", "Bareframe VMM",
	};

	(void)state;
	assert_int_equal(run(fails), 1);
	for (size_t i = 0; i < COUNT(wanted); i++)
		if (!strstr(printed, wanted[i]))
			fail_msg("'%s' is not in: %s", wanted[i], printed);
}

static void success_is_silent(void **state)
{
	(void)state;
	unsetenv("MOCK_TRACE");
	assert_int_equal(run(passes), 0);
	assert_null(strstr(printed, "all is well"));
}

static void on_demand(void **state)
{
	(void)state;
	setenv("MOCK_TRACE", "1", 1);
	assert_int_equal(run(passes), 0);
	unsetenv("MOCK_TRACE");
	assert_non_null(strstr(printed, "trace: all is well"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failure_is_explained),
		cmocka_unit_test(success_is_silent),
		cmocka_unit_test(on_demand),
	};

	return cmocka_run_group_tests_name("mock_trace", tests, NULL, NULL);
}
