/* SPDX-License-Identifier: MIT */
/*
 * Guards on the host: what the VMM does with its exception handlers and a few lines of assembly is
 * done here with signals and siglongjmp().
 */
#define _GNU_SOURCE /* for the names of registers */
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>
#include <bareframe/vcpu.h>
#include <bfmock/machine.h>
#include <bfvmm/guard.h>
#include "model.h"

#define STACK_BYTES 65536 /* of the signal handler */
#define STACK_NEAR  65536 /* below RSP: a fault there is a stack that has run out */

static uint8_t handler_stack[STACK_BYTES];

uint64_t bf_guarded(uint64_t (*fn)(void *ctx), void *ctx, uint64_t *guard)
{
	sigjmp_buf here;
	const uint64_t outer = *guard;
	volatile uint64_t result = BF_TRIPPED;

	*guard = (uint64_t)&here;
	if (!sigsetjmp(here, 1))
		result = fn(ctx);
	*guard = outer;
	return result;
}

_Noreturn void bf_guard_unwind(uint64_t guard)
{
	siglongjmp(*(sigjmp_buf *)guard, 1);
}

static uint64_t vector_of(int signal)
{
	switch (signal) {
	case SIGFPE:
		return BF_VECTOR_DE;
	case SIGILL:
		return BF_VECTOR_UD;
	default:
		return BF_VECTOR_PF;
	}
}

/* Returns to the faulting instruction, and to the default action, if nobody catches it. */
static void on_signal(int number, siginfo_t *info, void *context)
{
	const greg_t *reg = ((ucontext_t *)context)->uc_mcontext.gregs;
	uint64_t address = (uint64_t)info->si_addr, stack = (uint64_t)reg[REG_RSP];

	bf_guard_trip(&(struct bf_trip){
		.vector = vector_of(number),
		.error_code = (uint64_t)reg[REG_ERR],
		.rip = (uint64_t)reg[REG_RIP],
		.address = number == SIGSEGV ? address : 0,
		.stack = number == SIGSEGV && address + STACK_NEAR > stack &&
			 address < stack + STACK_NEAR,
	});
	signal(number, SIG_DFL);
}

void mock_guard_init(void)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
	const stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof(handler_stack)};
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};

	sigaltstack(&stack, NULL);
	for (uint32_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
}
