/* SPDX-License-Identifier: MIT */
/**
 * @file
 * One run of the program, and how it speaks.
 */
#ifndef BFM_BFM_H
#define BFM_BFM_H

#include <stdio.h>

#include "exits.h"
#include "options.h"
#include "text.h"

struct bfm {
	const struct bfm_command *command;
	struct bfm_options options;
	FILE *out; /**< results */
	FILE *err; /**< errors and warnings */
};

/** The whole program: parses, runs the command, prints. @return its exit code */
int bfm_run(int argc, char *const *argv, FILE *out, FILE *err);

/** Prints @p text as a result and empties it. */
void bfm_print(struct bfm *bfm, struct bfm_text *text);

/** Prints a line that says what was done; nothing with --quiet. */
void bfm_say(struct bfm *bfm, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * Prints an error: what, with its value and cause, and below it how to set it right.
 *
 * @param remedy  one sentence, or NULL if there is nothing to be done
 * @return @p code, for "return bfm_fail(…)"
 */
int bfm_fail(struct bfm *bfm, int code, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
