/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Debug registers by MOV. All are put back. */
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <asm/processor.h>
#include <asm/debugreg.h>
#include "bf_probe.h"

#define SNIPPETS(X)                                                                                \
	X(dr_write_read, SHOW_RAX | SHOW_RBX | SHOW_RCX | SHOW_RDX,                                \
	  "mov $0x1111, %eax; mov %rax, %dr0; mov $0x2222, %eax; mov %rax, %dr1\n"                 \
	  "mov $0x3333, %eax; mov %rax, %dr2; mov $0x4444, %eax; mov %rax, %dr3\n"                 \
	  "mov %dr0, %rax; mov %dr1, %rbx; mov %dr2, %rcx; mov %dr3, %rdx")                        \
	X(dr4_read, 0, "mov %db4, %rax")                                                           \
	X(dr5_read, 0, "mov %db5, %rax")                                                           \
	X(dr4_write, 0, "mov %rax, %db4")                                                          \
	X(dr6_write_all, SHOW_RAX, "mov $0xffffffff, %eax; mov %rax, %dr6; mov %dr6, %rax")        \
	X(dr6_write_none, SHOW_RAX, "xor %eax, %eax; mov %rax, %dr6; mov %dr6, %rax")              \
	X(dr6_write_high, SHOW_RAX, "movabs $0x1ffff0ff0, %rax; mov %rax, %dr6; mov %dr6, %rax")   \
	X(dr7_read, SHOW_RAX, "mov %dr7, %rax")                                                    \
	X(dr7_write_none, SHOW_RAX, "xor %eax, %eax; mov %rax, %dr7; mov %dr7, %rax")              \
	X(dr7_write_le_ge, SHOW_RAX, "mov $0x700, %eax; mov %rax, %dr7; cpuid; mov %dr7, %rax")    \
	X(dr7_write_high, SHOW_RAX, "movabs $0x100000400, %rax; mov %rax, %dr7; mov %dr7, %rax")   \
	X(dr7_general_detect, SHOW_RAX,                                                            \
	  "mov $0x2400, %eax; mov %rax, %dr7; nop; cpuid; mov %dr7, %rax")                         \
	X(dr7_general_detect_write, 0, "mov $0x2400, %eax; mov %rax, %dr7; mov %rcx, %dr0")

SNIPPETS(SNIPPET)
static const struct snippet snippets[] = {SNIPPETS(SNIPPET_OF)};

#define DR6_DEFAULT 0xffff0ff0ul
#define DR7_DEFAULT 0x400ul

static void probe_and_restore(const struct snippet *snippet)
{
	unsigned long flags, kept[4], control;

	local_irq_save(flags);
	get_debugreg(kept[0], 0);
	get_debugreg(kept[1], 1);
	get_debugreg(kept[2], 2);
	get_debugreg(kept[3], 3);
	get_debugreg(control, 7);
	set_debugreg(DR7_DEFAULT, 7);
	probe(snippet);
	set_debugreg(control, 7);
	set_debugreg(kept[0], 0);
	set_debugreg(kept[1], 1);
	set_debugreg(kept[2], 2);
	set_debugreg(kept[3], 3);
	set_debugreg(DR6_DEFAULT, 6);
	local_irq_restore(flags);
}

void probe_debug(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(snippets); i++)
		probe_and_restore(&snippets[i]);
}
