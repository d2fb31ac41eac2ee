/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <string.h>

#include "text.h"
#include "utf8.h"

static void grows(void **state)
{
	struct bfm_text text = {0};

	(void)state;
	assert_string_equal(bfm_text_get(&text), "");
	for (int i = 0; i < 1000; i++)
		bfm_text_printf(&text, "%04d", i);
	assert_int_equal(text.length, 4000);
	assert_int_equal(strlen(bfm_text_get(&text)), 4000);
	assert_string_equal(bfm_text_get(&text) + 3996, "0999");
	bfm_text_clear(&text);
	assert_string_equal(bfm_text_get(&text), "");
	bfm_text_free(&text);
	bfm_text_clear(&text);
}

static void pads_by_characters_of_the_last_line(void **state)
{
	struct bfm_text text = {0};

	(void)state;
	bfm_text_add(&text, "first line\n\xc3\xa4\xc3\xb6");
	bfm_text_pad(&text, 4);
	bfm_text_add(&text, "|");
	bfm_text_pad(&text, 2);
	assert_string_equal(bfm_text_get(&text), "first line\n\xc3\xa4\xc3\xb6  |");
	bfm_text_free(&text);
}

static void cleans_what_could_harm_a_terminal(void **state)
{
	struct bfm_text text = {0};

	(void)state;
	bfm_text_clean(&text, "a\033[2J\n\xff\xc2\x9b\xc3\xa4\0b", 13);
	assert_string_equal(bfm_text_get(&text), "a\\x1b[2J\\x0a\\xff\\xc2\\x9b\xc3\xa4");
	bfm_text_free(&text);
}

static void tells_utf8_from_other_bytes(void **state)
{
	(void)state;
	assert_int_equal(bfm_utf8_size("a", 1), 1);
	assert_int_equal(bfm_utf8_size("\xc3\xa4", 2), 2);
	assert_int_equal(bfm_utf8_size("\xc3\xa4", 1), 0);
	assert_int_equal(bfm_utf8_size("\xe2\x82\xac", 3), 3);
	assert_int_equal(bfm_utf8_size("\xf0\x9f\x98\x80", 4), 4);
	assert_int_equal(bfm_utf8_size("\xc0\xaf", 2), 0);         /* longer than needed */
	assert_int_equal(bfm_utf8_size("\xe0\x80\xaf", 3), 0);     /* longer than needed */
	assert_int_equal(bfm_utf8_size("\xed\xa0\x80", 3), 0);     /* a surrogate */
	assert_int_equal(bfm_utf8_size("\xf4\x90\x80\x80", 4), 0); /* above U+10FFFF */
	assert_int_equal(bfm_utf8_size("\x80", 1), 0);
	assert_int_equal(bfm_utf8_size("", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows),
		cmocka_unit_test(pads_by_characters_of_the_last_line),
		cmocka_unit_test(cleans_what_could_harm_a_terminal),
		cmocka_unit_test(tells_utf8_from_other_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
