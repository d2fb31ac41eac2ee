/* SPDX-License-Identifier: MIT */
/* The VMM's start and stop on every kind of machine, and what a failure leaves behind. */
#include <bfmock/guest.h>
#include <bfvmm/mem.h>
#include <bfvmm/msr.h>
#include "test.h"

static void life(void **state)
{
	(void)state;
	for (uint32_t p = 0; mock_profiles[p]; p++) {
		mock_reset(mock_profiles[p], 2);
		for (int round = 0; round < 3; round++) {
			int status = mock_vmm_start("");

			if (status)
				fail_msg("%s: %s: %s", mock_profiles[p]->name,
					 mock_boot.report.what, mock_boot.report.rule);
			assert_true(mock_switch[0].running && mock_switch[1].running);
			assert_int_equal(mock_vmm_stop(), 0);
			assert_false(mock_switch[0].running || mock_switch[1].running);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(life),
	};

	return cmocka_run_group_tests_name("start", tests, NULL, NULL);
}
