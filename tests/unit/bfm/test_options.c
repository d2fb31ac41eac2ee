/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <bfabi/log.h>
#include <string.h>

#include "command.h"

#define WORDS 8

struct given {
	const struct bfm_command *command;
	struct bfm_options options;
	char error[200];
	int code;
};

static struct given parse(const char *const *words)
{
	char *argv[WORDS];
	int argc = 0;
	struct given given = {0};
	struct bfm_text error = {0};

	for (; words[argc]; argc++)
		argv[argc] = (char *)words[argc];
	given.code = bfm_options_parse(argc, argv, &given.command, &given.options, &error);
	snprintf(given.error, sizeof(given.error), "%s", bfm_text_get(&error));
	bfm_text_free(&error);
	return given;
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static void finds_every_command(void **state)
{
	(void)state;
	for (const struct bfm_command *c = bfm_commands; c->name; c++) {
		struct given given = PARSE(c->name, "--help");

		assert_int_equal(given.code, 0);
		assert_ptr_equal(given.command, c);
		assert_true(given.options.help);
	}
}

static void takes_options_in_every_form(void **state)
{
	struct given given;

	(void)state;
	given = PARSE("load", "a.elf", "--args", "x=1 y=2", "--pool=16", "-l", "debug");
	assert_int_equal(given.code, 0);
	assert_string_equal(given.options.file, "a.elf");
	assert_string_equal(given.options.args, "x=1 y=2");
	assert_int_equal(given.options.pool_mib, 16);
	assert_int_equal(given.options.log_level, BF_LOG_DEBUG);

	given = PARSE("-q", "--device", "/dev/x", "load", "-p0x20", "--args=a=b", "b.elf");
	assert_int_equal(given.code, 0);
	assert_true(given.options.quiet);
	assert_string_equal(given.options.device, "/dev/x");
	assert_int_equal(given.options.pool_mib, 32);
	assert_string_equal(given.options.args, "a=b");

	given = PARSE("log", "-fqlwarn");
	assert_int_equal(given.code, 0);
	assert_true(given.options.follow && given.options.quiet);
	assert_int_equal(given.options.level, BF_LOG_WARN);
}

static void two_dashes_end_the_options(void **state)
{
	struct given given = PARSE("load", "--", "-odd.elf");

	(void)state;
	assert_int_equal(given.code, 0);
	assert_string_equal(given.options.file, "-odd.elf");
}

static void nothing_given_is_no_error_of_the_parser(void **state)
{
	const char *const none[] = {NULL};
	struct given given = parse(none);

	(void)state;
	assert_int_equal(given.code, 0);
	assert_null(given.command);
}

static void says_what_is_wrong(void **state)
{
	static const struct {
		const char *words[WORDS];
		const char *error;
	} cases[] = {
		{{"frob"}, "unknown command 'frob'"},
		{{"start", "--jsn"}, "unknown option '--jsn'"},
		{{"start", "--json"}, "unknown option '--json'"},
		{{"start", "-x"}, "unknown option '-x'"},
		{{"start", "now"}, "surplus word 'now'"},
		{{"load", "a", "b"}, "surplus word 'b'"},
		{{"load", ""}, "FILE is empty"},
		{{"load", "--args"}, "option '--args' needs a value: \"KEY=VALUE ...\""},
		{{"log", "-l"}, "option '--level' needs a value: LEVEL"},
		{{"status", "--json=1"}, "option '--json' takes no value"},
		{{"load", "--pool", "0"},
		 "option '--pool': wrong value '0': it takes a number from 1 to 65536"},
		{{"load", "--pool", "-1"},
		 "option '--pool': wrong value '-1': it takes a number from 1 to 65536"},
		{{"load", "--pool", "4M"},
		 "option '--pool': wrong value '4M': it takes a number from 1 to 65536"},
		{{"load", "--pool="},
		 "option '--pool': wrong value '': it takes a number from 1 to 65536"},
		{{"load", "--pool", "99999999999999999999"},
		 "option '--pool': wrong value '99999999999999999999': it takes a number from 1 "
		 "to 65536"},
		{{"log", "--level", "loud"},
		 "option '--level': wrong value 'loud': it takes one of error, warn, info, debug"},
		{{"a\033b"}, "unknown command 'a\\x1bb'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct given given = parse(cases[i].words);

		assert_int_equal(given.code, BFM_USAGE);
		assert_string_equal(given.error, cases[i].error);
	}
}

static void help_names_every_command_and_option(void **state)
{
	struct bfm_text text = {0};

	(void)state;
	bfm_help(&text, NULL);
	for (const struct bfm_command *c = bfm_commands; c->name; c++)
		assert_non_null(strstr(bfm_text_get(&text), c->summary));
	for (const struct bfm_command *c = bfm_commands; c->name; c++) {
		bfm_text_clear(&text);
		bfm_help(&text, c);
		assert_non_null(strstr(bfm_text_get(&text), "--device PATH"));
		for (size_t i = 0; c->options && c->options[i]; i++)
			assert_non_null(strstr(bfm_text_get(&text), c->options[i]->help));
	}
	bfm_text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_every_command),
		cmocka_unit_test(takes_options_in_every_form),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(nothing_given_is_no_error_of_the_parser),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(help_names_every_command_and_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
