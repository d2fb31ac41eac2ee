/* SPDX-License-Identifier: MIT */
/* Running code in a child under ptrace: stepped, or continued from breakpoint to breakpoint. */
#include "run.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEBUG_REG(n) ((void *)(offsetof(struct user, u_debugreg) + (n) * sizeof(uint64_t)))
#define DR6_SHOWN    0xe00f
#define END_OF_CODE  0xcc

static pid_t start_child(void)
{
	pid_t child = fork();
	int status;

	if (!child) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(0);
	}
	if (child > 0 && (waitpid(child, &status, 0) != child || !WIFSTOPPED(status)))
		return -1;
	return child;
}

static void load_regs(struct user_regs_struct *to, const struct regs *from)
{
	to->rax = from->rax;
	to->rbx = from->rbx;
	to->rcx = from->rcx;
	to->rdx = from->rdx;
	to->rsi = from->rsi;
	to->rdi = from->rdi;
	to->rbp = from->rbp;
	to->rip = (uintptr_t)ARENA_CODE;
	to->rsp = (uintptr_t)ARENA_LOW_STACK_TOP - 256;
	/* Otherwise the kernel would restart the call that the child stopped in. */
	to->orig_rax = ~0ull;
}

static void store_regs(struct regs *to, const struct user_regs_struct *from)
{
	to->rax = from->rax;
	to->rbx = from->rbx;
	to->rcx = from->rcx;
	to->rdx = from->rdx;
	to->rsi = from->rsi;
	to->rdi = from->rdi;
	to->rbp = from->rbp;
	to->rflags = from->eflags;
}

static int set_breakpoints(pid_t child, const struct breakpoint *points, unsigned int count)
{
	uint64_t control = 0;

	for (unsigned int i = 0; i < count; i++) {
		if (ptrace(PTRACE_POKEUSER, child, DEBUG_REG(i), points[i].address))
			return errno;
		control |= 1ull << (2 * i) | (uint64_t)points[i].kind << (16 + 4 * i);
	}
	if (count && ptrace(PTRACE_POKEUSER, child, DEBUG_REG(7), control))
		return errno;
	return 0;
}

/* Takes down where and why the child stopped; true while there is more to come. */
static bool record_stop(pid_t child, struct traced *traced)
{
	struct event *event = &traced->trace.events[traced->trace.count];
	struct user_regs_struct regs;
	uint64_t offset;
	siginfo_t info;

	if (ptrace(PTRACE_GETREGS, child, NULL, &regs) ||
	    ptrace(PTRACE_GETSIGINFO, child, NULL, &info))
		return false;
	store_regs(&traced->regs, &regs);
	offset = regs.rip - (uintptr_t)ARENA_CODE;
	if (traced->mode == TRACE_CONTINUE && offset == traced->length + 1) {
		traced->trace.ended = true;
		return false;
	}
	event->signal = info.si_signo;
	event->code = info.si_code;
	event->address = (uintptr_t)info.si_addr;
	event->rip = regs.rip;
	event->trap = TRAP_IS_DR6;
	event->error = (uint64_t)ptrace(PTRACE_PEEKUSER, child, DEBUG_REG(6), NULL) & DR6_SHOWN;
	ptrace(PTRACE_POKEUSER, child, DEBUG_REG(6), NULL);
	traced->trace.count++;
	traced->trace.ended = traced->mode == TRACE_STEP && offset == traced->length;
	return info.si_signo == SIGTRAP && offset <= traced->length && !traced->trace.ended &&
	       traced->trace.count < TRACE_MAX;
}

static int trace_until_end(pid_t child, struct traced *traced)
{
	struct user_regs_struct regs;
	int error, status;

	if (ptrace(PTRACE_GETREGS, child, NULL, &regs))
		return errno;
	load_regs(&regs, &traced->regs);
	if (ptrace(PTRACE_SETREGS, child, NULL, &regs))
		return errno;
	error = set_breakpoints(child, traced->points, traced->point_count);
	if (error)
		return error;
	do {
		if (ptrace(traced->mode == TRACE_STEP ? PTRACE_SINGLESTEP : PTRACE_CONT, child,
			   NULL, NULL))
			return errno;
		if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
			return ECHILD;
	} while (record_stop(child, traced));
	return 0;
}

int run_traced(struct traced *traced)
{
	int error, status;
	pid_t child;

	memset(&traced->trace, 0, sizeof(traced->trace));
	memcpy(ARENA_CODE, traced->code, traced->length);
	ARENA_CODE[traced->length] = END_OF_CODE;
	run_base = ARENA_CODE;
	run_length = traced->length;
	child = start_child();
	if (child < 0)
		return errno ? errno : ECHILD;
	error = trace_until_end(child, traced);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	return error;
}
