/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What the tests of examples share: on both vendors, with what the log has in the end.
 */
#ifndef BF_EXAMPLE_H
#define BF_EXAMPLE_H

#include <bfmock/guest.h>
#include <bfvmm/log.h>
#include "test.h"

/** Runs @p test under a VMM with @p cmdline on each vendor's CPU, with two of them. */
static inline void example_each(const char *cmdline, void (*test)(void))
{
	const struct mock_profile *const profiles[] = {&mock_intel, &mock_amd};

	for (size_t i = 0; i < COUNT(profiles); i++) {
		mock_reset(profiles[i], 2);
		assert_int_equal(mock_vmm_start(cmdline), 0);
		mock_cpu_switch(0);
		bf_vcpu_set(mock_vcpu(), BF_RIP, MOCK_GUEST_RIP);
		test();
	}
}

/** @return whether one of the log's lines has @p text in it. Takes all lines. */
static inline bool example_logged(const char *text)
{
	struct bf_log_page page = {0};
	bool found = false;

	while (bf_log_read(&page))
		for (uint32_t i = 0; i < page.count; i++)
			found |= strstr(page.record[i].text, text) != NULL;
	return found;
}

#endif
