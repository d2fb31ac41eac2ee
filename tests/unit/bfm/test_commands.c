/* SPDX-License-Identifier: MIT */
/* Whole commands, from the command line to the exit code. */
#define _GNU_SOURCE
#include "cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bfm.h"
#include "fake_os.h"
#include "image.h"

#define WORDS 8

static char image[] = "/tmp/bfm-image-XXXXXX.elf";
static char *out_text, *err_text;

static int run(const char *const *words)
{
	char *argv[WORDS];
	size_t out_size, err_size;
	FILE *out, *err;
	int argc = 0;
	int code;

	free(out_text);
	free(err_text);
	out = open_memstream(&out_text, &out_size);
	err = open_memstream(&err_text, &err_size);
	for (; words[argc]; argc++)
		argv[argc] = (char *)words[argc];
	code = bfm_run(argc, argv, out, err);
	fclose(out);
	fclose(err);
	return code;
}

#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})

static void write_image(const char *bytes, size_t count)
{
	FILE *file = fopen(image, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, count, file), count);
	fclose(file);
}

static int make_image(void **state)
{
	int fd;

	(void)state;
	fd = mkstemps(image, 4);
	return fd < 0 ? -1 : close(fd);
}

static int remove_image(void **state)
{
	(void)state;
	free(out_text);
	free(err_text);
	return unlink(image);
}

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	write_image("\177ELFxyz", 7);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(fake.opened, fake.closed);
	return 0;
}

static void the_whole_way(void **state)
{
	(void)state;
	assert_int_equal(RUN("load", image, "--args", "a=1", "--pool", "8"), BFM_OK);
	assert_non_null(strstr(out_text, "0 of 2 CPUs under the VMM"));
	assert_int_equal(fake.load.image_bytes, 7);
	assert_memory_equal(fake.first_bytes, "\177ELFxyz", 7);
	assert_string_equal(fake.load.cmdline, "a=1");
	assert_int_equal(fake.load.pool_bytes, 8 << 20);
	assert_int_equal(fake.load.log_level, BF_LOG_INFO);
	assert_int_equal(strncmp(fake.load.name, "bfm-image-", 10), 0);
	assert_null(strstr(fake.load.name, ".elf"));
	assert_int_equal(RUN("start"), BFM_OK);
	assert_non_null(strstr(out_text, "started bfm-image-"));
	assert_non_null(strstr(out_text, "2 of 2 CPUs under the VMM\n"));
	assert_int_equal(RUN("status"), BFM_OK);
	assert_non_null(strstr(out_text, "2 of 2 CPUs under the VMM (0-1)\n"));
	assert_int_equal(RUN("stats"), BFM_OK);
	assert_non_null(strstr(out_text, "CPUID                                      201"));
	assert_non_null(strstr(out_text, "\n\nextension "));
	assert_non_null(strstr(out_text, "ext_1                               active       0"
					 "              41"));
	assert_int_equal(RUN("stop"), BFM_OK);
	assert_int_equal(RUN("unload"), BFM_OK);
	assert_non_null(strstr(out_text, "unloaded bfm-image-"));
	assert_string_equal(err_text, "");
}

static void quiet_says_nothing(void **state)
{
	(void)state;
	assert_int_equal(RUN("-q", "quick", image), BFM_OK);
	assert_string_equal(out_text, "");
	assert_int_equal(fake.status.state, BF_STATE_RUNNING);
}

static void a_failed_start_is_explained(void **state)
{
	(void)state;
	fake.status.state = BF_STATE_LOADED;
	fake.error[OS_START] = EIO;
	fake.report = (struct bf_report){BF_EFIRMWARE, 1, 1, "IA32_FEATURE_CONTROL", "bit 2 set"};
	assert_int_equal(RUN("start"), BFM_UNAVAILABLE);
	assert_string_equal(out_text, "");
	assert_non_null(strstr(err_text, "bfm: start: CPU 1: IA32_FEATURE_CONTROL = 0x1: "));
	assert_non_null(strstr(err_text, "\n    rule: bit 2 set\n    remedy: switch "));
}

static void a_failed_quick_undoes_the_load(void **state)
{
	(void)state;
	fake.error[OS_START] = EIO;
	fake.report = (struct bf_report){.code = BF_EEXT, .what = "ext"};
	fake_log(1, 0, BF_LOG_ERROR, 0, "ext: no");
	assert_int_equal(RUN("quick", image), BFM_SOFTWARE);
	assert_int_equal(fake.calls[OS_UNLOAD], 1);
	assert_int_equal(fake.status.state, BF_STATE_UNLOADED);
	assert_non_null(strstr(err_text, "ext: no"));
	assert_non_null(strstr(err_text, "unloaded again"));
}

