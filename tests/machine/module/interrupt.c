/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * At which boundary between instructions a pending interrupt is taken. Each snippet starts with
 * IF = 0 and a self-IPI pending, enables interrupts, and disables them again at its end. The
 * interrupt's handler finds the interrupted RIP where the CPU pushed it, as the snippets push
 * nothing.
 */
#include <linux/delay.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <asm/cpufeature.h>
#include "bf_probe.h"

/* SS, RSP, RFLAGS, CS, RIP, from an aligned RSP. */
#define FRAME_WORDS 5
#define PENDING_US  50

#define SNIPPETS(X)                                                                                \
	X(irq_sti_nop, 0, "sti; nop; nop; cli")                                                    \
	X(irq_sti_cpuid, 0, "sti; cpuid; nop; cli")                                                \
	X(irq_sti_cpuid_cpuid, 0, "sti; cpuid; cpuid; cli")                                        \
	X(irq_sti_cpuid_cli, 0, "sti; cpuid; cli")                                                 \
	X(irq_sti_sti_cpuid, 0, "sti; sti; cpuid; cli")                                            \
	X(irq_sti_rdtsc, 0, "sti; rdtsc; nop; cli")                                                \
	X(irq_sti_rdmsr, 0, "mov $0x1b, %ecx; sti; rdmsr; nop; cli")                               \
	X(irq_sti_rdmsr_unlisted, 0, "mov $0x12345678, %ecx; sti; rdmsr; nop; cli")                \
	X(irq_sti_wrmsr_unlisted, 0, "mov $0x12345678, %ecx; sti; wrmsr; nop; cli")                \
	X(irq_sti_xsetbv, 0, "xor %ecx, %ecx; xgetbv; sti; xsetbv; nop; cli")                      \
	X(irq_sti_wbinvd, 0, "sti; wbinvd; nop; cli")                                              \
	X(irq_sti_vmcall, 0, "sti; vmcall; nop; cli")                                              \
	X(irq_sti_vmmcall, 0, "sti; vmmcall; nop; cli")                                            \
	X(irq_sti_vmxoff, 0, "sti; vmxoff; nop; cli")                                              \
	X(irq_sti_clgi, 0, "sti; clgi; nop; cli")                                                  \
	X(irq_sti_write_cr0, 0, "mov %cr0, %rax; sti; mov %rax, %cr0; nop; cli")                   \
	X(irq_sti_write_cr4, 0, "mov %cr4, %rax; sti; mov %rax, %cr4; nop; cli")                   \
	X(irq_sti_int3, 0, "sti; int3; nop; cli")                                                  \
	X(irq_sti_mov_ss_cpuid, 0, "mov %ss, %edx; sti; mov %edx, %ss; cpuid; nop; cli")           \
	X(irq_sti_pause, 0, "sti; pause; nop; cli")                                                \
	X(irq_sti_hlt, 0, "sti; hlt; nop; cli")                                                    \
	X(irq_sti_cli_cpuid, 0, "sti; cli; cpuid; nop")                                            \
	X(irq_popf_cpuid, 0, "pushfq; orq $0x200, (%rsp); popfq; cpuid; nop; cli")                 \
	X(irq_popf_nop, 0, "pushfq; orq $0x200, (%rsp); popfq; nop; cli")                          \
	X(irq_cpuid_disabled, 0, "cpuid; cpuid; nop")                                              \
	X(irq_step_sti_cpuid, 0, TF_ON "sti; cpuid; nop; cli")                                     \
	X(irq_cr8_cpuid, 0,                                                                        \
	  "mov $15, %eax; mov %rax, %cr8; sti; nop; cpuid; nop\n"                                  \
	  "xor %eax, %eax; mov %rax, %cr8; nop; nop; cli")

SNIPPETS(SNIPPET)
static const struct snippet snippets[] = {SNIPPETS(SNIPPET_OF)};

#define MWAIT_SNIPPETS(X)                                                                          \
	X(irq_sti_mwait, 0, "mov %rdi, %rax; monitor; xor %eax, %eax; sti; mwait; nop; cli")       \
	X(irq_monitor_reserved, 0, "mov %rdi, %rax; mov $2, %ecx; monitor; nop")                   \
	X(irq_mwait_reserved, 0,                                                                   \
	  "mov %rdi, %rax; monitor; xor %eax, %eax; mov $2, %ecx\n"                                \
	  "sti; mwait; nop; cli")

MWAIT_SNIPPETS(SNIPPET)
static const struct snippet mwait_snippets[] = {MWAIT_SNIPPETS(SNIPPET_OF)};

static void on_interrupt(struct irq_work *work)
{
	const u64 *frame = (const u64 *)(bf_stack & ~15ul) - FRAME_WORDS;
	long offset;

	if (run_offset(frame[0], &offset))
		run_record(EVENT_INTERRUPT, 0, 0, offset);
}

static struct irq_work work = IRQ_WORK_INIT_HARD(on_interrupt);

static void probe_pending(const struct snippet *snippet)
{
	struct regs regs = standard_regs();
	struct trace trace;
	unsigned long flags;

	local_irq_save(flags);
	irq_work_queue(&work);
	udelay(PENDING_US);
	run(snippet, &regs, &trace);
	local_irq_restore(flags);
	irq_work_sync(&work);
	report_run(snippet->id, &regs, &trace, 0);
}

void probe_interrupts(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(snippets); i++)
		probe_pending(&snippets[i]);
	for (i = 0; i < ARRAY_SIZE(mwait_snippets) && boot_cpu_has(X86_FEATURE_MWAIT); i++)
		probe_pending(&mwait_snippets[i]);
}
