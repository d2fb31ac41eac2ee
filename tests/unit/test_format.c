/* SPDX-License-Identifier: MIT */
#include <bfvmm/format.h>
#include "test.h"

/* The C library is the judge of everything that both know. */
#define SAME(...)                                                                                  \
	do {                                                                                       \
		char ours[200], theirs[200];                                                       \
		int length = snprintf(theirs, sizeof(theirs), __VA_ARGS__);                        \
                                                                                                   \
		assert_int_equal(bf_format(ours, sizeof(ours), __VA_ARGS__), length);              \
		assert_string_equal(ours, theirs);                                                 \
	} while (0)

static void numbers(void **state)
{
	(void)state;
	SAME("%d %d %d", 0, 1, -1);
	SAME("%d %d", INT32_MAX, INT32_MIN);
	SAME("%ld %ld", INT64_MAX, INT64_MIN);
	SAME("%u %lu %llu", UINT32_MAX, UINT64_MAX, (unsigned long long)UINT64_MAX);
	SAME("%x %lx %llx", 0xabcdef12u, UINT64_MAX, 0x123456789ULL);
	SAME("%#x %#lx", 0x10u, 0xffffUL);
}

static void widths(void **state)
{
	(void)state;
	SAME("[%5d] [%-5d] [%05d]", 42, 42, 42);
	SAME("[%5d] [%-5d] [%05d]", -42, -42, -42);
	SAME("[%2d] [%02d]", 12345, 12345);
	SAME("[%016lx] [%#10x] [%#010x]", 0xbeefUL, 0xffu, 0xffu);
	SAME("[%8s] [%-8s] [%2s]", "abc", "abc", "abcdef");
	SAME("[%3c] [%-3c]", 'x', 'y');
}

static void text(void **state)
{
	(void)state;
	SAME("%s%s", "", "plain");
	SAME("%c%%%c", 'a', 'b');
	SAME("no conversion at all");
}

static void null_text(void **state)
{
	char out[20];
	const char *volatile nothing = NULL;

	(void)state;
	bf_format(out, sizeof(out), "%s", nothing);
	assert_string_equal(out, "(null)");
}

static void pointer(void **state)
{
	char out[32];

	(void)state;
	bf_format(out, sizeof(out), "%p", (void *)0xffff8000deadbeef);
	assert_string_equal(out, "0xffff8000deadbeef");
	bf_format(out, sizeof(out), "%p", NULL);
	assert_string_equal(out, "0x0");
}

static void cut(void **state)
{
	char out[8] = "#######";

	(void)state;
	assert_int_equal(bf_format(out, 5, "%s", "abcdefgh"), 4);
	assert_memory_equal(out, "abcd\0##", 8);
	assert_int_equal(bf_format(out, 1, "%d", 12345), 0);
	assert_string_equal(out, "");
}

static size_t call(char *to, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	size_t used = bf_vformat(to, size, format, args);
	va_end(args);
	return used;
}

/* What a compiler would warn of must still not run off the format. */
static void broken(void **state)
{
	char out[20];

	(void)state;
	assert_int_equal(call(out, sizeof(out), "abc%"), 3);
	assert_string_equal(out, "abc");
	assert_int_equal(call(out, sizeof(out), "%-08l"), 0);
	assert_int_equal(call(out, sizeof(out), "%q"), 1);
	assert_string_equal(out, "q");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),   cmocka_unit_test(widths),  cmocka_unit_test(text),
		cmocka_unit_test(null_text), cmocka_unit_test(pointer), cmocka_unit_test(cut),
		cmocka_unit_test(broken),
	};

	return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
