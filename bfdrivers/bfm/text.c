/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exits.h"
#include "utf8.h"

static void reserve(struct bfm_text *text, size_t count)
{
	size_t room = text->room ? text->room : 64;
	char *data;

	if (text->room - text->length > count)
		return;
	while (room - text->length <= count)
		room *= 2;
	data = realloc(text->data, room);
	if (!data) {
		fputs("bfm: out of memory\n    remedy: free some memory and try again\n", stderr);
		exit(BFM_OS);
	}
	text->data = data;
	text->room = room;
}

const char *bfm_text_get(const struct bfm_text *text)
{
	return text->data ? text->data : "";
}

void bfm_text_bytes(struct bfm_text *text, const void *bytes, size_t count)
{
	reserve(text, count);
	memcpy(text->data + text->length, bytes, count);
	text->length += count;
	text->data[text->length] = '\0';
}

void bfm_text_add(struct bfm_text *text, const char *string)
{
	bfm_text_bytes(text, string, strlen(string));
}

void bfm_text_printf(struct bfm_text *text, const char *format, ...)
{
	va_list list;
	int length;

	va_start(list, format);
	length = vsnprintf(NULL, 0, format, list);
	va_end(list);
	if (length < 0)
		return;
	reserve(text, (size_t)length);
	va_start(list, format);
	vsnprintf(text->data + text->length, (size_t)length + 1, format, list);
	va_end(list);
	text->length += (size_t)length;
}

void bfm_text_pad(struct bfm_text *text, size_t column)
{
	const char *string = bfm_text_get(text);
	const char *newline = strrchr(string, '\n');
	size_t used = bfm_utf8_count(newline ? newline + 1 : string);

	while (used++ < column)
		bfm_text_bytes(text, " ", 1);
}

void bfm_text_clean(struct bfm_text *text, const char *bytes, size_t count)
{
	size_t at = 0;

	while (at < count && bytes[at]) {
		size_t size = bfm_utf8_size(bytes + at, count - at);

		if (size && !bfm_is_control(bytes + at, size)) {
			bfm_text_bytes(text, bytes + at, size);
			at += size;
		} else {
			bfm_text_printf(text, "\\x%02x", (unsigned char)bytes[at++]);
		}
	}
}

void bfm_text_clear(struct bfm_text *text)
{
	text->length = 0;
	if (text->data)
		text->data[0] = '\0';
}

void bfm_text_free(struct bfm_text *text)
{
	free(text->data);
	*text = (struct bfm_text){0};
}
