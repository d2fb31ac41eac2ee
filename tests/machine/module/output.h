/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <linux/types.h>

#define OUTPUT_SIZE 32768

/* All lines so far. */
const char *output(size_t *length);

#endif
