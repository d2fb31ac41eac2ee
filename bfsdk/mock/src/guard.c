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
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>
#include <bareframe/vcpu.h>
#include <bfmock/machine.h>
#include <bfvmm/guard.h>
#include "model.h"

#define STACK_BYTES 65536 /* of the signal handler */
#define STACK_NEAR  65536 /* below RSP: a fault there is a stack that has run out */

#define STACK_MAX (64ul << 20) /* a stack without a limit would never run out */

static uint8_t handler_stack[STACK_BYTES];

uint64_t bf_guarded(uint64_t (*fn)(void *ctx), void *ctx, uint64_t *guard)
{
	jmp_buf here;
	const uint64_t outer = *guard, cr2 = bf_hw_read_cr2();
	volatile uint64_t result = BF_TRIPPED;

	*guard = (uint64_t)&here;
	if (!setjmp(here))
		result = fn(ctx);
	else
		bf_hw_write_cr2(cr2);
	*guard = outer;
	return result;
}

_Noreturn void bf_guard_unwind(uint64_t guard)
{
	longjmp(*(jmp_buf *)guard, 1);
}

static bool in_stack_guard(uint64_t address, uint64_t stack)
{
	return address + STACK_NEAR > stack && address < stack + STACK_NEAR;
}

/*
 * The kernel tells what the processor told it. Returns to the faulting instruction, and to the
 * default action, if nobody catches it.
 */
static void on_signal(int number, siginfo_t *info, void *context)
{
	const greg_t *reg = ((ucontext_t *)context)->uc_mcontext.gregs;
	struct bf_trip trip = {
		.vector = (uint64_t)reg[REG_TRAPNO],
		.error_code = (uint64_t)reg[REG_ERR],
		.rip = (uint64_t)reg[REG_RIP],
	};

	if (trip.vector == BF_VECTOR_PF) {
		trip.address = (uint64_t)info->si_addr;
		trip.stack = in_stack_guard(trip.address, (uint64_t)reg[REG_RSP]);
		mock_this()->cr2 = trip.address;
	}
	bf_guard_trip(&trip);
	signal(number, SIG_DFL);
}

static void limit_stack(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_STACK, &limit) || limit.rlim_cur <= STACK_MAX)
		return;
	limit.rlim_cur = STACK_MAX;
	setrlimit(RLIMIT_STACK, &limit);
}

void mock_guard_init(void)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
	const stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof(handler_stack)};
	/* Handlers are left by longjmp(), which must not leave the signal blocked. */
	struct sigaction action = {.sa_sigaction = on_signal,
				   .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};

	limit_stack();
	sigaltstack(&stack, NULL);
	for (uint32_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
}
