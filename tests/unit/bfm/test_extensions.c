/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <string.h>

#include "extensions.h"

static struct bf_ext_page page;
static struct bfm_extensions all;

static int setup(void **state)
{
	(void)state;
	all = (struct bfm_extensions){0};
	page = (struct bf_ext_page){
		.count = 2, .total = 2, .timed_exits = 64, .cpu_cycles = 64000000};
	page.record[0] = (struct bf_ext_record){
		.name = "watcher", .hooks = 2, .calls = 12345678901, .timed_cycles = 12345};
	page.record[1] = (struct bf_ext_record){
		.name = "broken", .state = BF_EXT_DISABLED, .calls = 1, .timed_cycles = 0};
	return 0;
}

static void table(void **state)
{
	struct bfm_text text = {0};

	(void)state;
	assert_false(bfm_extensions_add(&all, &page));
	bfm_extensions_text(&text, &all);
	assert_string_equal(
		bfm_text_get(&text),
		"extension                            state   hooks           calls"
		"      time share\n"
		"watcher                             active       2     12345678901"
		"        1.2345 %\n"
		"broken                            disabled       0               1"
		"        0.0000 %\n"
		"The time share is an estimate: the time in hooks at one exit of 64, taken for "
		"all,\nof the time that the CPUs have been under the VMM.\n");
	bfm_text_free(&text);
}

static void json(void **state)
{
	struct bfm_text text = {0};
	struct bfm_json out;

	(void)state;
	bfm_extensions_add(&all, &page);
	bfm_json_start(&out, &text);
	bfm_json_object(&out, NULL);
	bfm_extensions_json(&out, &all);
	bfm_json_end(&out);
	assert_string_equal(bfm_text_get(&text),
			    "{\"extensions\":["
			    "{\"name\":\"watcher\",\"state\":\"active\",\"hooks\":2,"
			    "\"calls\":12345678901,\"estimated_cycles\":790080,"
			    "\"estimated_ppm\":12345},"
			    "{\"name\":\"broken\",\"state\":\"disabled\",\"hooks\":0,"
			    "\"calls\":1,\"estimated_cycles\":0,\"estimated_ppm\":0}],"
			    "\"timed_exits\":64,\"cpu_cycles\":64000000}");
	bfm_text_free(&text);
}

static void nothing(void **state)
{
	struct bfm_text text = {0};

	(void)state;
	page.count = page.total = 0;
	assert_false(bfm_extensions_add(&all, &page));
	bfm_extensions_text(&text, &all);
	assert_string_equal(bfm_text_get(&text), "no extensions\n");
	/* A VMM that has just started. */
	all.cpu_cycles = 0;
	assert_int_equal(bfm_extension_ppm(&all, &page.record[0]), 0);
	bfm_text_free(&text);
}

/* What a newer or a broken VMM tells must do no harm. */
static void strange(void **state)
{
	struct bfm_text text = {0};

	(void)state;
	page.count = 0xffffffff;
	page.total = BF_EXT_PAGE_RECORDS;
	page.record[0].state = 77;
	memset(page.record[0].name, '\033', sizeof(page.record[0].name));
	assert_false(bfm_extensions_add(&all, &page));
	assert_int_equal(all.count, BF_EXT_PAGE_RECORDS);
	bfm_extensions_text(&text, &all);
	assert_non_null(strstr(bfm_text_get(&text), "unknown"));
	assert_non_null(strstr(bfm_text_get(&text), "\\x1b"));
	assert_null(strchr(bfm_text_get(&text), '\033'));
	bfm_text_free(&text);
}

static void several_pages(void **state)
{
	struct bfm_text text = {0};
	uint32_t pages = 1;

	(void)state;
	page.count = BF_EXT_PAGE_RECORDS;
	page.total = BFM_EXTENSIONS_MAX + 10;
	while (bfm_extensions_add(&all, &page))
		pages++;
	assert_int_equal(pages, (BFM_EXTENSIONS_MAX - 1) / BF_EXT_PAGE_RECORDS + 1);
	assert_int_equal(all.count, BFM_EXTENSIONS_MAX);
	bfm_extensions_text(&text, &all);
	assert_non_null(strstr(bfm_text_get(&text), "\nand 10 more\n"));
	bfm_text_free(&text);
	/* One that says that there are more, and never gives any. */
	page.count = 0;
	all.count = 3;
	assert_false(bfm_extensions_add(&all, &page));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(table, setup),
		cmocka_unit_test_setup(json, setup),
		cmocka_unit_test_setup(nothing, setup),
		cmocka_unit_test_setup(strange, setup),
		cmocka_unit_test_setup(several_pages, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
