/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The VMM's command line: "key=value key …". Values end at a blank.
 */
#ifndef BFVMM_OPTION_H
#define BFVMM_OPTION_H

#include <bareframe/ext.h>

/** Takes over a copy of @p cmdline, at most BF_CMDLINE_BYTES long. */
void bf_option_init(const char *cmdline);

/** Warns in the log about each word that bf_option() and bf_option_number() have not looked for. */
void bf_option_report(void);

#endif
