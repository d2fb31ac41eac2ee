/* SPDX-License-Identifier: MIT */
#include <bfabi/boot.h>
#include <bfvmm/option.h>
#include "test.h"

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
	} rows[] = {
		{"n=0", 0},
		{"n=42", 42},
		{"n=0x2a", 42},
		{"n=0X2A", 42},
		{"n=18446744073709551615", UINT64_MAX},
		{"n=0xffffffffffffffff", UINT64_MAX},
		{"n=18446744073709551616", 7},
		{"n=0x10000000000000000", 7},
		{"n=000000000000000000000000000000042", 42},
		{"n=", 7},
		{"n", 7},
		{"m=1", 7},
		{"n=0x", 7},
		{"n=4x", 7},
		{"n=a", 7},
		{"n=-1", 7},
		{"n=0x1g", 7},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		use(rows[i].line);
		assert_row(bf_option_number("n", 7) == rows[i].value, rows[i].line);
	}
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
		cmocka_unit_test(numbers),
		cmocka_unit_test(unterminated),
	};

	return cmocka_run_group_tests_name("option", tests, NULL, NULL);
}
