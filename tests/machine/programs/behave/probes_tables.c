/* SPDX-License-Identifier: MIT */
/* Descriptor tables and segments: what ring 3 may see of them, and what it must not load. */
#include "probe.h"
#include "run.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

#define INSN(title, bytes)                                                                         \
	{                                                                                          \
		.name = title, .run = probe_insn, CODE(bytes)                                      \
	}

#define INSN_SHOW(title, bytes, shown, value)                                                      \
	{                                                                                          \
		.name = title, .run = probe_insn, .rax = (value), .show = (shown), CODE(bytes)     \
	}

#define FAR_JUMP(selector) "\x48\xb8\x00\x00\x00\x00" selector "\x00\x00\x00\x50\xff\x2c\x24"

#define KERNEL_CS 0x10
#define TSS_SEL   0x40
#define CPU_SEL   0x7b

/* The base moves with the kernel's address randomisation; only the half it is in stays. */
static void probe_table_store(const struct probe *probe)
{
	struct regs regs = standard_regs();
	struct text text = {0};
	struct trace trace;
	uint16_t limit;
	uint64_t base;

	memset(ARENA_DATA, 0xcc, 2 * PAGE);
	run(probe->code, probe->length, &regs, &trace);
	memcpy(&limit, ARENA_DATA, sizeof(limit));
	memcpy(&base, ARENA_DATA + 2, sizeof(base));
	text_add_trace(&text, &trace);
	if (trace.ended)
		text_add(&text, " limit=%#x base=%s rest=%s", limit,
			 base >> 47 == 0x1ffff || base >> 56 == 0xff ? "kernel" : "user",
			 ARENA_DATA[10] == 0xcc ? "kept" : "written");
	report(probe->name, "%s", text.bytes);
}

static const struct probe probes[] = {
	{.name = "sgdt", .run = probe_table_store, CODE("\x0f\x01\x07")},
	{.name = "sidt", .run = probe_table_store, CODE("\x0f\x01\x0f")},
	INSN_SHOW("sldt", "\x0f\x00\xc0", SHOW_RAX, ~0ull),
	INSN_SHOW("str", "\x0f\x00\xc8", SHOW_RAX, ~0ull),
	INSN_SHOW("smsw", "\x0f\x01\xe0", SHOW_RAX, ~0ull),
	INSN_SHOW("smsw-16", "\x66\x0f\x01\xe0", SHOW_RAX, ~0ull),
	INSN("lgdt", "\x0f\x01\x17"),
	INSN("lidt", "\x0f\x01\x1f"),
	INSN("lldt", "\x0f\x00\xd0"),
	INSN("ltr", "\x0f\x00\xd8"),
	/* The TSS descriptor must read as a busy one while it is in the task register. */
	INSN_SHOW("lar-tss", "\x0f\x02\xc0", SHOW_RAX | SHOW_ZF, TSS_SEL),
	INSN_SHOW("lar-kernel-cs", "\x0f\x02\xc0", SHOW_RAX | SHOW_ZF, KERNEL_CS),
	INSN_SHOW("lar-user-cs", "\x0f\x02\xc0", SHOW_RAX | SHOW_ZF, 0x33),
	INSN_SHOW("lar-beyond", "\x0f\x02\xc0", SHOW_RAX | SHOW_ZF, 0xfff8),
	INSN_SHOW("lsl-tss", "\x0f\x03\xc0", SHOW_RAX | SHOW_ZF, TSS_SEL),
	INSN_SHOW("lsl-cpu-number", "\x0f\x03\xc0", SHOW_RAX | SHOW_ZF, CPU_SEL),
	INSN_SHOW("verr-user-cs", "\x0f\x00\xe0", SHOW_ZF, 0x33),
	INSN_SHOW("verw-user-cs", "\x0f\x00\xe8", SHOW_ZF, 0x33),
	INSN_SHOW("verw-user-ds", "\x0f\x00\xe8", SHOW_ZF, 0x2b),
	INSN_SHOW("mov-ds-kernel", "\x8e\xd8", 0, 0x18),
	INSN_SHOW("mov-ds-beyond", "\x8e\xd8", 0, 0xfff8),
	INSN_SHOW("mov-ss-null", "\x8e\xd0", 0, 0),
	INSN_SHOW("mov-ss-kernel", "\x8e\xd0", 0, 0x18),
	INSN_SHOW("mov-cs", "\x8e\xc8", 0, 0x33),
	/*
	 * Far jumps to bad selectors: push the pointer, ljmp *(%rsp). No far call, far return or
	 * IRET here: QEMU 7.2 does their stack accesses in ring 0's name, and SMAP then stops the
	 * kernel.
	 */
	INSN("jump-null", FAR_JUMP("\x00")),
	INSN("jump-kernel-cs", FAR_JUMP("\x10")),
	INSN("jump-data", FAR_JUMP("\x2b")),
	INSN("jump-tss", FAR_JUMP("\x40")),
};

PROBE_GROUP(tables);
