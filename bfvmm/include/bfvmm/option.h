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

#endif
