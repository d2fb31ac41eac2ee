/* SPDX-License-Identifier: MIT */
/* How often each reason has made a CPU exit, as the driver tells. */
#ifndef HOOK_TABLE_EXITS_H
#define HOOK_TABLE_EXITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXITS_MAX 80

struct exits {
	uint64_t times[EXITS_MAX]; /* by enum bf_exit_reason */
};

/* Of all CPUs. False if there are none to be had. */
bool exits_read(struct exits *exits);

/* Calls @fn for each reason that has come since @before. */
void exits_since(const struct exits *before, const struct exits *now,
		 void (*fn)(const char *name, uint64_t times, void *ctx), void *ctx);

/* @return whether @name is one of the names in @list, "," between them. */
bool exits_listed(const char *list, const char *name);

#endif
