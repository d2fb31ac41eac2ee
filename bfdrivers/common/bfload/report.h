/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Filling struct bf_report and other short texts without a C library.
 */
#ifndef BFLOAD_REPORT_H
#define BFLOAD_REPORT_H

#include <bfabi/error.h>

/**
 * Copies @p from into @p to of @p bytes bytes: cut where it is too long, always NUL-terminated,
 * the rest zeroed.
 */
void bf_text_copy(char *to, uint64_t bytes, const char *from);

/** @return the text of a BF_E* code; never NULL. */
const char *bf_error_text(int64_t code);

/**
 * Says why something failed, unless @p report says so already: the first report is the most
 * exact one.
 *
 * @param report where to write; NULL is allowed
 * @param code   a BF_E* code
 * @param what   the thing at fault
 * @param value  its value
 * @param rule   what was expected of it and how to set it right
 * @return @p code
 */
int bf_report_set(struct bf_report *report, int code, const char *what, uint64_t value,
		  const char *rule);

/**
 * Makes a report of another party safe to keep: @p code must be one of ours, the texts end.
 * Takes nothing if @p to holds a report already or @p from holds none.
 */
void bf_report_take(struct bf_report *to, const struct bf_report *from);

#endif
