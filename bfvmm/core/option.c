/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <bfabi/boot.h>
#include <bareframe/log.h>
#include <bfvmm/mem.h>
#include <bfvmm/option.h>

static char line[BF_CMDLINE_BYTES];
/* Of the word that begins at this place in the line. */
static bool was_read[BF_CMDLINE_BYTES], was_blamed[BF_CMDLINE_BYTES];

void bf_option_init(const char *cmdline)
{
	memcpy(line, cmdline, sizeof(line));
	line[sizeof(line) - 1] = '\0';
	memset(was_read, 0, sizeof(was_read));
	memset(was_blamed, 0, sizeof(was_blamed));
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

static const char *first_word(void)
{
	return *line == ' ' ? next_word(line) : line;
}

/* The word with this key. The last one given counts; the others are spoken for too. */
static const char *find(const char *key)
{
	const char *found = NULL;

	for (const char *at = first_word(); *at; at = next_word(at)) {
		if (!match(at, key))
			continue;
		was_read[at - line] = true;
		found = at;
	}
	return found;
}

static uint32_t copy_word(const char *from, char *to, uint32_t size)
{
	uint32_t used = 0;

	for (; *from && *from != ' ' && used + 1 < size; from++)
		to[used++] = *from;
	to[used] = '\0';
	return used;
}

int bf_option(const char *key, char *value, uint32_t size)
{
	const char *word = find(key);

	if (!size)
		return BF_EINVAL;
	if (!word)
		return BF_ENOENT;
	return (int)copy_word(match(word, key), value, size);
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

/* @return false if the text is not a number, or not one of 64 bits */
static bool parse(const char *text, uint64_t *value)
{
	uint32_t base = 10;

	*value = 0;
	if (text[0] == '0' && (text[1] | 0x20) == 'x') {
		base = 16;
		text += 2;
	}
	if (!*text)
		return false;
	for (; *text; text++) {
		int digit = digit_of(*text, base);

		if (digit < 0 || *value > (UINT64_MAX - (uint64_t)digit) / base)
			return false;
		*value = *value * base + (uint64_t)digit;
	}
	return true;
}

/* Once a word, however often it is read. */
static void blame(const char *word)
{
	char text[BF_CMDLINE_BYTES];

	if (was_blamed[word - line])
		return;
	was_blamed[word - line] = true;
	copy_word(word, text, sizeof(text));
	bf_warn("option \"%s\" gives no number: decimal digits, or 0x and hexadecimal ones, of a "
		"number of 64 bits are expected; it counts as not given",
		text);
}

uint64_t bf_option_number(const char *key, uint64_t fallback)
{
	const char *word = find(key);
	char text[BF_CMDLINE_BYTES];
	uint64_t value;

	if (!word)
		return fallback;
	copy_word(match(word, key), text, sizeof(text));
	if (parse(text, &value))
		return value;
	blame(word);
	return fallback;
}

void bf_option_report(void)
{
	char text[BF_CMDLINE_BYTES];

	for (const char *at = first_word(); *at; at = next_word(at)) {
		if (was_read[at - line])
			continue;
		copy_word(at, text, sizeof(text));
		bf_warn("option \"%s\" is unknown: nothing in this image reads it; check the "
			"spelling",
			text);
	}
}
