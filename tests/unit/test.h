/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What every unit test includes.
 */
#ifndef BF_TEST_H
#define BF_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/** Fails naming the row of a table that was under test. */
#define assert_row(condition, name)                                                                \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail_msg("%s: %s", (name), #condition);                                    \
	} while (0)

#endif
