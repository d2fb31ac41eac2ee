/* SPDX-License-Identifier: MIT */
#include "parse_linux.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bfm_parse_release(const char *release, unsigned int *major, unsigned int *minor)
{
	if (sscanf(release, "%5u.%5u", major, minor) == 2)
		return;
	*major = 0;
	*minor = 0;
}

enum bfm_lockdown bfm_parse_lockdown(const char *text)
{
	if (strstr(text, "[none]"))
		return BFM_LOCKDOWN_NONE;
	if (strstr(text, "[integrity]"))
		return BFM_LOCKDOWN_INTEGRITY;
	if (strstr(text, "[confidentiality]"))
		return BFM_LOCKDOWN_CONFIDENTIALITY;
	return BFM_LOCKDOWN_UNKNOWN;
}

enum bfm_answer bfm_parse_bool(const char *text)
{
	switch (text[0]) {
	case 'Y':
	case 'y':
	case '1':
		return BFM_YES;
	case 'N':
	case 'n':
	case '0':
		return BFM_NO;
	default:
		return BFM_UNKNOWN;
	}
}

/* The text behind "name" at the start of a line, or NULL. */
static const char *find_line(const char *text, const char *name)
{
	size_t length = strlen(name);

	while (text && strncmp(text, name, length) != 0) {
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return text ? text + length : NULL;
}

/* Whether @text up to the end of its line has @word between blanks. */
static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);
	size_t size;

	for (; *text && *text != '\n'; text += size) {
		text += strspn(text, " \t");
		size = strcspn(text, " \t\n");
		if (size == length && !memcmp(text, word, length))
			return true;
	}
	return false;
}

enum bfm_answer bfm_parse_cpu_flag(const char *cpuinfo, const char *flag)
{
	const char *flags = find_line(cpuinfo, "flags\t");

	flags = flags ? strchr(flags, ':') : NULL;
	if (!flags)
		return BFM_UNKNOWN;
	return has_word(flags + 1, flag) ? BFM_YES : BFM_NO;
}

static bool read_number(const char **at, uint32_t *number)
{
	char *end;
	unsigned long value;

	if (!isdigit((unsigned char)**at))
		return false;
	value = strtoul(*at, &end, 10);
	*at = end;
	*number = (uint32_t)value;
	return value < 1UL << 16;
}

static bool read_range(const char **at, uint32_t *first, uint32_t *last)
{
	if (!read_number(at, first))
		return false;
	*last = *first;
	if (**at != '-')
		return true;
	++*at;
	return read_number(at, last) && *last >= *first;
}

uint32_t bfm_parse_cpu_list(const char *list, uint32_t *numbers, uint32_t room)
{
	uint32_t count = 0, first, last;

	for (;; list++) {
		if (!read_range(&list, &first, &last))
			return 0;
		for (uint32_t cpu = first; cpu <= last; cpu++, count++)
			if (numbers && count < room)
				numbers[count] = cpu;
		if (*list != ',')
			break;
	}
	return *list == '\0' || *list == '\n' ? count : 0;
}

uint64_t bfm_parse_meminfo(const char *meminfo, const char *name)
{
	const char *line = find_line(meminfo, name);

	if (!line || *line != ':')
		return 0;
	return strtoull(line + 1, NULL, 10) << 10;
}

enum bfm_answer bfm_parse_capabilities(const char *status, uint64_t mask)
{
	const char *line = find_line(status, "CapEff:");

	if (!line)
		return BFM_UNKNOWN;
	return (strtoull(line, NULL, 16) & mask) == mask ? BFM_YES : BFM_NO;
}

/* Whether the path of @length bytes is that of the module: "…/NAME.ko", maybe compressed. */
static bool is_module(const char *path, size_t length, const char *module)
{
	size_t name = strlen(module);
	size_t folder = length;

	while (folder > 0 && path[folder - 1] != '/')
		folder--;
	path += folder;
	length -= folder;
	return length >= name + 3 && !memcmp(path, module, name) &&
	       !memcmp(path + name, ".ko", 3) && (length == name + 3 || path[name + 3] == '.');
}

bool bfm_parse_modules_dep(const char *text, const char *module, char *path, size_t room)
{
	while (*text) {
		size_t length = strcspn(text, ":\n");

		if (text[length] == ':' && length < room && is_module(text, length, module)) {
			memcpy(path, text, length);
			path[length] = '\0';
			return true;
		}
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return false;
}

bool bfm_parse_cmdline(const char *cmdline, const char *word)
{
	return has_word(cmdline, word);
}
