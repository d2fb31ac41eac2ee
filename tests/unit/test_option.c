/* SPDX-License-Identifier: MIT */
#include <bfabi/boot.h>
#include <bfmock/machine.h>
#include <bfvmm/log.h>
#include <bfvmm/option.h>
#include "test.h"

static struct bf_log_page page;

/* The mock machine keeps the log. */
static int setup(void **state)
{
	(void)state;
	mock_reset(&mock_intel, 1);
	bf_log_init(NULL, 1, BF_LOG_WARN);
	memset(&page, 0, sizeof(page));
	return 0;
}

/* The next warnings begin with these texts; NULL for none. */
static void expect_warnings(const char *first, const char *second)
{
	const char *const texts[] = {first, second};
	uint32_t at = 0;

	bf_log_read(&page);
	for (size_t i = 0; i < COUNT(texts) && texts[i]; i++) {
		assert_true(at < page.count);
		assert_int_equal(page.record[at].level, BF_LOG_WARN);
		assert_memory_equal(page.record[at].text, texts[i], strlen(texts[i]));
		while (page.record[at++].flags & BF_LOG_MORE)
			assert_true(at < page.count);
	}
	assert_int_equal(at, page.count);
}

static void use(const char *text)
{
	char line[BF_CMDLINE_BYTES] = {0};

	snprintf(line, sizeof(line), "%s", text);
	bf_option_init(line);
}

static void values(void **state)
{
	static const struct {
		const char *line, *key, *value; /* NULL: not given */
	} rows[] = {
		{"", "a", NULL},
		{"a=1", "a", "1"},
		{"a=1 b=2", "b", "2"},
		{"a=1", "b", NULL},
		{"ab=1", "a", NULL},
		{"a=1", "ab", NULL},
		{"  a=1   b=2  ", "b", "2"},
		{"flag", "flag", ""},
		{"flag a=1", "flag", ""},
		{"a= b=2", "a", ""},
		{"a=1 a=2", "a", "2"},
		{"a=x=y", "a", "x=y"},
		{"x=a=1", "a", NULL},
		{"sched=rr mem=pool", "mem", "pool"},
	};
	char value[32];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		use(rows[i].line);
		int got = bf_option(rows[i].key, value, sizeof(value));

		if (!rows[i].value) {
			assert_row(got == BF_ENOENT, rows[i].line);
			continue;
		}
		assert_row(got == (int)strlen(rows[i].value), rows[i].line);
		assert_string_equal(value, rows[i].value);
	}
}

static void cut(void **state)
{
	char value[8] = "#######";

	(void)state;
	use("name=abcdefgh");
	assert_int_equal(bf_option("name", value, 4), 3);
	assert_memory_equal(value, "abc\0###", 8);
	assert_int_equal(bf_option("name", value, 0), BF_EINVAL);
}

static void numbers(void **state)
{
	static const struct {
		const char *line;
		uint64_t value;
		const char *warning; /* NULL: there is none */
	} rows[] = {
		{"n=0", 0, NULL},
		{"n=42", 42, NULL},
		{"n=0x2a", 42, NULL},
		{"n=0X2A", 42, NULL},
		{"n=18446744073709551615", UINT64_MAX, NULL},
		{"n=0xffffffffffffffff", UINT64_MAX, NULL},
		{"n=000000000000000000000000000000042", 42, NULL},
		{"m=1", 7, NULL},
		{"n=x n=1", 1, NULL},
		{"n=18446744073709551616", 7, "option \"n=18446744073709551616\" gives no number"},
		{"n=0x10000000000000000", 7, "option \"n=0x10000000000000000\" gives no number"},
		{"n=", 7, "option \"n=\" gives no number"},
		{"a n b", 7, "option \"n\" gives no number"},
		{"n=0x", 7, "option \"n=0x\" gives no number"},
		{"n=4x", 7, "option \"n=4x\" gives no number"},
		{" n=a b", 7, "option \"n=a\" gives no number"},
		{"n=-1", 7, "option \"n=-1\" gives no number"},
		{"n=0x1g", 7, "option \"n=0x1g\" gives no number"},
		{"n=1 n=x", 7, "option \"n=x\" gives no number"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		setup(state);
		use(rows[i].line);
		assert_row(bf_option_number("n", 7) == rows[i].value, rows[i].line);
		expect_warnings(rows[i].warning, NULL);
		/* Whoever reads it again does not hear it again. */
		assert_row(bf_option_number("n", 7) == rows[i].value, rows[i].line);
		expect_warnings(NULL, NULL);
	}
}

/* Words that nobody has looked for are named, and only these. */
static void unread(void **state)
{
	char value[8];

	(void)state;
	use("  known=1 knownx=2 number=0x10 flag  typo known=3 =5 ");
	bf_option("known", value, sizeof(value));
	bf_option("flag", value, sizeof(value));
	bf_option("absent", value, sizeof(value));
	bf_option_number("number", 0);
	bf_option("=5", value, sizeof(value));
	bf_option_report();
	expect_warnings("option \"knownx=2\" is unknown", "option \"typo\" is unknown");
	bf_option("typo", value, 0);
	bf_option("knownx", value, sizeof(value));
	bf_option_report();
	expect_warnings(NULL, NULL);
	/* A new line begins anew. */
	use("known=1 number=x");
	bf_option_report();
	expect_warnings("option \"known=1\" is unknown", "option \"number=x\" is unknown");
	bf_option_number("number", 0);
	expect_warnings("option \"number=x\" gives no number", NULL);
	use("number=x");
	bf_option_number("number", 0);
	expect_warnings("option \"number=x\" gives no number", NULL);
}

/* The longest word there can be is cut, not lost. */
static void long_word(void **state)
{
	char line[BF_CMDLINE_BYTES];

	(void)state;
	memset(line, 'x', sizeof(line));
	bf_option_init(line);
	bf_option_report();
	expect_warnings("option \"xxx", NULL);
	bf_option_report();
	assert_int_equal(bf_log_read(&page), 4);
	assert_int_equal(page.record[3].length, 99);
}

/* A record without its final NUL must not be read past its end. */
static void unterminated(void **state)
{
	char line[BF_CMDLINE_BYTES], value[8];

	(void)state;
	memset(line, 'x', sizeof(line));
	line[0] = ' ';
	bf_option_init(line);
	assert_int_equal(bf_option("y", value, sizeof(value)), BF_ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(cut),
		cmocka_unit_test_setup(numbers, setup),
		cmocka_unit_test_setup(unread, setup),
		cmocka_unit_test_setup(long_word, setup),
		cmocka_unit_test(unterminated),
	};

	return cmocka_run_group_tests_name("option", tests, NULL, NULL);
}
