/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <errno.h>
#include <string.h>

#include "fake_os.h"
#include "log.h"

static struct bfm_text seen;

static void on_line(void *context, const struct bfm_log_line *line)
{
	(void)context;
	bfm_text_printf(&seen, "%u/%u:%s%s|", (unsigned int)line->seq, line->cpu,
			bfm_text_get(&line->text), line->cut ? "~" : "");
}

static void on_lost(void *context, uint64_t records)
{
	(void)context;
	bfm_text_printf(&seen, "lost %u|", (unsigned int)records);
}

static const struct bfm_log_sink sink = {on_line, on_lost, NULL};
static struct bfm_log_reader reader;
static int fetches;

static int fetch(void *context, struct bf_log_page *page)
{
	struct bf_ioctl_log record = {.page.from = page->from};
	struct os_device device;
	int error = os_device_request(&device, OS_LOG, &record);

	(void)context;
	fetches++;
	*page = record.page;
	return error;
}

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	reader = (struct bfm_log_reader){0};
	fetches = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	bfm_log_join_end(&reader.join, &sink);
	bfm_text_free(&seen);
	return 0;
}

static void expect(const char *text)
{
	assert_string_equal(bfm_text_get(&seen), text);
	bfm_text_clear(&seen);
}

static void joins_lines_of_each_cpu(void **state)
{
	(void)state;
	fake_log(1, 0, BF_LOG_INFO, BF_LOG_MORE, "one ");
	fake_log(2, 1, BF_LOG_INFO, BF_LOG_MORE, "two ");
	fake_log(3, 0, BF_LOG_INFO, BF_LOG_MORE, "goes ");
	fake_log(4, 1, BF_LOG_INFO, 0, "ends\n");
	fake_log(5, 0, BF_LOG_INFO, 0, "on");
	fake_log(6, 0, BF_LOG_INFO, 0, "new");
	assert_int_equal(bfm_log_drain(&reader, fetch, NULL, &sink), 0);
	expect("2/1:two ends|1/0:one goes on|6/0:new|");
}

static void joins_over_pages_and_reads(void **state)
{
	(void)state;
	fake.log_page_limit = 1;
	fake_log(1, 0, BF_LOG_INFO, BF_LOG_MORE, "a");
	fake_log(2, 0, BF_LOG_INFO, BF_LOG_MORE, "b");
	assert_int_equal(bfm_log_drain(&reader, fetch, NULL, &sink), 0);
	assert_int_equal(fetches, 3);
	expect("");
	fake_log(3, 0, BF_LOG_INFO, 0, "c");
	assert_int_equal(bfm_log_drain(&reader, fetch, NULL, &sink), 0);
	expect("1/0:abc|");
}

static void cuts_lines_whose_end_is_lost(void **state)
{
	struct bf_log_page page = {.count = 1, .lost = 7};

	(void)state;
	fake_log(1, 2, BF_LOG_INFO, BF_LOG_MORE, "begin");
	bfm_log_drain(&reader, fetch, NULL, &sink);
	page.record[0] = (struct bf_log_record){.seq = 20, .cpu = 2, .length = 3, .text = "end"};
	bfm_log_join_page(&reader.join, &page, &sink);
	expect("1/2:begin~|lost 7|20/2:end|");
	fake_log(21, 2, BF_LOG_INFO, BF_LOG_MORE, "open");
	bfm_log_drain(&reader, fetch, NULL, &sink);
	bfm_log_join_end(&reader.join, &sink);
	expect("21/2:open~|");
}

static void counts_what_was_lost_before(void **state)
{
	(void)state;
	fake.log_lost = 3;
	fake_log(4, 0, BF_LOG_INFO, 0, "x");
	bfm_log_drain(&reader, fetch, NULL, &sink);
	expect("lost 3|4/0:x|");
}

static int fetch_nonsense(void *context, struct bf_log_page *page)
{
	(void)context;
	fetches++;
	memset(page, 0xff, sizeof(*page));
	page->from = 1;
	return 0;
}

static void survives_a_page_of_nonsense(void **state)
{
	(void)state;
	assert_int_equal(bfm_log_drain(&reader, fetch_nonsense, NULL, &sink), 0);
	assert_int_equal(fetches, 1);
	bfm_text_clear(&seen);
}

static void passes_errors_on(void **state)
{
	(void)state;
	fake.error[OS_LOG] = EIO;
	assert_int_equal(bfm_log_drain(&reader, fetch, NULL, &sink), EIO);
}

static void notices_a_new_log(void **state)
{
	(void)state;
	assert_false(bfm_log_restarted(&reader, fetch, NULL));
	fake_log(1, 0, BF_LOG_INFO, 0, "old 1");
	fake_log(2, 0, BF_LOG_INFO, 0, "old 2");
	bfm_log_drain(&reader, fetch, NULL, &sink);
	assert_false(bfm_log_restarted(&reader, fetch, NULL));
	bfm_text_clear(&seen);

	/* Fewer records than before. */
	fake.log_count = 0;
	fake_log(1, 0, BF_LOG_INFO, 0, "new 1");
	assert_true(bfm_log_restarted(&reader, fetch, NULL));
	bfm_log_drain(&reader, fetch, NULL, &sink);
	expect("1/0:new 1|");

	/* The same number, but another time. */
	fake.log[0].tsc = 5;
	assert_true(bfm_log_restarted(&reader, fetch, NULL));
	bfm_log_drain(&reader, fetch, NULL, &sink);
	expect("1/0:new 1|");

	/* Overwritten, but the same log. */
	fake.log[0].seq = 50;
	assert_false(bfm_log_restarted(&reader, fetch, NULL));
}

static void formats_lines(void **state)
{
	struct bfm_log_line line = {.seq = 3, .tsc = 123456, .cpu = 1, .level = BF_LOG_WARN};
	struct bfm_text text = {0};

	(void)state;
	bfm_text_add(&line.text, "say \"hi\"\t\033");
	bfm_log_line_text(&text, &line);
	assert_string_equal(bfm_text_get(&text),
			    "          123456 CPU 1   warn  say \"hi\"\\x09\\x1b\n");
	bfm_text_clear(&text);
	line.cut = true;
	line.level = 200;
	bfm_log_line_json(&text, &line);
	assert_string_equal(bfm_text_get(&text),
			    "{\"seq\":3,\"tsc\":123456,\"cpu\":1,\"level\":\"unknown\","
			    "\"text\":\"say \\\"hi\\\"\\t\\u001b\",\"cut\":true}\n");
	bfm_text_clear(&text);
	bfm_log_lost_text(&text, 1);
	bfm_log_lost_json(&text, 2);
	assert_string_equal(bfm_text_get(&text),
			    "[1 record was overwritten before being read]\n{\"lost\":2}\n");
	bfm_text_free(&text);
	bfm_text_free(&line.text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(joins_lines_of_each_cpu),
		TEST(joins_over_pages_and_reads),
		TEST(cuts_lines_whose_end_is_lost),
		TEST(counts_what_was_lost_before),
		TEST(survives_a_page_of_nonsense),
		TEST(passes_errors_on),
		TEST(notices_a_new_log),
		TEST(formats_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
