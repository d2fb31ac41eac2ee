/* SPDX-License-Identifier: MIT */
/* Software interrupts and exceptions raised by the program itself. */
#include "probe.h"

#define INSN(title, bytes)                                                                         \
	{                                                                                          \
		.name = title, .run = probe_insn, CODE(bytes)                                      \
	}

static const struct probe probes[] = {
	INSN("ud0", "\x0f\xff\xc0"),
	INSN("ud1", "\x0f\xb9\xc0"),
	INSN("ud2", "\x0f\x0b"),
	INSN("lock-cpuid", "\xf0\x0f\xa2"),
	INSN("lock-nop", "\xf0\x90"),
	INSN("int3", "\xcc"),
	INSN("int3-long", "\xcd\x03"),
	INSN("int1", "\xf1"),
	INSN("int1-long", "\xcd\x01"),
	INSN("int2", "\xcd\x02"),
	INSN("int4", "\xcd\x04"),
	INSN("int8", "\xcd\x08"),
	INSN("int0d", "\xcd\x0d"),
	INSN("int0e", "\xcd\x0e"),
	INSN("int20", "\xcd\x20"),
	INSN("intff", "\xcd\xff"),
	INSN("into-64", "\xce"),
	INSN("push-es-64", "\x06"),
	INSN("divide-by-zero", "\x31\xd2\x31\xc9\xf7\xf1"),
	INSN("divide-overflow", "\x48\xc7\xc2\xff\xff\xff\xff\x6a\x02\x59\x48\xf7\xf1"),
	/* fldcw with zero-divide unmasked, 1/0, fwait, then fninit. */
	INSN("x87-divide-by-zero",
	     "\x66\xc7\x07\x7b\x03\xd9\x2f\xd9\xe8\xd9\xee\xde\xf9\x9b\xdb\xe3"),
	/* ldmxcsr with divide unmasked, 1/0 in SSE. */
	INSN("sse-divide-by-zero", "\xc7\x07\x80\x1d\x00\x00\x0f\xae\x17\x0f\x57\xc9\xb8\x01\x00"
				   "\x00\x00\xf3\x0f\x2a\xc0\xf3\x0f\x5e\xc1"),
	/* The state after the two above is the default again. */
	{.name = "sse-control-restored",
	 .run = probe_insn,
	 .show = SHOW_RAX,
	 CODE("\xdb\xe3\xc7\x07\x80\x1f\x00\x00\x0f\xae\x17\x0f\xae\x1f\x8b\x07")},
	/* Set AC, load unaligned, clear AC. */
	INSN("alignment-check", "\x9c\x81\x0c\x24\x00\x00\x04\x00\x9d\x8b\x47\x01"
				"\x9c\x81\x24\x24\xff\xff\xfb\xff\x9d"),
	/* Stack accesses beyond the canonical range raise #SS, others #GP. */
	INSN("not-canonical-data", "\x48\xb8\x00\x00\x00\x00\x00\x00\x00\x80\x8b\x00"),
	INSN("not-canonical-stack", "\x48\xb8\x00\x00\x00\x00\x00\x00\x00\x80\x48\x89\xc5"
				    "\x8b\x45\x00"),
	INSN("not-canonical-jump", "\x48\xb8\x00\x00\x00\x00\x00\x00\x00\x80\xff\xe0"),
	INSN("kernel-data", "\x48\xb8\x00\x00\x00\x80\xff\xff\xff\xff\x8b\x00"),
	INSN("sixteen-byte-instruction", "\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66"
					 "\x66\x66\x90"),
};

PROBE_GROUP(interrupt);
