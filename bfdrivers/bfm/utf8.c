/* SPDX-License-Identifier: MIT */
#include "utf8.h"

/* A form: the range of the first and of the second byte; all further ones are 80 … bf. */
struct form {
	unsigned char first_low, first_high;
	unsigned char second_low, second_high;
	unsigned char size;
};

static const struct form forms[] = {
	{0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
	{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
	{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool within(unsigned char byte, unsigned char low, unsigned char high)
{
	return byte >= low && byte <= high;
}

static bool matches(const struct form *form, const unsigned char *bytes, size_t count)
{
	if (!within(bytes[0], form->first_low, form->first_high) || count < form->size)
		return false;
	if (form->size > 1 && !within(bytes[1], form->second_low, form->second_high))
		return false;
	for (size_t at = 2; at < form->size; at++)
		if (!within(bytes[at], 0x80, 0xbf))
			return false;
	return true;
}

size_t bfm_utf8_size(const char *bytes, size_t count)
{
	if (!count)
		return 0;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (matches(&forms[i], (const unsigned char *)bytes, count))
			return forms[i].size;
	return 0;
}

bool bfm_is_control(const char *bytes, size_t size)
{
	unsigned char first = (unsigned char)bytes[0];

	if (size == 2)
		return first == 0xc2 && (unsigned char)bytes[1] < 0xa0;
	return size == 1 && (first < 0x20 || first == 0x7f);
}

size_t bfm_utf8_count(const char *string)
{
	size_t count = 0;

	for (; *string; string++)
		count += ((unsigned char)*string & 0xc0) != 0x80;
	return count;
}
