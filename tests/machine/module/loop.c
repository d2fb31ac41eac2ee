/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Loops whose only open boundary for an interrupt lies behind an instruction that may exit: a
 * timer must get through. A hypervisor that leaves the interrupt shadow in place never lets it.
 */
#include <linux/compiler.h>
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include "bf_probe.h"

#define TIMER_NS 1000000

/* RDI points to the flag that ends the loop, RSI counts rounds down. */
#define ROUND(body) "1: " body "; cmpb $0, (%rdi); jne 2f; dec %rsi; jnz 1b; 2:"
#define ROUNDS_MAX  2000000

#define SNIPPETS(X)                                                                                \
	X(loop_sti_nop, 0, ROUND("sti; nop; cli"))                                                 \
	X(loop_sti_cpuid, 0, ROUND("xor %eax, %eax; sti; cpuid; cli"))                             \
	X(loop_sti_rdmsr, 0, ROUND("mov $0x1b, %ecx; sti; rdmsr; cli"))                            \
	X(loop_sti_xsetbv, 0, ROUND("xor %ecx, %ecx; xgetbv; sti; xsetbv; cli"))                   \
	X(loop_sti_mov_ss_cpuid, 0,                                                                \
	  ROUND("mov %ss, %ebx; xor %eax, %eax; sti; mov %ebx, %ss; cpuid; cli"))

SNIPPETS(SNIPPET)
static const struct snippet snippets[] = {SNIPPETS(SNIPPET_OF)};

static enum hrtimer_restart on_timer(struct hrtimer *timer)
{
	WRITE_ONCE(bf_page[0], 1);
	return HRTIMER_NORESTART;
}

static void probe_loop(const struct snippet *snippet)
{
	struct regs regs = standard_regs();
	struct hrtimer timer;
	struct trace trace;

	hrtimer_init(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	timer.function = on_timer;
	bf_page[0] = 0;
	regs.rsi = ROUNDS_MAX;
	hrtimer_start(&timer, ns_to_ktime(TIMER_NS), HRTIMER_MODE_REL_PINNED_HARD);
	run(snippet, &regs, &trace);
	hrtimer_cancel(&timer);
	if (clean(&trace))
		report(snippet->id, "%s", regs.rsi ? "delivered" : "lost");
	else
		report_run(snippet->id, &regs, &trace, 0);
}

void probe_loops(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(snippets); i++)
		probe_loop(&snippets[i]);
}
