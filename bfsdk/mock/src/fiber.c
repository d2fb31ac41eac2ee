/* SPDX-License-Identifier: MIT */
/*
 * CPUs that wait for each other. The mock machine runs one CPU at a time, on the test's stack. A
 * CPU that an NMI makes exit meanwhile runs on a stack of its own, up to its end or its next pause;
 * each pause on the test's stack lets all of those go on from theirs to the next.
 */
#include <stddef.h>
#include <stdlib.h>
#include <ucontext.h>
#include "model.h"

#define STACK_BYTES (256UL << 10)

struct fiber {
	ucontext_t here, resumer;
	void *stack;
	void (*fn)(void);
	struct catcher *catcher; /* of what runs here */
	bool busy;
};

static struct fiber fibers[MOCK_CPUS];
static struct fiber *running; /* NULL: the test's own stack */

void mock_fibers_reset(void)
{
	running = NULL;
	for (uint32_t i = 0; i < MOCK_CPUS; i++)
		fibers[i].busy = false;
}

static void start(void)
{
	struct fiber *fiber = running;

	fiber->fn();
	fiber->busy = false;
	swapcontext(&fiber->here, &fiber->resumer);
}

/* Lets @fiber run as @cpu, until it pauses or ends. */
static void resume(struct fiber *fiber, uint32_t cpu)
{
	struct fiber *before = running;
	uint32_t cpu_before = mock.cpu;
	struct catcher *catcher = mock_catcher(fiber->catcher);

	running = fiber;
	mock.cpu = cpu;
	swapcontext(&fiber->resumer, &fiber->here);
	running = before;
	mock.cpu = cpu_before;
	fiber->catcher = mock_catcher(catcher);
}

void mock_fiber_run(uint32_t cpu, void (*fn)(void))
{
	struct fiber *fiber = &fibers[cpu];

	if (fiber->busy)
		mock_fault("CPU %u runs already", cpu);
	if (!fiber->stack)
		fiber->stack = malloc(STACK_BYTES);
	if (!fiber->stack || getcontext(&fiber->here))
		mock_fault("no stack for CPU %u", cpu);
	fiber->here.uc_stack.ss_sp = fiber->stack;
	fiber->here.uc_stack.ss_size = STACK_BYTES;
	fiber->here.uc_link = NULL;
	fiber->fn = fn;
	fiber->catcher = NULL;
	fiber->busy = true;
	makecontext(&fiber->here, start, 0);
	resume(fiber, cpu);
}

void mock_fiber_pause(void)
{
	if (running) {
		swapcontext(&running->here, &running->resumer);
		return;
	}
	for (uint32_t i = 0; i < mock.cpu_count; i++)
		if (fibers[i].busy)
			resume(&fibers[i], i);
}

bool mock_fibers_busy(void)
{
	for (uint32_t i = 0; i < mock.cpu_count; i++)
		if (fibers[i].busy)
			return true;
	return false;
}

void mock_settle(void)
{
	while (!running && mock_fibers_busy())
		bf_hw_pause();
}
