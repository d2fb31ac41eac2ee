/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Instructions of ring 0 on demand: root writes the name of one to /proc/bf_do, and it is executed
 * once on the CPU of the writer. Each leaves the machine as it was.
 */
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/proc_fs.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/apic.h>
#include <asm/cpufeature.h>
#include <asm/irq_vectors.h>
#include <asm/nmi.h>

#define NAME_MAX_LENGTH 32

/* An instruction that this CPU may refuse: the exception ends it. */
#define MAY_FAULT(insn) "1: " insn "\n2:\n" _ASM_EXTABLE(1b, 2b)

/* X(name, CPU feature it needs or ALWAYS, what to execute with a free address in RDI) */
#define ALWAYS X86_FEATURE_ALWAYS
#define INSTRUCTIONS(X)                                                                            \
	X(cr0_read, ALWAYS, "mov %%cr0, %%rax")                                                    \
	X(cr0_write, ALWAYS,                                                                       \
	  "mov %%cr0, %%rax; mov %%rax, %%rdx; xor $8, %%rax; mov %%rax, %%cr0; mov %%rdx, %%cr0") \
	X(cr2_read, ALWAYS, "mov %%cr2, %%rax")                                                    \
	X(cr2_write, ALWAYS, "mov %%cr2, %%rax; mov %%rax, %%cr2")                                 \
	X(cr3_read, ALWAYS, "mov %%cr3, %%rax")                                                    \
	X(cr3_write, ALWAYS, "mov %%cr3, %%rax; mov %%rax, %%cr3")                                 \
	X(cr4_read, ALWAYS, "mov %%cr4, %%rax")                                                    \
	X(cr4_write, ALWAYS,                                                                       \
	  "mov %%cr4, %%rax; mov %%rax, %%rdx; xor $0x100, %%rax; mov %%rax, %%cr4;"               \
	  "mov %%rdx, %%cr4")                                                                      \
	X(cr8_read, ALWAYS, "mov %%cr8, %%rax")                                                    \
	X(cr8_write, ALWAYS, "mov %%cr8, %%rax; mov %%rax, %%cr8")                                 \
	X(dr, ALWAYS, "mov %%dr3, %%rax; mov %%rax, %%dr3")                                        \
	X(xsetbv, X86_FEATURE_XSAVE, "xor %%ecx, %%ecx; xgetbv; xsetbv")                           \
	X(rdmsr, ALWAYS, "mov $0xc0000081, %%ecx; rdmsr")                                          \
	X(wrmsr, ALWAYS, "mov $0xc0000081, %%ecx; rdmsr; wrmsr")                                   \
	X(rdpmc, ALWAYS, "xor %%ecx, %%ecx;" MAY_FAULT("rdpmc"))                                   \
	X(out, ALWAYS, "out %%al, $0x80")                                                          \
	X(invlpg, ALWAYS, "invlpg (%%rdi)")                                                        \
	X(invpcid, X86_FEATURE_INVPCID, "mov $2, %%eax; invpcid (%%rdi), %%rax")                   \
	X(invd, ALWAYS, "wbinvd; invd")                                                            \
	X(wbinvd, ALWAYS, "wbinvd")                                                                \
	X(hlt, ALWAYS, "sti; hlt; cli")                                                            \
	X(pause, ALWAYS, "pause")                                                                  \
	X(monitor, X86_FEATURE_MWAIT,                                                              \
	  "mov %%rdi, %%rax; xor %%ecx, %%ecx; xor %%edx, %%edx; monitor")                         \
	X(mwait, X86_FEATURE_MWAIT,                                                                \
	  "mov %%rdi, %%rax; xor %%ecx, %%ecx; xor %%edx, %%edx; monitor; xor %%eax, %%eax; sti;"  \
	  "mwait; cli")                                                                            \
	X(virt, ALWAYS,                                                                            \
	  MAY_FAULT(".byte 0x0f, 0x01, 0xc4") "\n" MAY_FAULT(".byte 0x0f, 0x01, 0xdc"))

static u8 page[PAGE_SIZE] __aligned(PAGE_SIZE);

#define X(name, feature, code)                                                                     \
	static void do_##name(void)                                                                \
	{                                                                                          \
		asm volatile(code ::"D"(page) : "rax", "rbx", "rcx", "rdx", "memory", "cc");       \
	}
INSTRUCTIONS(X)
#undef X

static unsigned int nmis;

static int on_nmi(unsigned int type, struct pt_regs *regs)
{
	if (!READ_ONCE(nmis))
		return NMI_DONE;
	WRITE_ONCE(nmis, 0);
	return NMI_HANDLED;
}

static void do_nmi(void)
{
	if (register_nmi_handler(NMI_LOCAL, on_nmi, 0, "bf_do"))
		return;
	WRITE_ONCE(nmis, 1);
	apic->send_IPI(smp_processor_id(), NMI_VECTOR);
	while (READ_ONCE(nmis))
		cpu_relax();
	unregister_nmi_handler(NMI_LOCAL, "bf_do");
}

static const struct {
	const char *name;
	void (*execute)(void);
	unsigned int feature;
	bool interruptible; /* sleeps, so not with preemption off */
} instructions[] = {
#define X(name, feature, code) {#name, do_##name, feature, false},
	INSTRUCTIONS(X)
#undef X
		{"nmi", do_nmi, ALWAYS, true},
};

static void execute(size_t i)
{
	unsigned long flags;

	if (instructions[i].interruptible) {
		instructions[i].execute();
		return;
	}
	local_irq_save(flags);
	instructions[i].execute();
	local_irq_restore(flags);
}

static ssize_t bf_do_write(struct file *file, const char __user *buffer, size_t count,
			   loff_t *offset)
{
	char name[NAME_MAX_LENGTH] = "";
	size_t i;

	if (count >= sizeof(name) || copy_from_user(name, buffer, count))
		return -EINVAL;
	strim(name);
	for (i = 0; i < ARRAY_SIZE(instructions); i++)
		if (!strcmp(name, instructions[i].name))
			break;
	if (i == ARRAY_SIZE(instructions))
		return -ENOENT;
	if (instructions[i].feature != ALWAYS && !boot_cpu_has(instructions[i].feature))
		return -EOPNOTSUPP;
	execute(i);
	return count;
}

static const struct proc_ops ops = {.proc_write = bf_do_write};

static int __init bf_do_init(void)
{
	return proc_create("bf_do", 0200, NULL, &ops) ? 0 : -ENOMEM;
}

static void __exit bf_do_exit(void)
{
	remove_proc_entry("bf_do", NULL);
}

module_init(bf_do_init);
module_exit(bf_do_exit);
MODULE_DESCRIPTION("Instructions of ring 0 on demand");
MODULE_LICENSE("Dual MIT/GPL");
