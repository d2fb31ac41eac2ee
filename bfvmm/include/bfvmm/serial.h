/* SPDX-License-Identifier: MIT */
/**
 * @file
 * A line of text to a 16550 UART, for machines on which the log cannot be read any more.
 */
#ifndef BFVMM_SERIAL_H
#define BFVMM_SERIAL_H

#include <bfabi/types.h>

#define BF_SERIAL_PORTS 8 /**< ports that a UART takes */

/** Writes "bareframe: ", @p line and a line end. Gives up on a UART that never gets ready. */
void bf_serial_line(uint16_t base, const char *line);

#endif