static void a_failed_load_undoes_nothing(void **state)
{
	(void)state;
	fake.status.state = BF_STATE_RUNNING;
	fake.error[OS_LOAD] = EBUSY;
	fake.report = (struct bf_report){.code = BF_ESTATE};
	assert_int_equal(RUN("quick", image), BFM_UNAVAILABLE);
	assert_int_equal(fake.calls[OS_UNLOAD] + fake.calls[OS_START], 0);
	assert_non_null(strstr(err_text, "a VMM is running: 'bfm stop'"));
}

static void the_drivers_own_rule_is_enough(void **state)
{
	(void)state;
	fake.status.state = BF_STATE_RUNNING;
	fake.error[OS_START] = EBUSY;
	fake.report = (struct bf_report){BF_ESTATE, 0, 2, "start", "state is running: stop it"};
	assert_int_equal(RUN("start"), BFM_UNAVAILABLE);
	assert_string_equal(err_text, "bfm: start: not allowed in this state (BF_ESTATE)\n"
				      "    rule: state is running: stop it\n");
}

static void names_fit_the_driver(void **state)
{
	char name[BF_NAME_BYTES];
	char path[200];

	(void)state;
	bfm_image_name("a/b.c/\xc3\xa4 x.elf", name);
	assert_string_equal(name, "?? x");
	bfm_image_name("C:\\vmm\\minimal.elf", name);
	assert_string_equal(name, "minimal");
	bfm_image_name(".elf", name);
	assert_string_equal(name, ".elf");
	memset(path, 'n', sizeof(path));
	path[199] = '\0';
	bfm_image_name(path, name);
	assert_int_equal(strlen(name), BF_NAME_BYTES - 1);
}

static void a_refusal_without_a_report_names_the_state(void **state)
{
	(void)state;
	fake.error[OS_START] = EBUSY;
	assert_int_equal(RUN("start"), BFM_UNAVAILABLE);
	assert_non_null(strstr(err_text, "state is 'unloaded'"));
	assert_non_null(strstr(err_text, "remedy: no image is loaded: 'bfm load FILE' first"));
}

static void images_are_looked_at_first(void **state)
{
	(void)state;
	assert_int_equal(RUN("load", "./missing.elf"), BFM_NO_INPUT);
	assert_non_null(strstr(err_text, "./missing.elf"));
	assert_int_equal(RUN("load", "/"), BFM_NO_INPUT);
	write_image("", 0);
	assert_int_equal(RUN("load", image), BFM_DATA);
	write_image("\177EL", 3);
	assert_int_equal(RUN("load", image), BFM_DATA);
	write_image("\177ELFx", 5);
	assert_int_equal(truncate(image, (long)BF_IMAGE_MAX + 1), 0);
	assert_int_equal(RUN("load", image), BFM_DATA);
	assert_non_null(strstr(err_text, "32 MiB"));
	assert_int_equal(fake.opened, 0);
	assert_int_equal(truncate(image, (long)BF_IMAGE_MAX), 0);
	assert_int_equal(RUN("load", image), BFM_OK);
}

static void bad_arguments_for_the_vmm(void **state)
{
	char longest[BF_CMDLINE_BYTES + 1];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[BF_CMDLINE_BYTES] = '\0';
	assert_int_equal(RUN("load", image, "--args", longest), BFM_USAGE);
	longest[BF_CMDLINE_BYTES - 1] = '\0';
	assert_int_equal(RUN("load", image, "--args", longest), BFM_OK);
	assert_int_equal(RUN("load", image, "--args", "a=1\nb=2"), BFM_USAGE);
	assert_int_equal(RUN("load", image, "--args", "a=1 =2"), BFM_USAGE);
	assert_int_equal(RUN("load", image, "--args", "  a=1  flag "), BFM_OK);
}

static void the_driver_is_loaded_on_demand(void **state)
{
	(void)state;
	fake.driver_missing = true;
	assert_int_equal(RUN("load", image, "--no-modprobe"), BFM_UNAVAILABLE);
	assert_int_equal(RUN("load", image, "--device", "/dev/other"), BFM_UNAVAILABLE);
	assert_int_equal(RUN("status"), BFM_UNAVAILABLE);
	assert_int_equal(fake.driver_loads, 0);
	assert_int_equal(RUN("load", image), BFM_OK);
	assert_int_equal(fake.driver_loads, 1);
	fake.driver_missing = true;
	fake.driver_error = ENODEV;
	fake.driver_said = "modprobe: no such module";
	assert_int_equal(RUN("load", image), BFM_UNAVAILABLE);
	assert_non_null(strstr(err_text, "modprobe: no such module"));
}

static void wrong_devices_are_refused(void **state)
{
	(void)state;
	fake.open_error = EACCES;
	assert_int_equal(RUN("status"), BFM_NO_PERMISSION);
	assert_non_null(strstr(err_text, "as root"));
	fake.open_error = 0;
	fake.abi = 99;
	assert_int_equal(RUN("stop"), BFM_PROTOCOL);
	assert_int_equal(fake.calls[OS_STOP], 0);
	fake.error[OS_VERSION] = ENOTTY;
	assert_int_equal(RUN("stop"), BFM_PROTOCOL);
}

