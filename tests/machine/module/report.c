/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The lines of output, and turning a run into words. */
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/trapnr.h>
#include "bf_probe.h"
#include "output.h"

static char lines[OUTPUT_SIZE];
static size_t used;

static __printf(1, 0) void add_args(const char *format, va_list args)
{
	used += vscnprintf(lines + used, sizeof(lines) - used, format, args);
}

static __printf(1, 2) void add(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_args(format, args);
	va_end(args);
}

static void add_name(const char *id)
{
	for (; *id; id++)
		add("%c", *id == '_' ? '-' : *id);
	add(":");
}

void report(const char *name, const char *format, ...)
{
	va_list args;

	add_name(name);
	add(" ");
	va_start(args, format);
	add_args(format, args);
	va_end(args);
	add("\n");
}

static void add_event(const struct event *event)
{
	static const char *const names[] = {
		[X86_TRAP_DE] = "#DE", [X86_TRAP_DB] = "#DB", [X86_TRAP_BP] = "#BP",
		[X86_TRAP_OF] = "#OF", [X86_TRAP_BR] = "#BR", [X86_TRAP_UD] = "#UD",
		[X86_TRAP_NM] = "#NM", [X86_TRAP_TS] = "#TS", [X86_TRAP_NP] = "#NP",
		[X86_TRAP_SS] = "#SS", [X86_TRAP_GP] = "#GP", [X86_TRAP_PF] = "#PF",
		[X86_TRAP_MF] = "#MF", [X86_TRAP_AC] = "#AC", [X86_TRAP_XF] = "#XF",
	};

	if (event->vector == EVENT_INTERRUPT)
		add(" interrupt");
	else if (event->vector == EVENT_BREAKPOINT)
		add(" break%u", event->error);
	else if (event->vector < ARRAY_SIZE(names) && names[event->vector])
		add(" %s", names[event->vector]);
	else
		add(" vector %u", event->vector);
	if (event->vector == X86_TRAP_DB)
		add(" dr6=%#x", event->dr6);
	else if (event->vector == X86_TRAP_GP || (event->error && event->vector < EVENT_INTERRUPT))
		add("(%#x)", event->error);
	add(" +%#lx", event->offset);
}

static void add_regs(const struct regs *regs, unsigned int show)
{
	if (show & SHOW_RAX)
		add(" rax=%#llx", regs->rax);
	if (show & SHOW_RBX)
		add(" rbx=%#llx", regs->rbx);
	if (show & SHOW_RCX)
		add(" rcx=%#llx", regs->rcx);
	if (show & SHOW_RDX)
		add(" rdx=%#llx", regs->rdx);
	if (show & SHOW_RFLAGS)
		add(" rflags=%#llx", regs->rflags);
}

void report_run(const char *name, const struct regs *regs, const struct trace *trace,
		unsigned int show)
{
	unsigned int i;

	add_name(name);
	for (i = 0; i < trace->count; i++)
		add_event(&trace->events[i]);
	if (trace->ended) {
		add(" end");
		add_regs(regs, show);
	}
	add("\n");
}

void probe_with(const char *name, const struct snippet *snippet, struct regs regs,
		unsigned int show)
{
	struct trace trace;

	run(snippet, &regs, &trace);
	report_run(name, &regs, &trace, show);
}

void probe(const struct snippet *snippet)
{
	probe_with(snippet->id, snippet, standard_regs(), snippet->show);
}

const char *output(size_t *length)
{
	*length = used;
	return lines;
}
