/* SPDX-License-Identifier: MIT */
/**
 * @file
 * A growing string. Zero-initialised it is empty; running out of memory ends the program.
 */
#ifndef BFM_TEXT_H
#define BFM_TEXT_H

#include <stddef.h>

struct bfm_text {
	char *data;
	size_t length; /**< bytes in use, terminating NUL not counted */
	size_t room;   /**< bytes allocated */
};

/** The string; never NULL, valid until the next change. */
const char *bfm_text_get(const struct bfm_text *text);

void bfm_text_bytes(struct bfm_text *text, const void *bytes, size_t count);
void bfm_text_add(struct bfm_text *text, const char *string);
void bfm_text_printf(struct bfm_text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Fills with blanks up to @p column, counted in characters from the start of the last line. */
void bfm_text_pad(struct bfm_text *text, size_t column);

/**
 * Adds up to @p count bytes from elsewhere, up to a NUL, so that a terminal can do no harm with
 * them: control characters and bytes that are not UTF-8 come out as \xNN.
 */
void bfm_text_clean(struct bfm_text *text, const char *bytes, size_t count);

/** Empties the string but keeps its memory. */
void bfm_text_clear(struct bfm_text *text);
void bfm_text_free(struct bfm_text *text);

#endif
