/* SPDX-License-Identifier: MIT */
/* Privileged instructions in ring 3, among them all whose exits are unconditional in the VMM. */
#include "probe.h"

#define INSN(title, bytes)                                                                         \
	{                                                                                          \
		.name = title, .run = probe_insn, CODE(bytes)                                      \
	}

/* With a value in EDX:EAX and a number in ECX. */
#define INSN_AT(title, bytes, high, low, number)                                                   \
	{                                                                                          \
		.name = title, .run = probe_insn, .rax = (low), .rcx = (number), .rdx = (high),    \
		CODE(bytes)                                                                        \
	}

#define XSETBV "\x0f\x01\xd1"
#define RDMSR  "\x0f\x32"
#define WRMSR  "\x0f\x30"

static const struct probe probes[] = {
	INSN("hlt", "\xf4"),
	INSN("invd", "\x0f\x08"),
	INSN("wbinvd", "\x0f\x09"),
	INSN("wbnoinvd", "\xf3\x0f\x09"),
	INSN("invlpg", "\x0f\x01\x3f"),
	INSN("invpcid", "\x66\x0f\x38\x82\x07"),
	INSN("monitor", "\x0f\x01\xc8"),
	INSN("mwait", "\x0f\x01\xc9"),
	INSN("clts", "\x0f\x06"),
	INSN("lmsw", "\x0f\x01\xf0"),
	INSN("swapgs", "\x0f\x01\xf8"),
	INSN("clac", "\x0f\x01\xca"),
	INSN("stac", "\x0f\x01\xcb"),
	INSN("rsm", "\x0f\xaa"),
	INSN("sysret", "\x48\x0f\x07"),
	INSN("sysexit", "\x48\x0f\x35"),
	INSN("xsaves", "\x48\x0f\xc7\x2f"),
	INSN("xrstors", "\x48\x0f\xc7\x1f"),
	INSN("hreset", "\xf3\x0f\x3a\xf0\xc0\x00"),
	INSN("mov-from-cr0", "\x0f\x20\xc0"),
	INSN("mov-from-cr1", "\x0f\x20\xc8"),
	INSN("mov-from-cr2", "\x0f\x20\xd0"),
	INSN("mov-from-cr3", "\x0f\x20\xd8"),
	INSN("mov-from-cr4", "\x0f\x20\xe0"),
	INSN("mov-from-cr8", "\x44\x0f\x20\xc0"),
	INSN("mov-to-cr0", "\x0f\x22\xc0"),
	INSN("mov-to-cr3", "\x0f\x22\xd8"),
	INSN("mov-to-cr4", "\x0f\x22\xe0"),
	INSN("mov-to-cr8", "\x44\x0f\x22\xc0"),
	INSN("mov-from-dr0", "\x0f\x21\xc0"),
	INSN("mov-from-dr4", "\x0f\x21\xe0"),
	INSN("mov-from-dr7", "\x0f\x21\xf8"),
	INSN("mov-to-dr0", "\x0f\x23\xc0"),
	INSN("mov-to-dr6", "\x0f\x23\xf0"),
	INSN("mov-to-dr7", "\x0f\x23\xf8"),
	INSN_AT("rdpmc-0", "\x0f\x33", 0, 0, 0),
	INSN_AT("rdpmc-garbage", "\x0f\x33", 0, 0, 0xdeadbeef),
	INSN_AT("xsetbv-same", XSETBV, 0, 7, 0),
	INSN_AT("xsetbv-x87-off", XSETBV, 0, 6, 0),
	INSN_AT("xsetbv-avx-without-sse", XSETBV, 0, 5, 0),
	INSN_AT("xsetbv-reserved", XSETBV, ~0ull, ~0ull, 0),
	INSN_AT("xsetbv-index-1", XSETBV, 0, 7, 1),
	INSN_AT("xsetbv-index-max", XSETBV, 0, 7, 0xffffffff),
	INSN_AT("rdmsr-tsc", RDMSR, 0, 0, 0x10),
	INSN_AT("rdmsr-efer", RDMSR, 0, 0, 0xc0000080),
	INSN_AT("rdmsr-gs-base", RDMSR, 0, 0, 0xc0000101),
	INSN_AT("rdmsr-unimplemented", RDMSR, 0, 0, 0x12345678),
	INSN_AT("rdmsr-max", RDMSR, 0, 0, 0xffffffff),
	INSN_AT("rdmsr-garbage-upper", RDMSR, ~0ull, ~0ull, 0xdeadbeef0000001bull),
	INSN_AT("wrmsr-tsc", WRMSR, 0, 0, 0x10),
	INSN_AT("wrmsr-efer", WRMSR, 0, 0xd01, 0xc0000080),
	INSN_AT("wrmsr-microcode", WRMSR, 0, 0, 0x79),
	INSN_AT("wrmsr-unimplemented", WRMSR, 0, 0, 0x12345678),
	INSN_AT("wrmsr-max", WRMSR, ~0ull, ~0ull, 0xffffffff),
};

PROBE_GROUP(privileged);
