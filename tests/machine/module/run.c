/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Running a snippet, and the notifier that writes down the exceptions it raises. */
#include <linux/err.h>
#include <linux/irqflags.h>
#include <linux/kdebug.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <asm/debugreg.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>
#include "bf_probe.h"

#define DR6_BD     0x2000 /* a MOV DR that DR7.GD forbids: a fault */
#define LEFT_FLAGS (X86_EFLAGS_TF | X86_EFLAGS_DF | X86_EFLAGS_AC | X86_EFLAGS_NT | X86_EFLAGS_IF)

void bf_enter(struct regs *regs, void (*snippet)(void));
void bf_leave(void);

u8 bf_page[PAGE_SIZE] __aligned(PAGE_SIZE);

static const struct snippet *running;
static struct trace *recorded;

struct regs standard_regs(void)
{
	return (struct regs){
		.rbx = 0xb0b1b2b3b4b5b6b7,
		.rsi = (unsigned long)bf_page,
		.rdi = (unsigned long)bf_page,
		.rbp = 0xd0d1d2d3d4d5d6d7,
		.r8 = 0x0808080808080808,
		.r9 = 0x0909090909090909,
		.r10 = 0x1010101010101010,
		.r11 = 0x1111111111111111,
		.r12 = 0x1212121212121212,
		.r13 = 0x1313131313131313,
		.r14 = 0x1414141414141414,
		.r15 = 0x1515151515151515,
	};
}

static long code_length(const struct snippet *snippet)
{
	return snippet->code->end - snippet->code->start;
}

bool run_offset(unsigned long ip, long *offset)
{
	if (!running)
		return false;
	if (ip == (unsigned long)bf_leave)
		*offset = code_length(running);
	else
		*offset = ip - code_start(running);
	return *offset >= 0 && *offset <= code_length(running);
}

void run_record(u8 vector, u32 error, u16 dr6, long offset)
{
	if (recorded->count < TRACE_MAX)
		recorded->events[recorded->count++] = (struct event){vector, dr6, error, offset};
}

static void leave(struct pt_regs *regs)
{
	recorded->ended = false;
	regs->ip = (unsigned long)bf_leave;
	regs->sp = bf_stack;
	regs->flags &= ~LEFT_FLAGS;
}

/* Traps: the code goes on, but not for ever and not single-stepping into the module. */
static void stepped(struct pt_regs *regs, unsigned long *dr6, long offset)
{
	run_record(X86_TRAP_DB, 0, *dr6, offset);
	if (*dr6 & DR6_BD || recorded->count == TRACE_MAX)
		leave(regs);
	else if (offset == code_length(running))
		regs->flags &= ~(unsigned long)X86_EFLAGS_TF;
	*dr6 = 0;
}

static int on_die(struct notifier_block *block, unsigned long what, void *data)
{
	struct die_args *args = data;
	long offset;

	if (!args->regs || !run_offset(args->regs->ip, &offset))
		return NOTIFY_DONE;
	switch (what) {
	case DIE_DEBUG:
		stepped(args->regs, ERR_PTR(args->err), offset);
		return NOTIFY_STOP;
	case DIE_INT3:
		run_record(X86_TRAP_BP, 0, 0, offset);
		return NOTIFY_STOP;
	case DIE_GPF:
	case DIE_TRAP:
		run_record(args->trapnr, args->err, 0, offset);
		leave(args->regs);
		return NOTIFY_STOP;
	default:
		return NOTIFY_DONE;
	}
}

static struct notifier_block die_block = {.notifier_call = on_die, .priority = INT_MAX};

int traps_install(void)
{
	return register_die_notifier(&die_block);
}

void traps_remove(void)
{
	unregister_die_notifier(&die_block);
}

void run(const struct snippet *snippet, struct regs *regs, struct trace *trace)
{
	unsigned long flags;

	memset(trace, 0, sizeof(*trace));
	trace->ended = true;
	local_irq_save(flags);
	recorded = trace;
	running = snippet;
	barrier();
	bf_enter(regs, snippet->code->entry);
	barrier();
	running = NULL;
	local_irq_restore(flags);
}
