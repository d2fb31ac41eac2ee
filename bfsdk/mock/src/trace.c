/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* for RTLD_NEXT */
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <bfmock/trace.h>
#include "model.h"

#define LINES      32
#define LINE_BYTES 160

static char lines[LINES][LINE_BYTES];
static uint64_t count;

void mock_trace(const char *format, ...)
{
	char *line = lines[count++ % LINES];
	va_list args;

	va_start(args, format);
	vsnprintf(line, LINE_BYTES, format, args);
	va_end(args);
	if (getenv("MOCK_TRACE"))
		fprintf(stderr, "trace: %s\n", line);
}

void mock_trace_reset(void)
{
	count = 0;
}

void mock_trace_print(void)
{
	uint64_t first = count > LINES ? count - LINES : 0;

	if (!count)
		return;
	fprintf(stderr, "what the machine did%s:\n", first ? " last" : "");
	for (uint64_t i = first; i < count; i++)
		fprintf(stderr, "  %s\n", lines[i % LINES]);
}

/*
 * All assertions of CMocka that fail end in its _fail(). The program's own comes before the
 * library's: it tells what happened, and goes on there.
 */
void _fail(const char *const file, const int line);

void _fail(const char *const file, const int line)
{
	void (*next)(const char *, int);

	*(void **)&next = dlsym(RTLD_NEXT, "_fail");
	mock_trace_print();
	if (count)
		mock_print_log();
	next(file, line);
	abort();
}
