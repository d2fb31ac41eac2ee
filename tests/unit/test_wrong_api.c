/* SPDX-License-Identifier: MIT */
/* An extension that is built for another version of the API is refused, with both numbers. */
#include <bareframe/version.h>
#include <bfmock/guest.h>
#include "test.h"

static void refused(void **state)
{
	char both[64];

	(void)state;
	snprintf(both, sizeof(both), "built for API %d.0, the VMM has %d.%d", BF_API_MAJOR + 1,
		 BF_API_MAJOR, BF_API_MINOR);
	for (const struct mock_profile *const *cpu = mock_profiles; *cpu; cpu++) {
		mock_reset(*cpu, 2);
		assert_int_equal(mock_vmm_start(""), BF_EVERSION);
		assert_string_equal(mock_boot.report.what, "wrong_api");
		assert_non_null(strstr(mock_boot.report.rule, both));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(refused)};

	return cmocka_run_group_tests_name("wrong_api", tests, NULL, NULL);
}
