/* SPDX-License-Identifier: MIT */
#include <bfabi/boot.h>
#include <bfvmm/mem.h>
#include <bfvmm/option.h>

static char line[BF_CMDLINE_BYTES];

void bf_option_init(const char *cmdline)
{
	memcpy(line, cmdline, sizeof(line));
	line[sizeof(line) - 1] = '\0';
}

/* The text behind "key" if the word at @at is "key" or "key=…", else NULL. */
static const char *match(const char *at, const char *key)
{
	while (*key && *at == *key) {
		at++;
		key++;
	}
	if (*key)
		return NULL;
	if (*at == '=')
		return at + 1;
	return *at == '\0' || *at == ' ' ? at : NULL;
}

static const char *next_word(const char *at)
{
	while (*at && *at != ' ')
		at++;
	while (*at == ' ')
		at++;
	return at;
}

/* The last one given counts. */
static const char *find(const char *key)
{
	const char *found = NULL;

	for (const char *at = line; *at; at = next_word(at)) {
		const char *value = match(at, key);

		if (value)
			found = value;
	}
	return found;
}

int bf_option(const char *key, char *value, uint32_t size)
{
	const char *from = find(key);
	uint32_t used = 0;

	if (!size)
		return BF_EINVAL;
	if (!from)
		return BF_ENOENT;
	for (; *from && *from != ' ' && used + 1 < size; from++)
		value[used++] = *from;
	value[used] = '\0';
	return (int)used;
}

static int digit_of(char c, uint32_t base)
{
	int digit = -1;

	if (c >= '0' && c <= '9')
		digit = c - '0';
	else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		digit = (c | 0x20) - 'a' + 10;
	return digit < (int)base ? digit : -1;
}

uint64_t bf_option_number(const char *key, uint64_t fallback)
{
	char text[BF_CMDLINE_BYTES];
	const char *at = text;
	uint32_t base = 10;
	uint64_t value = 0;

	if (bf_option(key, text, sizeof(text)) <= 0)
		return fallback;
	if (at[0] == '0' && (at[1] | 0x20) == 'x') {
		base = 16;
		at += 2;
	}
	if (!*at)
		return fallback;
	for (; *at; at++) {
		int digit = digit_of(*at, base);

		if (digit < 0 || value > (UINT64_MAX - (uint64_t)digit) / base)
			return fallback;
		value = value * base + (uint64_t)digit;
	}
	return value;
}
