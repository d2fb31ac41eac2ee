/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Looking at UTF-8 (RFC 3629): what comes from files and from the VMM may be anything.
 */
#ifndef BFM_UTF8_H
#define BFM_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/** Bytes of the well-formed character at @p bytes, or 0 if there is none in @p count bytes. */
size_t bfm_utf8_size(const char *bytes, size_t count);

/** Whether the well-formed character of @p size bytes is a control character (C0, DEL, C1). */
bool bfm_is_control(const char *bytes, size_t size);

/** Characters of a NUL-terminated string. */
size_t bfm_utf8_count(const char *string);

#endif
