/* SPDX-License-Identifier: MIT */
/* Extensions at the start: which are refused, with which report, and what an error leaves. */
#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bfmock/guest.h>
#include <bfvmm/log.h>
#include "test.h"

static struct bf_log_page page;
static char order[16];
static int first_status, second_status;
static int32_t started; /* CPUs that ran a guest when init was called */

static void called(char name)
{
	size_t length = strlen(order);

	if (length + 1 < sizeof(order))
		order[length] = name;
}

static void on_stop(enum bf_life_event event, uint32_t cpu, void *ctx)
{
	(void)event;
	(void)cpu;
	(void)ctx;
	called('s');
}

static int first_init(struct bf_ext *ext)
{
	called('1');
	for (uint32_t i = 0; i < mock.cpu_count; i++)
		started += mock_switch[i].running != 0;
	if (!first_status)
		first_status = bf_hook_event(ext, BF_LIFE_VMM_STOP, on_stop, NULL, NULL);
	return first_status;
}

static int second_init(struct bf_ext *ext)
{
	(void)ext;
	called('2');
	return second_status;
}

/* As BF_EXTENSION() makes them, but for a test to spoil. */
#define DESCRIPTOR(name_)                                                                          \
	static struct bf_extension name_ __attribute__((used, section("bf_extensions"), aligned(8)))

DESCRIPTOR(descriptors[2]) = {
	{.magic = BF_EXT_MAGIC, .api = BF_API_VERSION, .name = "first"},
	{.magic = BF_EXT_MAGIC, .api = BF_API_VERSION, .name = "second"},
};

static int setup(void **state)
{
	(void)state;
	descriptors[0] = (struct bf_extension){.magic = BF_EXT_MAGIC,
					       .api = BF_API_VERSION,
					       .name = "first",
					       .version = "1.2",
					       .license = "MIT",
					       .init = first_init};
	descriptors[1] = descriptors[0];
	descriptors[1].name = "second";
	descriptors[1].init = second_init;
	first_status = second_status = 0;
	started = 0;
	memset(order, 0, sizeof(order));
	mock_reset(&mock_intel, 2);
	return 0;
}

static bool logged(const char *text)
{
	bool found = false;

	memset(&page, 0, sizeof(page));
	while (bf_log_read(&page))
		for (uint32_t i = 0; i < page.count; i++)
			if (strstr(page.record[i].text, text))
				found = true;
	return found;
}

static void expect_refused(int code, const char *what, const char *rule)
{
	assert_int_equal(mock_vmm_start(""), code);
	assert_int_equal(mock_boot.report.code, code);
	assert_string_equal(mock_boot.report.what, what);
	assert_non_null(strstr(mock_boot.report.rule, rule));
	assert_null(bf_control_vm);
	assert_false(mock_switch[0].running);
	assert_false(mock.cpus[0].vmx_on);
}

/* In the order of linking, once a start, before any CPU is virtualized. */
static void life(void **state)
{
	(void)state;
	for (int round = 0; round < 2; round++) {
		memset(order, 0, sizeof(order));
		assert_int_equal(mock_vmm_start(""), 0);
		assert_string_equal(order, "12");
		assert_true(logged("extension first 1.2 (MIT)"));
		assert_int_equal(mock_vmm_stop(), 0);
		assert_string_equal(order, "12s");
	}
	assert_int_equal(started, 0);
}

static void nothing_but_a_name(void **state)
{
	(void)state;
	descriptors[0] = (struct bf_extension){
		.magic = BF_EXT_MAGIC, .api = BF_API_VERSION, .name = "plain"};
	assert_int_equal(mock_vmm_start(""), 0);
	assert_true(logged("extension plain ? (?)"));
	assert_string_equal(order, "2");
}

static void not_a_descriptor(void **state)
{
	(void)state;
	descriptors[0].magic ^= 1;
	expect_refused(BF_EEXT, "extension descriptor", "magic is not 0x54584542");
	assert_int_equal(mock_boot.report.value, BF_EXT_MAGIC ^ 1);
	assert_string_equal(order, "");
}

/* The report has both versions, in the numbers that people use. */
static void another_major_version(void **state)
{
	char rule[64];

	(void)state;
	for (int step = -1; step <= 1; step += 2) {
		setup(state);
		descriptors[1].api = (uint32_t)(BF_API_MAJOR + step) << 16 | 7;
		snprintf(rule, sizeof(rule), "built for API %d.7, the VMM has %d.%d",
			 BF_API_MAJOR + step, BF_API_MAJOR, BF_API_MINOR);
		expect_refused(BF_EVERSION, "second", rule);
		assert_string_equal(order, "1");
	}
}

/* An extension that is built for another minor version may run. */
static void another_minor_version(void **state)
{
	(void)state;
	descriptors[1].api = (uint32_t)BF_API_MAJOR << 16 | (BF_API_MINOR + 1);
	assert_int_equal(mock_vmm_start(""), 0);
	assert_string_equal(order, "12");
}

static void init_fails(void **state)
{
	(void)state;
	first_status = BF_ENOTSUP;
	expect_refused(BF_EEXT, "first", "init function returned this error");
	assert_int_equal((int64_t)mock_boot.report.value, BF_ENOTSUP);
	assert_string_equal(order, "1");
	/* Nothing of it is left. */
	setup(state);
	assert_int_equal(mock_vmm_start(""), 0);
	assert_string_equal(order, "12");
}

static void no_memory(void **state)
{
	bool refused = false;

	(void)state;
	for (uint64_t page_number = 1; !refused && page_number < 64; page_number++) {
		setup(state);
		mock.fault.page_alloc = page_number;
		refused =
			mock_vmm_start("") == BF_ENOMEM && !strcmp(mock_boot.report.what, "first");
	}
	assert_true(refused);
	assert_non_null(strstr(mock_boot.report.rule, "page pool is used up"));
	assert_string_equal(order, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(life, setup),
		cmocka_unit_test_setup(nothing_but_a_name, setup),
		cmocka_unit_test_setup(not_a_descriptor, setup),
		cmocka_unit_test_setup(another_major_version, setup),
		cmocka_unit_test_setup(another_minor_version, setup),
		cmocka_unit_test_setup(init_fails, setup),
		cmocka_unit_test_setup(no_memory, setup),
	};

	return cmocka_run_group_tests_name("ext", tests, NULL, NULL);
}
