/* SPDX-License-Identifier: MIT */
/* Hardware breakpoints on, behind and around instructions that exit. */
#include "text.h"
#include "traced_probe.h"

#include <string.h>

#define USER_SS 0x2b

void probe_traced(const struct probe *probe)
{
	struct traced traced = {.code = probe->code,
				.length = probe->length,
				.mode = probe->option,
				.points = probe->arg,
				.regs = standard_regs()};
	struct text text = {0};
	int error;

	while (traced.points[traced.point_count].kind != BREAK_NONE)
		traced.point_count++;
	memset(ARENA_DATA, 0, 2 * PAGE);
	ARENA_DATA[0] = USER_SS;
	traced.regs.rax = probe->rax;
	traced.regs.rcx = probe->rcx;
	error = run_traced(&traced);
	if (error) {
		report(probe->name, "ptrace %s", errno_name(error));
		return;
	}
	text_add_trace(&text, &traced.trace);
	report(probe->name, "%s", text.bytes);
}

#define CONT TRACE_CONTINUE
#define STEP TRACE_STEP

static const struct probe probes[] = {
	TRACED("break-on-nop", CONT, "\x90\x90\x90", {AT_CODE(1), BREAK_EXECUTE}),
	TRACED("break-on-cpuid", CONT, "\x90\x0f\xa2\x90", {AT_CODE(1), BREAK_EXECUTE}),
	TRACED("break-inside-cpuid", CONT, "\x90\x0f\xa2\x90", {AT_CODE(2), BREAK_EXECUTE}),
	TRACED("break-after-cpuid", CONT, "\x90\x0f\xa2\x90", {AT_CODE(3), BREAK_EXECUTE}),
	TRACED("break-on-and-after-cpuid", CONT, "\x90\x0f\xa2\x90", {AT_CODE(1), BREAK_EXECUTE},
	       {AT_CODE(3), BREAK_EXECUTE}),
	TRACED("break-after-cpuid-prefixed", CONT, "\x90\x66\x48\x0f\xa2\x90",
	       {AT_CODE(5), BREAK_EXECUTE}),
	TRACED("break-after-rdtsc", CONT, "\x90\x0f\x31\x90", {AT_CODE(3), BREAK_EXECUTE}),
	TRACED("break-on-vmcall", CONT, "\x90\x0f\x01\xc1", {AT_CODE(1), BREAK_EXECUTE}),
	TRACED("break-step-cpuid", STEP, "\x90\x0f\xa2\x90", {AT_CODE(3), BREAK_EXECUTE}),
	/* mov %eax,(%rdi); cpuid; nop. */
	TRACED("watch-store-cpuid", CONT, "\x89\x07\x0f\xa2\x90", {AT_DATA(0), BREAK_WRITE_4}),
	TRACED("watch-load-cpuid", CONT, "\x8b\x07\x0f\xa2\x90", {AT_DATA(0), BREAK_ACCESS_4}),
	TRACED("watch-store-untouched", CONT, "\x89\x07\x0f\xa2\x90", {AT_DATA(8), BREAK_WRITE_4}),
	TRACED("watch-rep-movsb-cpuid", CONT, "\xf3\xa4\x0f\xa2\x90", {AT_DATA(1), BREAK_WRITE_1}),
	TRACED("watch-two-stores", CONT, "\x89\x07\x0f\xa2\x89\x47\x10\x90",
	       {AT_DATA(0), BREAK_WRITE_4}, {AT_DATA(16), BREAK_WRITE_4}),
	TRACED("watch-store-break-cpuid", CONT, "\x89\x07\x0f\xa2\x90", {AT_DATA(0), BREAK_WRITE_4},
	       {AT_CODE(2), BREAK_EXECUTE}),
};

PROBE_GROUP(hwbreak);
