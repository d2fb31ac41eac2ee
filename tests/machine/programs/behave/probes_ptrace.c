/* SPDX-License-Identifier: MIT */
/* Single-stepping by a debugger, over instructions that exit and over entries to the kernel. */
#include "text.h"
#include "traced_probe.h"

void probe_stepped(const struct probe *probe)
{
	struct traced traced = {.code = probe->code,
				.length = probe->length,
				.mode = TRACE_STEP,
				.regs = standard_regs()};
	struct text text = {0};
	int error;

	traced.regs.rax = probe->rax;
	traced.regs.rcx = probe->rcx;
	error = run_traced(&traced);
	if (error) {
		report(probe->name, "ptrace %s", errno_name(error));
		return;
	}
	text_add_trace(&text, &traced.trace);
	text_add_regs(&text, &traced.regs, probe->show);
	report(probe->name, "%s", text.bytes);
}

static const struct probe probes[] = {
	STEPPED("ptrace-step-nop", "\x90\x90"),
	STEPPED("ptrace-step-cpuid", "\x0f\xa2\x90"),
	STEPPED("ptrace-step-cpuid-prefixed", "\xf3\x48\x0f\xa2\x90"),
	STEPPED("ptrace-step-rdtsc", "\x0f\x31\x90"),
	STEPPED("ptrace-step-mov-ss-cpuid", "\x8c\xd0\x8e\xd0\x0f\xa2\x90"),
	STEPPED("ptrace-step-rep-movsb", "\xf3\xa4\x90"),
	STEPPED("ptrace-step-vmcall", "\x0f\x01\xc1\x90"),
	STEPPED("ptrace-step-rdmsr", "\x0f\x32\x90"),
	STEPPED("ptrace-step-popf", "\x6a\x02\x9d\x0f\xa2\x90"),
	/*
	 * SYSENTER leads into the kernel where the CPU takes it in 64-bit code (Intel), and the
	 * kernel comes back to a fixed place in the vDSO, where the debugger stops it. Call -1.
	 */
	{.name = "ptrace-step-sysenter",
	 .run = probe_stepped,
	 .rax = 0xffffffff,
	 .show = SHOW_RAX,
	 CODE("\x0f\x34")},
};

PROBE_GROUP(ptrace);
