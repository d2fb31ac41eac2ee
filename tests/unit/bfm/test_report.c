/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <errno.h>
#include <string.h>

#include "errors.h"
#include "exits.h"
#include "report.h"

static void check_line(const struct bf_report *report, const char *expected)
{
	struct bfm_text text = {0};

	bfm_report_line(&text, report);
	assert_string_equal(bfm_text_get(&text), expected);
	bfm_text_free(&text);
}

static void expands_a_report(void **state)
{
	struct bf_report report = {BF_EFIRMWARE, 3, 1, "IA32_FEATURE_CONTROL", ""};

	(void)state;
	check_line(&report, "CPU 3: IA32_FEATURE_CONTROL = 0x1: virtualization is disabled by "
			    "firmware (BF_EFIRMWARE)");
	report = (struct bf_report){BF_EFEATURE, 0, 0, "CPUID.EPT", ""};
	check_line(&report,
		   "CPU 0: CPUID.EPT = 0x0: a required CPU feature is missing (BF_EFEATURE)");
	report = (struct bf_report){BF_ESTATE, 0, 0, "state", ""};
	check_line(&report, "not allowed in this state (BF_ESTATE)");
	report = (struct bf_report){BF_EIMAGE, 0, 0x3, "e_machine", ""};
	check_line(&report, "e_machine = 0x3: bad VMM image (BF_EIMAGE)");
	report = (struct bf_report){BF_ENOMEM, 0, 0, "", ""};
	check_line(&report, "out of memory (BF_ENOMEM)");
}

static void survives_a_report_that_is_no_good(void **state)
{
	struct bf_report report = {-99, 0, 5, "", ""};

	(void)state;
	check_line(&report, "an error that this bfm does not know (BF_E99)");
	report.code = 7;
	check_line(&report, "an error that this bfm does not know (BF_E4294967289)");
	assert_int_equal(bfm_code_exit(INT32_MIN), BFM_SOFTWARE);
	/* No field is ended by a NUL. */
	memset(&report, 'x', sizeof(report));
	report.code = BF_EIMAGE;
	report.cpu = 0;
	struct bfm_text text = {0};

	bfm_report_line(&text, &report);
	bfm_report_rule(&text, &report);
	assert_int_equal(strspn(bfm_text_get(&text), "x"), sizeof(report.what));
	bfm_text_free(&text);
}

static void every_code_has_a_name_and_an_exit_code(void **state)
{
	(void)state;
#define X(name, number, message)                                                                   \
	assert_string_equal(bfm_code_text(name), message);                                         \
	assert_in_range(bfm_code_exit(name), BFM_USAGE, BFM_NO_PERMISSION);
	BF_ERRORS(X)
#undef X
}

static void json(const struct bf_report *report, struct bfm_text *text)
{
	struct bfm_json json;

	bfm_json_start(&json, text);
	bfm_report_json(&json, NULL, report);
}

static void writes_reports_for_programs(void **state)
{
	struct bf_report report = {BF_EENTRY, 1, 0x10, "VMCS \"x\"", "be 0"};
	struct bfm_text text = {0};

	(void)state;
	json(&report, &text);
	assert_string_equal(bfm_text_get(&text),
			    "{\"code\":\"BF_EENTRY\",\"number\":-10,"
			    "\"text\":\"VM entry would fail or has failed\",\"cpu\":1,"
			    "\"what\":\"VMCS \\\"x\\\"\",\"value\":\"0x10\",\"rule\":\"be 0\"}");
	bfm_text_clear(&text);
	report.code = 0;
	json(&report, &text);
	assert_string_equal(bfm_text_get(&text), "null");
	bfm_text_free(&text);
}

static void every_errno_has_a_cause_and_a_remedy(void **state)
{
	(void)state;
	for (int error = 1; error < 140; error++) {
		struct bfm_cause causes[] = {bfm_open_cause(error), bfm_request_cause(error)};

		for (size_t i = 0; i < 2; i++) {
			assert_true(strlen(causes[i].cause) > 0);
			assert_true(strlen(causes[i].remedy) > 0);
			assert_int_not_equal(causes[i].remedy[0], '@');
			assert_in_range(causes[i].exit, BFM_USAGE, BFM_NO_PERMISSION);
		}
	}
	assert_int_equal(bfm_open_cause(EACCES).exit, BFM_NO_PERMISSION);
	assert_int_equal(bfm_request_cause(ENOTTY).exit, BFM_PROTOCOL);
}

static void states_explain_refusals(void **state)
{
	(void)state;
	assert_non_null(strstr(bfm_state_remedy(OS_START, BF_STATE_UNLOADED), "bfm load"));
	assert_non_null(strstr(bfm_state_remedy(OS_UNLOAD, BF_STATE_RUNNING), "bfm stop"));
	assert_null(bfm_state_remedy(OS_START, BF_STATE_LOADED));
	assert_null(bfm_state_remedy(OS_START, 77));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expands_a_report),
		cmocka_unit_test(survives_a_report_that_is_no_good),
		cmocka_unit_test(every_code_has_a_name_and_an_exit_code),
		cmocka_unit_test(writes_reports_for_programs),
		cmocka_unit_test(every_errno_has_a_cause_and_a_remedy),
		cmocka_unit_test(states_explain_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