static void stats_without_a_running_vmm(void **state)
{
	(void)state;
	fake.status.state = BF_STATE_LOADED;
	fake.error[OS_STATS] = EBUSY;
	assert_int_equal(RUN("stats"), BFM_UNAVAILABLE);
	assert_non_null(strstr(err_text, "'bfm start' first"));
}

static void stats_of_an_old_vmm(void **state)
{
	(void)state;
	fake.status.state = BF_STATE_RUNNING;
	fake.error[OS_EXTENSIONS] = EPROTO;
	fake.report =
		(struct bf_report){BF_EVERSION, 0, 1, "hypercall ABI of the VMM", "2 or newer"};
	assert_int_equal(RUN("stats"), BFM_PROTOCOL);
	assert_non_null(strstr(err_text, "hypercall ABI of the VMM = 0x1"));
	assert_non_null(strstr(err_text, "\n    rule: 2 or newer\n"));
}

static void the_log_by_level(void **state)
{
	(void)state;
	fake_log(1, 0, BF_LOG_DEBUG, 0, "small");
	fake_log(2, 0, BF_LOG_ERROR, 0, "grave");
	assert_int_equal(RUN("log"), BFM_OK);
	assert_non_null(strstr(out_text, "small"));
	assert_int_equal(RUN("log", "--level", "warn", "--json"), BFM_OK);
	assert_string_equal(out_text, "{\"seq\":2,\"tsc\":2000,\"cpu\":0,\"level\":\"error\","
				      "\"text\":\"grave\",\"cut\":false}\n");
}

static void on_sleep(void)
{
	if (fake.sleeps == 2)
		fake_log(2, 1, BF_LOG_INFO, 0, "later");
	if (fake.sleeps == 4)
		fake.error[OS_LOG] = EBUSY;
}

static void following_ends_with_the_image(void **state)
{
	(void)state;
	fake_log(1, 0, BF_LOG_INFO, 0, "first");
	fake.on_sleep = on_sleep;
	assert_int_equal(RUN("log", "-f"), BFM_OK);
	assert_int_equal(fake.sleeps, 4);
	assert_non_null(strstr(out_text, "first"));
	assert_non_null(strstr(out_text, "later"));
	assert_ptr_equal(strstr(strstr(out_text, "later") + 1, "later"), NULL);
	assert_string_equal(err_text, "");
}

static void check_and_version(void **state)
{
	(void)state;
	assert_int_equal(RUN("check"), BFM_UNAVAILABLE);
	assert_int_equal(RUN("check", "--json"), BFM_UNAVAILABLE);
	assert_non_null(strstr(out_text, "\"ready\":false}\n"));
	assert_int_equal(RUN("version"), BFM_OK);
	assert_non_null(strstr(out_text, "driver 9.9"));
	fake.open_error = ENOENT;
	assert_int_equal(RUN("version", "--json"), BFM_OK);
	assert_non_null(strstr(out_text, "\"driver\":null"));
}

static void usage(void **state)
{
	const char *const none[] = {NULL};

	(void)state;
	assert_int_equal(run(none), BFM_USAGE);
	assert_int_equal(RUN("load"), BFM_USAGE);
	assert_non_null(
		strstr(err_text, "bfm: load: no FILE given\n    remedy: see 'bfm load --help'"));
	assert_int_equal(RUN("--help"), BFM_OK);
	assert_int_equal(RUN("load", "--help"), BFM_OK);
	assert_non_null(strstr(out_text, "--no-modprobe"));
}

static void a_full_disk_is_an_error(void **state)
{
	char *argv[] = {"version"};
	char *check[] = {"check"};
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	assert_int_equal(bfm_run(1, argv, full, stdout), BFM_IO);
	assert_int_equal(bfm_run(1, check, full, stdout), BFM_IO);
	fclose(full);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_whole_way),
		TEST(quiet_says_nothing),
		TEST(a_failed_start_is_explained),
		TEST(a_failed_quick_undoes_the_load),
		TEST(a_failed_load_undoes_nothing),
		TEST(the_drivers_own_rule_is_enough),
		TEST(names_fit_the_driver),
		TEST(a_refusal_without_a_report_names_the_state),
		TEST(images_are_looked_at_first),
		TEST(bad_arguments_for_the_vmm),
		TEST(the_driver_is_loaded_on_demand),
		TEST(wrong_devices_are_refused),
		TEST(stats_without_a_running_vmm),
		TEST(stats_of_an_old_vmm),
		TEST(the_log_by_level),
		TEST(following_ends_with_the_image),
		TEST(check_and_version),
		TEST(usage),
		TEST(a_full_disk_is_an_error),
	};

	return cmocka_run_group_tests(tests, make_image, remove_image);
}
