/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What the mock machine did last. Every assertion of CMocka that fails prints it, with the lines of
 * the VMM's log; with MOCK_TRACE=1 in the environment each line is printed when it happens.
 */
#ifndef BFMOCK_TRACE_H
#define BFMOCK_TRACE_H

/** Adds a line; a test may say here what it is about to do. Old lines make room. */
void mock_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Prints the lines that are there to the standard error. */
void mock_trace_print(void);

#endif
