/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include "parse_linux.h"

static void releases(void **state)
{
	unsigned int major, minor;

	(void)state;
	bfm_parse_release("6.12.9+bpo-amd64", &major, &minor);
	assert_true(major == 6 && minor == 12);
	bfm_parse_release("6", &major, &minor);
	assert_true(major == 0 && minor == 0);
	bfm_parse_release("", &major, &minor);
	assert_true(major == 0 && minor == 0);
}

static void lockdown(void **state)
{
	(void)state;
	assert_int_equal(bfm_parse_lockdown("[none] integrity confidentiality\n"),
			 BFM_LOCKDOWN_NONE);
	assert_int_equal(bfm_parse_lockdown("none [integrity] confidentiality\n"),
			 BFM_LOCKDOWN_INTEGRITY);
	assert_int_equal(bfm_parse_lockdown("none integrity [confidentiality]\n"),
			 BFM_LOCKDOWN_CONFIDENTIALITY);
	assert_int_equal(bfm_parse_lockdown(""), BFM_LOCKDOWN_UNKNOWN);
}

static void booleans(void **state)
{
	(void)state;
	assert_int_equal(bfm_parse_bool("Y\n"), BFM_YES);
	assert_int_equal(bfm_parse_bool("0\n"), BFM_NO);
	assert_int_equal(bfm_parse_bool(""), BFM_UNKNOWN);
}

static void cpu_flags(void **state)
{
	static const char info[] = "processor\t: 0\nflags\t\t: fpu vme svm_lock\nbugs\t\t: svm\n";

	(void)state;
	assert_int_equal(bfm_parse_cpu_flag(info, "vme"), BFM_YES);
	assert_int_equal(bfm_parse_cpu_flag(info, "svm_lock"), BFM_YES);
	assert_int_equal(bfm_parse_cpu_flag(info, "svm"), BFM_NO);
	assert_int_equal(bfm_parse_cpu_flag("processor\t: 0\n", "svm"), BFM_UNKNOWN);
	assert_int_equal(bfm_parse_cpu_flag("", "svm"), BFM_UNKNOWN);
}

static void cpu_lists(void **state)
{
	uint32_t cpus[4] = {0};

	(void)state;
	assert_int_equal(bfm_parse_cpu_list("0\n", cpus, 4), 1);
	assert_int_equal(bfm_parse_cpu_list("0-1,4,6-7\n", cpus, 4), 5);
	assert_true(cpus[0] == 0 && cpus[1] == 1 && cpus[2] == 4 && cpus[3] == 6);
	assert_int_equal(bfm_parse_cpu_list("0-511", NULL, 0), 512);
	assert_int_equal(bfm_parse_cpu_list("", cpus, 4), 0);
	assert_int_equal(bfm_parse_cpu_list("1-", cpus, 4), 0);
	assert_int_equal(bfm_parse_cpu_list("3-1", cpus, 4), 0);
	assert_int_equal(bfm_parse_cpu_list("1,", cpus, 4), 0);
	assert_int_equal(bfm_parse_cpu_list("0-4294967295", cpus, 4), 0);
	assert_int_equal(bfm_parse_cpu_list("0 x", cpus, 4), 0);
}

static void memory(void **state)
{
	static const char info[] = "MemTotal: 2048 kB\nMemAvailable:    1024 kB\n";

	(void)state;
	assert_int_equal(bfm_parse_meminfo(info, "MemAvailable"), 1 << 20);
	assert_int_equal(bfm_parse_meminfo(info, "Mem"), 0);
	assert_int_equal(bfm_parse_meminfo("", "MemAvailable"), 0);
}

static void capabilities(void **state)
{
	(void)state;
	assert_int_equal(
		bfm_parse_capabilities("CapPrm:\t0\nCapEff:\t000001ffffffffff\n", 0x210000),
		BFM_YES);
	assert_int_equal(bfm_parse_capabilities("CapEff:\t0000000000010000\n", 0x210000), BFM_NO);
	assert_int_equal(bfm_parse_capabilities("", 1), BFM_UNKNOWN);
}

static void modules(void **state)
{
	static const char dep[] = "kernel/a/notbareframe.ko:\n"
				  "kernel/b.ko: updates/bareframe.ko\n"
				  "updates/dkms/bareframe.ko.xz: kernel/b.ko\n";
	char path[64];

	(void)state;
	assert_true(bfm_parse_modules_dep(dep, "bareframe", path, sizeof(path)));
	assert_string_equal(path, "updates/dkms/bareframe.ko.xz");
	assert_true(bfm_parse_modules_dep("bareframe.ko:", "bareframe", path, sizeof(path)));
	assert_string_equal(path, "bareframe.ko");
	assert_false(bfm_parse_modules_dep(dep, "bareframe", path, 10));
	assert_false(bfm_parse_modules_dep(dep, "frame", path, sizeof(path)));
	assert_false(bfm_parse_modules_dep("", "bareframe", path, sizeof(path)));
	assert_false(bfm_parse_modules_dep("bareframe.korn:", "bareframe", path, sizeof(path)));
}

static void command_lines(void **state)
{
	(void)state;
	assert_true(bfm_parse_cmdline("quiet lockdown=integrity\n", "lockdown=integrity"));
	assert_true(bfm_parse_cmdline("quiet", "quiet"));
	assert_false(bfm_parse_cmdline("xquiet quietx", "quiet"));
	assert_false(bfm_parse_cmdline("", "quiet"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(releases),      cmocka_unit_test(lockdown),
		cmocka_unit_test(booleans),      cmocka_unit_test(cpu_flags),
		cmocka_unit_test(cpu_lists),     cmocka_unit_test(memory),
		cmocka_unit_test(capabilities),  cmocka_unit_test(modules),
		cmocka_unit_test(command_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
