/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include "json.h"

static void writes_every_kind(void **state)
{
	struct bfm_text text = {0};
	struct bfm_json json;

	(void)state;
	bfm_json_start(&json, &text);
	bfm_json_object(&json, NULL);
	bfm_json_string(&json, "s", "x");
	bfm_json_number(&json, "n", UINT64_MAX);
	bfm_json_signed(&json, "i", -7);
	bfm_json_hex(&json, "h", 0xdeadbeefcafeUL);
	bfm_json_bool(&json, "t", true);
	bfm_json_bool(&json, "f", false);
	bfm_json_null(&json, "z");
	bfm_json_array(&json, "a");
	bfm_json_number(&json, NULL, 1);
	bfm_json_object(&json, NULL);
	bfm_json_end(&json);
	bfm_json_array(&json, NULL);
	bfm_json_end(&json);
	bfm_json_end(&json);
	bfm_json_number(&json, "last", 0);
	bfm_json_end(&json);
	assert_string_equal(bfm_text_get(&text),
			    "{\"s\":\"x\",\"n\":18446744073709551615,\"i\":-7,"
			    "\"h\":\"0xdeadbeefcafe\",\"t\":true,\"f\":false,\"z\":null,"
			    "\"a\":[1,{},[]],\"last\":0}");
	bfm_text_free(&text);
}

static void escapes_strings(void **state)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{"", "\"\""},
		{"a\"b\\c/d", "\"a\\\"b\\\\c/d\""},
		{"\n\r\t", "\"\\n\\r\\t\""},
		{"\001\037\177", "\"\\u0001\\u001f\\u007f\""},
		{"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
		 "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""},
		{"\xc2\x9b", "\"\\u009b\""},
		{"a\xff\xc3", "\"a\\ufffd\\ufffd\""},
		{"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bfm_text text = {0};
		struct bfm_json json;

		bfm_json_start(&json, &text);
		bfm_json_string(&json, NULL, cases[i].from);
		assert_string_equal(bfm_text_get(&text), cases[i].to);
		bfm_text_free(&text);
	}
}

static void ends_strings_where_their_field_ends(void **state)
{
	struct bfm_text text = {0};
	struct bfm_json json;

	(void)state;
	bfm_json_start(&json, &text);
	bfm_json_array(&json, NULL);
	bfm_json_bytes(&json, NULL, "abcdef", 3);
	bfm_json_bytes(&json, NULL, "ab\0def", 6);
	bfm_json_bytes(&json, NULL, "ab\xc3\xa4", 3);
	bfm_json_end(&json);
	assert_string_equal(bfm_text_get(&text), "[\"abc\",\"ab\",\"ab\\ufffd\"]");
	bfm_text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_every_kind),
		cmocka_unit_test(escapes_strings),
		cmocka_unit_test(ends_strings_where_their_field_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
