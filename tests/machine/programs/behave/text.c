/* SPDX-License-Identifier: MIT */
#include "probe.h"
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void text_add(struct text *text, const char *format, ...)
{
	size_t room = sizeof(text->bytes) - text->length;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text->bytes + text->length, room, format, args);
	va_end(args);
	if (length > 0)
		text->length += (size_t)length < room ? (size_t)length : room - 1;
}

void report(const char *name, const char *format, ...)
{
	va_list args;

	printf("%s: ", name);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	/* A probe that takes the machine down must not take the lines before it along. */
	fflush(stdout);
}

const char *errno_name(int error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
		{EIO, "EIO"},       {EPERM, "EPERM"},   {ENXIO, "ENXIO"},   {ENOENT, "ENOENT"},
		{EINVAL, "EINVAL"}, {EFAULT, "EFAULT"}, {ENOSYS, "ENOSYS"}, {ENODEV, "ENODEV"},
		{ENOMEM, "ENOMEM"}, {ENOSPC, "ENOSPC"}, {EACCES, "EACCES"}, {EBUSY, "EBUSY"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].error == error)
			return names[i].name;
	}
	return "other-errno";
}
