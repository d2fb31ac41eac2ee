/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Filling a struct bf_report.
 */
#ifndef BFVMM_REPORT_H
#define BFVMM_REPORT_H

#include <bfabi/error.h>

/**
 * Notes why something failed, unless @p report already says why.
 *
 * @param what	the field, MSR, requirement or option at fault
 * @param value	its value
 * @param rule	what was expected and the remedy, as a format
 * @return @p code, for "return bf_report(…)"
 */
int bf_report(struct bf_report *report, int code, const char *what, uint64_t value,
	      const char *rule, ...) __attribute__((format(printf, 5, 6)));

#endif
