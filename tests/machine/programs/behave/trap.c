/* SPDX-License-Identifier: MIT */
/* The signal handler that writes down what the code under test ran into. */
#include "run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define FLAG_TF       0x100
#define FLAG_DF       0x400
#define FLAG_AC       0x40000
#define USER_CS_SS    0x002b000000000033ull
#define CS_SS_MASK    0xffff00000000ffffull
#define HANDLER_STACK 0x10000

extern uint8_t run_leave[], run_compat_leave[];
void run_enter(struct regs *regs, const void *code);
void run_compat_enter(struct regs *regs, const void *code, void *stack_top);

uint8_t *run_base;
size_t run_length;
static struct trace *current;

static bool continues(const struct event *event)
{
	return event->signal == SIGTRAP && current->count < TRACE_MAX;
}

static bool inside_code(uint64_t rip)
{
	return rip - (uintptr_t)run_base < run_length;
}

static void leave_code(greg_t *gregs)
{
	gregs[REG_RIP] = (greg_t)(uintptr_t)run_leave;
	gregs[REG_CSGSFS] = (greg_t)(((uint64_t)gregs[REG_CSGSFS] & ~CS_SS_MASK) | USER_CS_SS);
	gregs[REG_EFL] &= ~(greg_t)(FLAG_TF | FLAG_DF | FLAG_AC);
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	greg_t *gregs = ((ucontext_t *)context)->uc_mcontext.gregs;
	struct event *event;

	/* The handler inherits AC; its own unaligned accesses must not raise the next signal. */
	__asm__ volatile("pushfq; andl $0xfffbffff, (%%rsp); popfq" ::: "memory", "cc");
	if (!current)
		_Exit(70);
	event = &current->events[current->count++];
	event->signal = number;
	event->code = info->si_code;
	event->address = (uintptr_t)info->si_addr;
	event->rip = (uint64_t)gregs[REG_RIP];
	event->trap = (uint64_t)gregs[REG_TRAPNO];
	event->error = (uint64_t)gregs[REG_ERR];
	event->cs = (uint16_t)gregs[REG_CSGSFS];
	if (!continues(event)) {
		leave_code(gregs);
		current->ended = false;
	} else if (!inside_code(event->rip)) {
		gregs[REG_EFL] &= ~(greg_t)FLAG_TF;
	}
}

void traps_install(void)
{
	static const int signals[] = {SIGSEGV, SIGILL, SIGBUS, SIGFPE, SIGTRAP};
	struct sigaction action = {.sa_sigaction = on_signal};
	stack_t stack = {.ss_size = HANDLER_STACK};

	stack.ss_sp = mmap(NULL, HANDLER_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
	if (stack.ss_sp == MAP_FAILED || sigaltstack(&stack, NULL)) {
		perror("behave: cannot make the signal stack");
		exit(1);
	}
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
}

static void prepare(uint8_t *where, const char *code, size_t length, struct trace *trace)
{
	memset(trace, 0, sizeof(*trace));
	memcpy(where, code, length);
	run_base = where;
	run_length = length;
	trace->ended = true;
	current = trace;
}

void run_at(uint8_t *where, const char *code, size_t length, struct regs *regs, struct trace *trace)
{
	prepare(where, code, length, trace);
	/* Code that ends where the arena does has no room for a return, and must not reach one. */
	if (where + length != ARENA_CODE + 2 * PAGE)
		where[length] = 0xc3;
	run_enter(regs, where);
	current = NULL;
}

void run_compat(const char *code, size_t length, struct regs *regs, struct trace *trace)
{
	uint32_t back = (uint32_t)(uintptr_t)run_compat_leave;

	prepare(ARENA_CODE, code, length, trace);
	/* ljmp $USER_CS, $run_compat_leave. */
	ARENA_CODE[length] = 0xea;
	memcpy(ARENA_CODE + length + 1, &back, sizeof(back));
	ARENA_CODE[length + 5] = USER_CS_SS & 0xff;
	ARENA_CODE[length + 6] = 0;
	run_compat_enter(regs, ARENA_CODE, ARENA_LOW_STACK_TOP);
	current = NULL;
}
