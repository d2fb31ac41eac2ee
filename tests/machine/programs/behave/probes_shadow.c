/* SPDX-License-Identifier: MIT */
/*
 * A debug trap raised by MOV SS waits for the end of the next instruction. If that one exits, the
 * trap is pending in the hypervisor's hands and must still arrive, once, behind it.
 */
#include "traced_probe.h"

#define CONT TRACE_CONTINUE

/* mov (%rdi),%ss, two bytes; the data page begins with the selector of the user's stack. */
#define LOAD_SS "\x8e\x17"

#define WATCH_SS                                                                                   \
	{                                                                                          \
		AT_DATA(0), BREAK_ACCESS_1                                                         \
	}

static const struct probe probes[] = {
	TRACED("shadow-watch-nop", CONT, LOAD_SS "\x90\x90\x90", WATCH_SS),
	TRACED("shadow-watch-cpuid", CONT, LOAD_SS "\x0f\xa2\x90\x90", WATCH_SS),
	TRACED("shadow-watch-cpuid-prefixed", CONT, LOAD_SS "\x66\x48\x0f\xa2\x90\x90", WATCH_SS),
	TRACED("shadow-watch-rdtsc", CONT, LOAD_SS "\x0f\x31\x90\x90", WATCH_SS),
	TRACED("shadow-watch-xgetbv", CONT, "\x31\xc9" LOAD_SS "\x0f\x01\xd0\x90", WATCH_SS),
	TRACED("shadow-watch-load-cpuid", CONT, LOAD_SS "\x8b\x47\x10\x0f\xa2\x90", WATCH_SS),
	TRACED("shadow-watch-two", CONT, LOAD_SS "\x8b\x47\x10\x0f\xa2\x90", WATCH_SS,
	       {AT_DATA(16), BREAK_ACCESS_4}),
	TRACED("shadow-watch-cpuid-cpuid", CONT, LOAD_SS "\x0f\xa2\x31\xc0\x0f\xa2\x90", WATCH_SS),
	TRACED("shadow-watch-break-cpuid", CONT, LOAD_SS "\x0f\xa2\x90\x90", WATCH_SS,
	       {AT_CODE(2), BREAK_EXECUTE}),
	TRACED("shadow-watch-break-after-cpuid", CONT, LOAD_SS "\x0f\xa2\x90\x90", WATCH_SS,
	       {AT_CODE(4), BREAK_EXECUTE}),
	TRACED("shadow-break-cpuid", CONT, LOAD_SS "\x0f\xa2\x90\x90", {AT_CODE(2), BREAK_EXECUTE}),
};

PROBE_GROUP(shadow);
