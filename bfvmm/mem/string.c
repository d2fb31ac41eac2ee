/* SPDX-License-Identifier: MIT */
/* The byte operations that a freestanding compiler may call. */
#include <bfvmm/mem.h>

void *memset(void *to, int byte, size_t bytes)
{
	unsigned char *p = to;

	while (bytes--)
		*p++ = (unsigned char)byte;
	return to;
}

void *memcpy(void *to, const void *from, size_t bytes)
{
	unsigned char *p = to;
	const unsigned char *q = from;

	while (bytes--)
		*p++ = *q++;
	return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
	const unsigned char *p = a, *q = b;

	for (; bytes; bytes--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}
