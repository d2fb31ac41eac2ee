/* SPDX-License-Identifier: MIT */
/* An extension of another major version of the API is refused, and the report has both numbers. */
#include <bareframe/version.h>
#include <bfmock/guest.h>
#include "test.h"

static void refused_with_both_numbers(void **state)
{
	char built[32], has[32];

	(void)state;
	snprintf(built, sizeof(built), "API %d.3,", BF_API_MAJOR + 1);
	snprintf(has, sizeof(has), "VMM has %d.%d:", BF_API_MAJOR, BF_API_MINOR);
	for (const struct mock_profile *const *cpu = mock_profiles; *cpu; cpu++) {
		mock_reset(*cpu, 1);
		assert_int_equal(mock_vmm_init(""), BF_EVERSION);
		assert_int_equal(mock_boot.report.code, BF_EVERSION);
		assert_string_equal(mock_boot.report.what, "api_v2");
		assert_int_equal(mock_boot.report.value, BF_API_MAJOR + 1);
		assert_non_null(strstr(mock_boot.report.rule, built));
		assert_non_null(strstr(mock_boot.report.rule, has));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(refused_with_both_numbers)};

	return cmocka_run_group_tests_name("api_v2", tests, NULL, NULL);
}
