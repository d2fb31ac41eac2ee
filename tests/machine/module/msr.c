/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * RDMSR and WRMSR with garbage in the upper halves of all registers: it must not matter, and
 * RDMSR leaves zero there.
 */
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "bf_probe.h"

#define GARBAGE 0xdeadbeef00000000ull

#define SNIPPETS(X)                                                                                \
	X(rdmsr, 0, "rdmsr")                                                                       \
	X(wrmsr, 0, "wrmsr")

SNIPPETS(SNIPPET)
static const struct snippet snippets[] = {SNIPPETS(SNIPPET_OF)};
static const struct snippet *const rdmsr = &snippets[0], *const wrmsr = &snippets[1];

/* A name, a number, and which bits of the value are the same in every run. */
static const struct {
	const char *name;
	u32 number;
	u64 mask;
} reads[] = {
	{"rdmsr-tsc", 0x10, 0},
	{"rdmsr-apic-base", 0x1b, ~0ull},
	{"rdmsr-pat", 0x277, ~0ull},
	{"rdmsr-efer", 0xc0000080, ~0x1000ull},
	{"virt-rdmsr-efer", 0xc0000080, ~0ull},
	{"rdmsr-star", 0xc0000081, ~0ull},
	{"rdmsr-lstar", 0xc0000082, 0xfff},
	{"rdmsr-fs-base", 0xc0000100, 0},
	{"rdmsr-gs-base", 0xc0000101, 0xfff},
	{"virt-rdmsr-feature-control", 0x3a, ~0ull},
	{"virt-rdmsr-vmx-basic", 0x480, ~0ull},
	{"virt-rdmsr-vm-cr", 0xc0010114, ~0ull},
	{"virt-rdmsr-vm-hsave", 0xc0010117, ~0ull},
	{"rdmsr-low-end", 0x1fff, ~0ull},
	{"rdmsr-behind-low", 0x2000, ~0ull},
	{"rdmsr-unlisted", 0x12345678, ~0ull},
	{"rdmsr-hypervisor", 0x40000000, ~0ull},
	{"rdmsr-before-high", 0xbfffffff, ~0ull},
	{"rdmsr-high-end", 0xc0001fff, ~0ull},
	{"rdmsr-behind-high", 0xc0002000, ~0ull},
	{"rdmsr-amd-end", 0xc0011fff, ~0ull},
	{"rdmsr-behind-amd", 0xc0012000, ~0ull},
	{"rdmsr-max", 0xffffffff, ~0ull},
};

/* What is written: the old value with some bits set and some flipped, or just a value. */
static const struct {
	const char *name;
	u32 number;
	u64 keep, set;
} writes[] = {
	{"wrmsr-same-pat", 0x277, ~0ull, 0},
	{"wrmsr-bad-pat", 0x277, ~0ull, 0x02},
	{"wrmsr-same-efer", 0xc0000080, ~0ull, 0},
	{"wrmsr-same-apic-base", 0x1b, ~0ull, 0},
	{"wrmsr-same-star", 0xc0000081, ~0ull, 0},
	{"wrmsr-same-gs-base", 0xc0000101, ~0ull, 0},
	{"wrmsr-other-kernel-gs-base", 0xc0000102, 0, 0x1234567890},
	{"wrmsr-bad-kernel-gs-base", 0xc0000102, 0, 0x8000000000000000},
	{"wrmsr-bad-lstar", 0xc0000082, 0, 0x8000000000000000},
	{"virt-wrmsr-feature-control", 0x3a, ~0ull, 0},
	{"virt-wrmsr-vmx-basic", 0x480, ~0ull, 0},
	{"virt-wrmsr-vm-cr", 0xc0010114, ~0ull, 0},
	{"virt-wrmsr-vm-hsave", 0xc0010117, ~0ull, 0},
	{"wrmsr-low-end", 0x1fff, 0, 0},
	{"wrmsr-behind-low", 0x2000, 0, 0},
	{"wrmsr-unlisted", 0x12345678, 0, 0},
	{"wrmsr-hypervisor", 0x40000000, 0, 0},
	{"wrmsr-before-high", 0xbfffffff, 0, 0},
	{"wrmsr-behind-high", 0xc0002000, 0, 0},
	{"wrmsr-behind-amd", 0xc0012000, 0, 0},
	{"wrmsr-max", 0xffffffff, 0, ~0ull},
};

static void read_msr(u32 number, struct regs *regs, struct trace *trace)
{
	*regs = standard_regs();
	regs->rax = regs->rdx = ~0ull;
	regs->rcx = GARBAGE | number;
	run(rdmsr, regs, trace);
}

static void write_msr(u32 number, u64 value, struct regs *regs, struct trace *trace)
{
	*regs = standard_regs();
	regs->rax = GARBAGE | (u32)value;
	regs->rdx = GARBAGE | value >> 32;
	regs->rcx = GARBAGE | number;
	run(wrmsr, regs, trace);
}

static void probe_read(const char *name, u32 number, u64 mask)
{
	struct regs regs;
	struct trace trace;

	read_msr(number, &regs, &trace);
	if (!clean(&trace))
		report_run(name, &regs, &trace, SHOW_RAX | SHOW_RDX | SHOW_RCX);
	else
		report(name, "%#llx upper %s", (regs.rdx << 32 | (u32)regs.rax) & mask,
		       (regs.rax | regs.rdx) >> 32 ? "kept" : "zero");
}

/* Bad values may be taken by a lax machine: the old value must be back before anything else. */
static void probe_write(const char *name, u32 number, u64 keep, u64 set)
{
	struct regs regs, written;
	struct trace trace, first;
	unsigned long flags;
	u64 old = 0, now;
	bool readable;

	local_irq_save(flags);
	read_msr(number, &regs, &first);
	readable = clean(&first);
	if (readable)
		old = regs.rdx << 32 | (u32)regs.rax;
	write_msr(number, (old & keep) | set, &written, &trace);
	read_msr(number, &regs, &first);
	now = regs.rdx << 32 | (u32)regs.rax;
	if (readable && now != old)
		write_msr(number, old, &regs, &first);
	local_irq_restore(flags);
	if (!clean(&trace))
		report_run(name, &written, &trace, 0);
	else if (!readable)
		report(name, "ok, unreadable");
	else
		report(name, "ok, reads %s", now == old ? "as before" : "new");
}

void probe_msr(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reads); i++)
		probe_read(reads[i].name, reads[i].number, reads[i].mask);
	for (i = 0; i < ARRAY_SIZE(writes); i++)
		probe_write(writes[i].name, writes[i].number, writes[i].keep, writes[i].set);
}
