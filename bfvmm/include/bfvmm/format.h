/* SPDX-License-Identifier: MIT */
/**
 * @file
 * A small vsnprintf: see bf_log() for what it knows.
 */
#ifndef BFVMM_FORMAT_H
#define BFVMM_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/** @return bytes written without the NUL, at most @p size - 1; @p size must not be 0. */
size_t bf_vformat(char *to, size_t size, const char *format, va_list args);

size_t bf_format(char *to, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
