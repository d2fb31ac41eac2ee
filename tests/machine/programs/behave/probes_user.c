/* SPDX-License-Identifier: MIT */
/* Instructions that ring 3 may run where the CPU has them: they work, or are undefined. */
#include "probe.h"
#include "run.h"
#include "text.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INSN(title, bytes)                                                                         \
	{                                                                                          \
		.name = title, .run = probe_insn, CODE(bytes)                                      \
	}

#define INSN_SHOW(title, bytes, shown, number)                                                     \
	{                                                                                          \
		.name = title, .run = probe_insn, .rcx = (number), .show = (shown), CODE(bytes)    \
	}

#define ARCH_SET_CPUID 0x1012
#define TSC_ROUNDS     1000

static uint64_t counter(const struct regs *regs)
{
	return regs->rdx << 32 | regs->rax;
}

static void probe_tsc_order(const struct probe *probe)
{
	struct regs regs = standard_regs();
	struct trace trace;
	uint64_t last = 0;

	for (unsigned int i = 0; i < TSC_ROUNDS; i++) {
		run(probe->code, probe->length, &regs, &trace);
		if (!trace.ended || counter(&regs) < last || regs.rax >> 32 || regs.rdx >> 32) {
			report(probe->name, "no");
			return;
		}
		last = counter(&regs);
	}
	report(probe->name, "yes");
}

/* The return address and flags that SYSCALL leaves in RCX and R11. */
static void probe_syscall(const struct probe *probe)
{
	struct regs regs = standard_regs();
	struct text text = {0};
	struct trace trace;

	regs.rax = probe->rax;
	run(probe->code, probe->length, &regs, &trace);
	text_add_trace(&text, &trace);
	text_add(&text, " rax=%lld rcx=", (long long)regs.rax);
	text_add_address(&text, regs.rcx);
	text_add(&text, " r11=%#llx", (unsigned long long)regs.r11);
	report(probe->name, "%s", text.bytes);
}

/* INT 0x80 in 64-bit code; call 20 is getpid there. */
static void probe_int80(const struct probe *probe)
{
	struct regs regs = standard_regs();
	struct text text = {0};
	struct trace trace;

	regs.rax = 20;
	run(probe->code, probe->length, &regs, &trace);
	text_add_trace(&text, &trace);
	report(probe->name, "%s %s", text.bytes, regs.rax == (uint64_t)getpid() ? "pid" : "other");
}

/* CPUID faulting, where the CPU has it, comes before any exit. */
static void probe_cpuid_faulting(const struct probe *probe)
{
	struct regs regs = standard_regs();
	struct text text = {0};
	struct trace trace;

	if (syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0)) {
		report(probe->name, "not offered");
		return;
	}
	run(probe->code, probe->length, &regs, &trace);
	syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1);
	text_add_trace(&text, &trace);
	report(probe->name, "%s", text.bytes);
}

static const struct probe probes[] = {
	INSN("rdtsc", "\x0f\x31"),
	{.name = "rdtsc-in-order", .run = probe_tsc_order, CODE("\x0f\x31")},
	INSN_SHOW("rdtscp", "\x0f\x01\xf9", SHOW_RCX, 0),
	{.name = "rdtscp-in-order", .run = probe_tsc_order, CODE("\x0f\x01\xf9")},
	INSN_SHOW("rdpid", "\xf3\x0f\xc7\xf9", SHOW_RCX, 0),
	INSN("rdrand", "\x48\x0f\xc7\xf0"),
	INSN("rdseed", "\x48\x0f\xc7\xf8"),
	INSN_SHOW("xgetbv-0", "\x0f\x01\xd0", SHOW_RAX | SHOW_RDX, 0),
	INSN("xgetbv-2", "\xb9\x02\x00\x00\x00\x0f\x01\xd0"),
	INSN("xgetbv-max", "\xb9\xff\xff\xff\xff\x0f\x01\xd0"),
	INSN("pause", "\xf3\x90"),
	INSN("clflush", "\x0f\xae\x3f"),
	INSN("clflush-unmapped", "\x48\x81\xc7\x00\x20\x00\x00\x0f\xae\x3f"),
	INSN("clflushopt", "\x66\x0f\xae\x3f"),
	INSN("clwb", "\x66\x0f\xae\x37"),
	INSN("prefetchw", "\x0f\x0d\x0f"),
	INSN("lfence-mfence-sfence", "\x0f\xae\xe8\x0f\xae\xf0\x0f\xae\xf8"),
	INSN("serialize", "\x0f\x01\xe8"),
	INSN_SHOW("rdgsbase", "\xf3\x48\x0f\xae\xc9", SHOW_RCX, 0),
	/* Write the GS base, read it into RDX, put back the zero that it was. */
	{.name = "wrgsbase",
	 .run = probe_insn,
	 .rax = 0x123456789000,
	 .show = SHOW_RDX,
	 CODE("\xf3\x48\x0f\xae\xd8\xf3\x48\x0f\xae\xca\x31\xc0\xf3\x48\x0f\xae\xd8")},
	{.name = "wrgsbase-not-canonical",
	 .run = probe_insn,
	 .rax = 0x8123456789abcdef,
	 CODE("\xf3\x48\x0f\xae\xd8\x31\xc0\xf3\x48\x0f\xae\xd8")},
	INSN_SHOW("rdpkru", "\x0f\x01\xee", SHOW_RAX | SHOW_RDX, 0),
	INSN_SHOW("rdpkru-rcx", "\x0f\x01\xee", SHOW_RAX, 1),
	INSN_SHOW("wrpkru-rcx", "\x0f\x01\xef", 0, 1),
	INSN("tpause", "\x66\x0f\xae\xf1"),
	INSN("umonitor", "\xf3\x0f\xae\xf0"),
	INSN("rdsspq", "\xf3\x48\x0f\x1e\xc8"),
	INSN("xend", "\x0f\x01\xd5"),
	INSN("xtest", "\x0f\x01\xd6"),
	{.name = "syscall-unknown", .run = probe_syscall, .rax = 0xffff, CODE("\x0f\x05")},
	{.name = "syscall-minus-one", .run = probe_syscall, .rax = ~0ull, CODE("\x0f\x05")},
	{.name = "int80", .run = probe_int80, CODE("\xcd\x80")},
	{.name = "cpuid-faulting", .run = probe_cpuid_faulting, CODE("\x0f\xa2")},
};

PROBE_GROUP(user);
