/* SPDX-License-Identifier: MIT */
/* Turning addresses, events and registers into words that do not change from run to run. */
#include "probe.h"
#include "run.h"
#include "text.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>

#define DR6_STEP  0x4000
#define DATA_SPAN (3 * PAGE)
#define VDSO_SPAN (4 * PAGE)
/* A 32-bit return cuts an address to this. */
#define LOW       0xfffffffful
#define CODE_SPAN (3 * PAGE)

static const char *signal_name(int number)
{
	switch (number) {
	case SIGSEGV:
		return "SIGSEGV";
	case SIGILL:
		return "SIGILL";
	case SIGBUS:
		return "SIGBUS";
	case SIGFPE:
		return "SIGFPE";
	case SIGTRAP:
		return "SIGTRAP";
	default:
		return "signal";
	}
}

void text_add_address(struct text *text, uint64_t address)
{
	uint64_t base = (uintptr_t)run_base;
	uint64_t data = (uintptr_t)ARENA_DATA;
	uint64_t vdso = getauxval(AT_SYSINFO_EHDR);

	if (address - base < CODE_SPAN)
		text_add(text, "+%#" PRIx64, address - base);
	else if (address - data < DATA_SPAN)
		text_add(text, "data+%#" PRIx64, address - data);
	else if (vdso && address - vdso < VDSO_SPAN)
		text_add(text, "vdso+%#" PRIx64, address - vdso);
	else if (vdso && (address & LOW) == address && (address - (vdso & LOW)) < VDSO_SPAN)
		text_add(text, "vdso-low+%#" PRIx64, address - (vdso & LOW));
	else
		text_add(text, "%#" PRIx64, address);
}

static bool is_plain_step(const struct event *event)
{
	return event->signal == SIGTRAP && event->code == TRAP_TRACE &&
	       (event->trap != TRAP_IS_DR6 || event->error == DR6_STEP);
}

static void text_add_event(struct text *text, const struct event *event)
{
	if (is_plain_step(event)) {
		text_add(text, "step ");
		text_add_address(text, event->rip);
		return;
	}
	text_add(text, "%s code=%d", signal_name(event->signal), event->code);
	if (event->trap == TRAP_IS_DR6)
		text_add(text, " dr6=%#" PRIx64, event->error);
	else
		text_add(text, " trap=%" PRIu64 " err=%#" PRIx64, event->trap, event->error);
	text_add(text, " addr=");
	text_add_address(text, event->address);
	text_add(text, " at ");
	text_add_address(text, event->rip);
}

void text_add_trace(struct text *text, const struct trace *trace)
{
	for (unsigned int i = 0; i < trace->count; i++) {
		text_add(text, i ? "; " : "");
		text_add_event(text, &trace->events[i]);
	}
	if (trace->ended)
		text_add(text, trace->count ? "; end" : "end");
}

void text_add_regs(struct text *text, const struct regs *regs, unsigned int show)
{
	const struct {
		unsigned int bit;
		const char *name;
		uint64_t value;
	} columns[] = {
		{SHOW_RAX, "rax", regs->rax},           {SHOW_RBX, "rbx", regs->rbx},
		{SHOW_RCX, "rcx", regs->rcx},           {SHOW_RDX, "rdx", regs->rdx},
		{SHOW_RSI, "rsi", regs->rsi},           {SHOW_RDI, "rdi", regs->rdi},
		{SHOW_ZF, "zf", regs->rflags >> 6 & 1},
	};

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		if (!(show & columns[i].bit))
			continue;
		text_add(text, " %s=", columns[i].name);
		text_add_address(text, columns[i].value);
	}
}
