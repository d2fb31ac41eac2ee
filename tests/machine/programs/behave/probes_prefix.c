/* SPDX-License-Identifier: MIT */
/* Instructions that exit, behind prefixes that mean nothing to them: the length must be right. */
#include "probe.h"
#include "run.h"
#include "text.h"

#include <string.h>

#define P5 "\x66\x66\x66\x66\x66"

#define PREFIXED(title, bytes)                                                                     \
	{                                                                                          \
		.name = title, .run = probe_prefixed, CODE(bytes)                                  \
	}

/* Leaf 0, compared with what CPUID without a prefix gave. */
static void probe_prefixed(const struct probe *probe)
{
	struct regs plain = standard_regs(), regs = plain;
	struct text text = {0};
	struct trace trace;

	run("\x0f\xa2", 2, &plain, &trace);
	run(probe->code, probe->length, &regs, &trace);
	text_add_trace(&text, &trace);
	plain.rflags = regs.rflags;
	if (trace.ended)
		text_add(&text, " %s", memcmp(&plain, &regs, sizeof(regs)) ? "differs" : "same");
	report(probe->name, "%s", text.bytes);
}

static const struct probe probes[] = {
	PREFIXED("cpuid-66", "\x66\x0f\xa2"),
	PREFIXED("cpuid-67", "\x67\x0f\xa2"),
	PREFIXED("cpuid-f2", "\xf2\x0f\xa2"),
	PREFIXED("cpuid-f3", "\xf3\x0f\xa2"),
	PREFIXED("cpuid-f3-f2-66", "\xf3\xf2\x66\x0f\xa2"),
	PREFIXED("cpuid-segments", "\x26\x2e\x36\x3e\x64\x65\x0f\xa2"),
	PREFIXED("cpuid-rex", "\x40\x0f\xa2"),
	PREFIXED("cpuid-rex-w", "\x48\x0f\xa2"),
	PREFIXED("cpuid-rex-wrxb", "\x4f\x0f\xa2"),
	PREFIXED("cpuid-66-rex-w", "\x66\x48\x0f\xa2"),
	PREFIXED("cpuid-rex-rex", "\x48\x41\x0f\xa2"),
	PREFIXED("cpuid-rex-then-66", "\x48\x66\x0f\xa2"),
	PREFIXED("cpuid-lock", "\xf0\x0f\xa2"),
	PREFIXED("cpuid-14-bytes", P5 P5 "\x66\x66\x0f\xa2"),
	PREFIXED("cpuid-15-bytes", P5 P5 "\x66\x66\x66\x0f\xa2"),
	PREFIXED("cpuid-15-bytes-rex", P5 P5 "\x66\x66\x48\x0f\xa2"),
	PREFIXED("cpuid-15-bytes-mixed", "\x2e\x3e\x64\x65\x66\x67\xf2\xf3"
					 "\x26\x36\x2e\x3e\x48\x0f\xa2"),
	PREFIXED("cpuid-16-bytes", P5 P5 "\x66\x66\x66\x66\x0f\xa2"),
	PREFIXED("cpuid-16-bytes-rex", P5 P5 "\x66\x66\x66\x48\x0f\xa2"),
	PREFIXED("cpuid-twice", "\x0f\xa2\x31\xc0\x31\xc9\x0f\xa2"),
};

PROBE_GROUP(prefix);
