/* SPDX-License-Identifier: MIT */
/*
 * Probes that an emulator does not get through even bare, run only when asked for by name:
 * - QEMU 7.2 makes the stack accesses of a far return or IRET from ring 3 as if in ring 0, which
 *   SMAP turns into a page fault that stops the kernel;
 * - a data watchpoint hit while single-stepping gives a second debug trap there, in the kernel's
 *   own handler, and the CPU never comes back from it;
 * - Bochs 2.7 takes the single-step trap after SYSCALL although SFMASK has cleared TF: in the
 *   kernel, which warns about it.
 */
#include "traced_probe.h"

#define STEP TRACE_STEP

#define LOAD_SS "\x8e\x17"

#define WATCH_SS                                                                                   \
	{                                                                                          \
		AT_DATA(0), BREAK_ACCESS_1                                                         \
	}

#define INSN(title, bytes)                                                                         \
	{                                                                                          \
		.name = title, .run = probe_insn, CODE(bytes)                                      \
	}

/* pushfq; orq $TF,(%rsp); popfq. */
#define TF_ON "\x9c\x48\x81\x0c\x24\x00\x01\x00\x00\x9d"

static const struct probe probes[] = {
	/* or $-1,%eax; syscall. */
	INSN("hazard-step-syscall", TF_ON "\x83\xc8\xff\x0f\x05\x90\x90"),
	STEPPED("hazard-ptrace-step-syscall", "\x83\xc8\xff\x0f\x05\x90"),
	/* Far returns: push selector, push offset, lretq. */
	INSN("hazard-retf-null", "\x6a\x00\x6a\x00\x48\xcb"),
	INSN("hazard-retf-kernel-cs", "\x6a\x10\x6a\x00\x48\xcb"),
	INSN("hazard-retf-tss", "\x6a\x40\x6a\x00\x48\xcb"),
	/* iretq to a null CS: SS, RSP, RFLAGS, CS, RIP. */
	INSN("hazard-iret-null", "\x6a\x2b\x54\x9c\x6a\x00\x6a\x00\x48\xcf"),
	TRACED("hazard-watch-store-step-cpuid", STEP, "\x89\x07\x0f\xa2\x90",
	       {AT_DATA(0), BREAK_WRITE_4}),
	TRACED("hazard-shadow-step-watch-nop", STEP, LOAD_SS "\x90\x90\x90", WATCH_SS),
	TRACED("hazard-shadow-step-watch-cpuid", STEP, LOAD_SS "\x0f\xa2\x90\x90", WATCH_SS),
};

const struct probe_group group_hazard = {"hazard", probes, sizeof(probes) / sizeof(probes[0]),
					 .only_by_name = true};
