/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "status.h"

static struct bf_ioctl_status running(void)
{
	struct bf_ioctl_status status = {.state = BF_STATE_RUNNING,
					 .cpus_online = 2,
					 .cpus_running = 2,
					 .image_bytes = 143360,
					 .memory_bytes = 5452595,
					 .starts = 2};

	status.online[0] = status.running[0] = 3;
	snprintf(status.name, sizeof(status.name), "%s", "cpuid_count");
	return status;
}

static void check_set(uint64_t low, uint64_t high, const char *expected)
{
	uint64_t set[BF_MAX_CPUS / 64] = {low, 0, 0, high};
	struct bfm_text text = {0};

	bfm_cpu_set(&text, set);
	assert_string_equal(bfm_text_get(&text), expected);
	bfm_text_free(&text);
}

static void cpu_sets(void **state)
{
	(void)state;
	check_set(0, 0, "none");
	check_set(1, 0, "0");
	check_set(0x2f, 0, "0-3,5");
	check_set(0, 1UL << 63, "255");
	check_set(UINT64_MAX, 0, "0-63");
	check_set(1UL << 63, 3, "63,192-193");
}

static void text_of_a_running_vmm(void **state)
{
	struct bf_ioctl_status status = running();
	struct bfm_text text = {0};

	(void)state;
	bfm_status_text(&text, &status);
	assert_string_equal(bfm_text_get(&text), "state:         running\n"
						 "CPUs:          2 of 2 CPUs under the VMM (0-1)\n"
						 "image:         cpuid_count (140.0 KiB)\n"
						 "arguments:     none\n"
						 "memory:        5.2 MiB\n"
						 "starts:        2\n"
						 "last failure:  none\n");
	bfm_text_free(&text);
}

static void text_without_an_image(void **state)
{
	struct bf_ioctl_status status = {.cpus_online = 1};
	struct bfm_text text = {0};

	(void)state;
	bfm_status_text(&text, &status);
	assert_string_equal(bfm_text_get(&text), "state:         unloaded\n"
						 "CPUs:          0 of 1 CPU under the VMM\n"
						 "last failure:  none\n");
	bfm_text_free(&text);
}

static void text_of_a_failure(void **state)
{
	struct bf_ioctl_status status = running();
	struct bfm_text text = {0};

	(void)state;
	status.report = (struct bf_report){BF_EFAULTINJ, 1, 1, "fault_cpu", "no fault"};
	bfm_status_text(&text, &status);
	assert_non_null(strstr(bfm_text_get(&text),
			       "last failure:  CPU 1: fault_cpu = 0x1: failure injected on request "
			       "(BF_EFAULTINJ)\n               rule: no fault\n"));
	bfm_text_free(&text);
}

static void json_of_both(void **state)
{
	struct bf_ioctl_status status = running();
	struct bfm_text text = {0};

	(void)state;
	snprintf(status.cmdline, sizeof(status.cmdline), "%s", "a=\"b\"");
	bfm_status_json(&text, &status);
	assert_string_equal(
		bfm_text_get(&text),
		"{\"state\":\"running\",\"cpus_online\":2,\"cpus_running\":2,"
		"\"online\":[0,1],\"running\":[0,1],\"image\":{\"name\":\"cpuid_count\","
		"\"args\":\"a=\\\"b\\\"\",\"bytes\":143360},\"memory_bytes\":5452595,"
		"\"starts\":2,\"last_failure\":null}\n");
	bfm_text_clear(&text);
	status = (struct bf_ioctl_status){.state = 42};
	bfm_status_json(&text, &status);
	assert_non_null(strstr(bfm_text_get(&text), "{\"state\":\"unknown\""));
	bfm_text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpu_sets),
		cmocka_unit_test(text_of_a_running_vmm),
		cmocka_unit_test(text_without_an_image),
		cmocka_unit_test(text_of_a_failure),
		cmocka_unit_test(json_of_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
