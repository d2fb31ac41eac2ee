/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What instructions that exit leave of everything else that a CPU holds. */
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/fpu/api.h>
#include "bf_probe.h"
#include "cpu_state.h"

#define SNIPPETS(X)                                                                                \
	X(state_after_nop, 0, "nop")                                                               \
	X(state_after_cpuid, 0, "cpuid")                                                           \
	X(state_after_cpuid_hypervisor, 0, "mov $0x40000000, %eax; cpuid")                         \
	X(state_after_rdmsr, 0, "mov $0x12345678, %ecx; rdmsr")                                    \
	X(state_after_wrmsr, 0, "mov $0x12345678, %ecx; wrmsr")                                    \
	X(state_after_xsetbv, 0, "xor %ecx, %ecx; xgetbv; xsetbv")                                 \
	X(state_after_wbinvd, 0, "wbinvd")                                                         \
	X(state_after_vmcall, 0, "vmcall")                                                         \
	X(state_after_vmmcall, 0, "vmmcall")                                                       \
	X(state_after_vmxoff, 0, "vmxoff")                                                         \
	X(state_after_clgi, 0, "clgi")                                                             \
	X(state_after_write_cr0, 0, "mov %cr0, %rax; mov %rax, %cr0")                              \
	X(state_after_write_cr4, 0, "mov %cr4, %rax; mov %rax, %cr4")

SNIPPETS(SNIPPET)
static const struct snippet snippets[] = {SNIPPETS(SNIPPET_OF)};

static u64 original[STATE_MAX], before[STATE_MAX], after[STATE_MAX];
static u8 fpu_original[FPU_SIZE] __aligned(16),
	fpu_before[FPU_SIZE] __aligned(16), fpu_after[FPU_SIZE] __aligned(16);

/* Runs a snippet with markers in all state that may hold them. */
static void run_marked(const struct snippet *snippet)
{
	struct regs regs = standard_regs();
	struct trace trace;
	unsigned long flags;

	kernel_fpu_begin();
	local_irq_save(flags);
	state_read(original);
	fpu_read(fpu_original);
	state_mark();
	fpu_mark();
	state_read(before);
	fpu_read(fpu_before);
	run(snippet, &regs, &trace);
	state_read(after);
	fpu_read(fpu_after);
	fpu_write(fpu_original);
	state_restore(original);
	local_irq_restore(flags);
	kernel_fpu_end();
}

static void probe_kept(const struct snippet *snippet)
{
	char lost[256] = "";
	size_t i, used = 0;

	run_marked(snippet);
	for (i = 0; i < state_items; i++) {
		if (before[i] != after[i])
			used += scnprintf(lost + used, sizeof(lost) - used, " %s", state_names[i]);
	}
	if (memcmp(fpu_before, fpu_after, FPU_SIZE))
		used += scnprintf(lost + used, sizeof(lost) - used, " fpu");
	report(snippet->id, "%s", used ? lost + 1 : "kept");
}

/* That the markers are in place says that what was kept could have been lost. */
static void report_marks(void)
{
	size_t i, used = 0;
	char held[256] = "";

	for (i = 0; i < state_items; i++) {
		if (original[i] != before[i])
			used += scnprintf(held + used, sizeof(held) - used, " %s", state_names[i]);
	}
	report("state-marked", "%s%s", held + 1,
	       memcmp(fpu_original, fpu_before, FPU_SIZE) ? " fpu" : "");
}

void probe_state(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(snippets); i++)
		probe_kept(&snippets[i]);
	report_marks();
}
