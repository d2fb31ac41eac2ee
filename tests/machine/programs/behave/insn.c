/* SPDX-License-Identifier: MIT */
#include "probe.h"
#include "run.h"
#include "text.h"

#include <string.h>

void probe_insn(const struct probe *probe)
{
	struct regs regs = standard_regs();
	struct text text = {0};
	struct trace trace;

	memset(ARENA_DATA, 0, 2 * PAGE);
	regs.rax = probe->rax;
	regs.rcx = probe->rcx;
	regs.rdx = probe->rdx;
	run(probe->code, probe->length, &regs, &trace);
	text_add_trace(&text, &trace);
	if (trace.ended)
		text_add_regs(&text, &regs, probe->show);
	report(probe->name, "%s", text.bytes);
}
