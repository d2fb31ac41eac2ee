/* SPDX-License-Identifier: MIT */
#ifndef GUEST_ACCESS_CHECK_H
#define GUEST_ACCESS_CHECK_H

#include <signal.h>
#include <stdbool.h>
#include "call.h"

/* Prints a verdict line. */
void check(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How many of them were bad. */
unsigned int failures(void);

/* Fresh private pages, not touched yet. */
uint8_t *map_pages(unsigned int count);

/* The fault of a call, raised in earnest, ends in a signal at @address. */
void expect_signal(const void *from, uint64_t bytes, int code, const void *address,
		   const char *text);

/* All RAM that /proc/iomem has is the guest's or the VMM's, the local APIC is neither. */
void scan_memory(void);

#endif
