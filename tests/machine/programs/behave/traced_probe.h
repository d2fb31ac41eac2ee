/* SPDX-License-Identifier: MIT */
/* Probes made of code, hardware breakpoints and a way to run them. */
#ifndef BEHAVE_TRACED_PROBE_H
#define BEHAVE_TRACED_PROBE_H

#include "probe.h"
#include "run.h"

/* probe->arg is BREAKPOINTS_MAX breakpoints, probe->option the trace mode. */
void probe_traced(const struct probe *probe);

/* Single-steps probe->code in a child. */
void probe_stepped(const struct probe *probe);

#define STEPPED(title, bytes)                                                                      \
	{                                                                                          \
		.name = title, .run = probe_stepped, .rcx = 2, CODE(bytes)                         \
	}

#define AT_CODE(offset) (ARENA_CODE + (offset))
#define AT_DATA(offset) (ARENA_DATA + (offset))

#define NO_POINT                                                                                   \
	{                                                                                          \
		NULL, BREAK_NONE                                                                   \
	}

#define POINTS(...)                                                                                \
	(const struct breakpoint[BREAKPOINTS_MAX + 1])                                             \
	{                                                                                          \
		__VA_ARGS__, NO_POINT                                                              \
	}

#define TRACED(title, how, bytes, ...)                                                             \
	{                                                                                          \
		.name = title, .run = probe_traced, .option = how, .arg = POINTS(__VA_ARGS__),     \
		.rcx = 3, CODE(bytes)                                                              \
	}

#endif
