/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The log of the VMM, read on the target with `bfm log`.
 */
#ifndef BAREFRAME_LOG_H
#define BAREFRAME_LOG_H

#include <bfabi/log.h>

/**
 * Writes one line. Callable everywhere in the VMM, NMI handlers included; takes no lock, does no
 * I/O unless the command line asks for a port. Knows %%s %%c %%d %%u %%x %%p %%%% with l and ll,
 * field widths, left-alignment and zero fill.
 */
void bf_log(enum bf_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define bf_error(...) bf_log(BF_LOG_ERROR, __VA_ARGS__)
#define bf_warn(...)  bf_log(BF_LOG_WARN, __VA_ARGS__)
#define bf_info(...)  bf_log(BF_LOG_INFO, __VA_ARGS__)
#define bf_debug(...) bf_log(BF_LOG_DEBUG, __VA_ARGS__)

#endif
