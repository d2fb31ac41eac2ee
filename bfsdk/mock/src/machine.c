/* SPDX-License-Identifier: MIT */
/* The machine as a whole: reset, the current CPU, and how code on it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <bfmock/machine.h>
#include <bfvmm/vcpu.h>
#include "model.h"

struct mock_machine mock;
char mock_fault_text[256];

struct catcher {
	jmp_buf jump;
	struct catcher *outer;
};

static struct catcher *catcher;

struct catcher *mock_catcher(struct catcher *now)
{
	struct catcher *before = catcher;

	catcher = now;
	return before;
}

static const char *const end_names[] = {
	[MOCK_RETURNED] = "returned",       [MOCK_HALTED] = "halted the CPU",
	[MOCK_ENTERED] = "entered a guest", [MOCK_LEFT] = "left the VMM",
	[MOCK_FAULTED] = "faulted",
};

enum mock_end mock_catch(void (*fn)(void *ctx), void *ctx)
{
	struct catcher here = {.outer = catcher};
	enum mock_end how;

	catcher = &here;
	how = (enum mock_end)setjmp(here.jump);
	if (how == MOCK_RETURNED)
		fn(ctx);
	catcher = here.outer;
	return how;
}

void mock_end(enum mock_end how)
{
	if (catcher)
		longjmp(catcher->jump, (int)how);
	mock_print_log();
	fail_msg("the code under test %s %s", end_names[how],
		 how == MOCK_FAULTED ? mock_fault_text : "");
	__builtin_unreachable();
}

void mock_fault(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(mock_fault_text, sizeof(mock_fault_text), format, args);
	va_end(args);
	mock_end(MOCK_FAULTED);
}

static void reset_cpu(struct mock_cpu *cpu)
{
	*cpu = (struct mock_cpu){
		.cr0 = 0x80050033,
		.cr3 = 0x1000,
		.cr4 = mock_has(MOCK_LA57) ? 0x16e0 : 0x6e0,
		.dr6 = 0xffff0ff0,
		.dr7 = 0x400,
		.xcr0 = 7,
		.gdtr = {0x7f, 0x5000},
		.idtr = {0xfff, 0x6000},
		.tr = 0x40,
		.vmcs_pa = MOCK_NO_VMCS,
		.gif = true,
	};
	if (mock_has(MOCK_XSAVE))
		cpu->cr4 |= 0x40000;
}

/* The VMM's own record of a CPU outlives a test that ended in the middle. */
static void forget(struct bf_pcpu *pcpu)
{
	if (!pcpu)
		return;
	pcpu->vcpu = NULL;
	pcpu->arch = NULL;
	pcpu->guard = 0;
	pcpu->suspect = NULL;
	pcpu->locks = 0;
	pcpu->on = false;
	pcpu->panicked = false;
}

void mock_reset_with(const struct mock_profile *profile, uint32_t cpu_count, uint32_t remove,
		     uint32_t add)
{
	for (uint32_t i = 0; i < MOCK_CPUS; i++)
		forget(mock.cpus[i].pcpu);
	memset(&mock, 0, sizeof(mock));
	mock_trace_reset();
	catcher = NULL;
	mock_fibers_reset();
	mock_nmi_exit = NULL;
	mock.profile = profile;
	mock.features = (profile->features & ~remove) | add;
	mock.cpu_count = cpu_count;
	mock_guard_init();
	mock_memory_reset();
	mock_cpuid_reset();
	for (uint32_t i = 0; i < cpu_count; i++) {
		mock_cpu_switch(i);
		reset_cpu(mock_this());
		mock_msr_reset();
		if (profile->vendor == MOCK_INTEL)
			mock_vmx_capabilities();
	}
	mock_cpu_switch(0);
	mock_counts_reset();
}

void mock_reset(const struct mock_profile *profile, uint32_t cpu_count)
{
	mock_reset_with(profile, cpu_count, 0, 0);
}

void mock_cpu_switch(uint32_t cpu)
{
	if (cpu >= mock.cpu_count)
		mock_fault("there is no CPU %u", cpu);
	mock.cpu = cpu;
}

struct mock_cpu *mock_this(void)
{
	return &mock.cpus[mock.cpu];
}

void mock_counts_reset(void)
{
	memset(&mock.count, 0, sizeof(mock.count));
}

bool mock_due(uint64_t *countdown)
{
	if (!*countdown)
		return false;
	return --*countdown == 0;
}
