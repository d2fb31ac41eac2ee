/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <asm/msr.h>
#include <asm/debugreg.h>
#include <asm/segment.h>
#include "cpu_state.h"

#define MARKER     0x1234567890abcdefull
#define DR6_MARKER 0xffff4ff1ul
#define DR7_MARKER 0x700ul
#define CR8_MARKER 5ul

/* The value of each register, by an instruction that moves it to %0. */
#define REGISTERS(X)                                                                               \
	X(CR0, "cr0", "mov %%cr0, %0")                                                             \
	X(CR2, "cr2", "mov %%cr2, %0")                                                             \
	X(CR3, "cr3", "mov %%cr3, %0")                                                             \
	X(CR4, "cr4", "mov %%cr4, %0")                                                             \
	X(CR8, "cr8", "mov %%cr8, %0")                                                             \
	X(DR0, "dr0", "mov %%db0, %0")                                                             \
	X(DR1, "dr1", "mov %%db1, %0")                                                             \
	X(DR2, "dr2", "mov %%db2, %0")                                                             \
	X(DR3, "dr3", "mov %%db3, %0")                                                             \
	X(DR6, "dr6", "mov %%db6, %0")                                                             \
	X(DR7, "dr7", "mov %%db7, %0")                                                             \
	X(ES, "es", "mov %%es, %0")                                                                \
	X(CS, "cs", "mov %%cs, %0")                                                                \
	X(SS, "ss", "mov %%ss, %0")                                                                \
	X(DS, "ds", "mov %%ds, %0")                                                                \
	X(FS, "fs", "mov %%fs, %0")                                                                \
	X(GS, "gs", "mov %%gs, %0")                                                                \
	X(LDTR, "ldtr", "sldt %0")                                                                 \
	X(TR, "tr", "str %0")

#define MSRS(X)                                                                                    \
	X(EFER, "efer", MSR_EFER)                                                                  \
	X(STAR, "star", MSR_STAR)                                                                  \
	X(LSTAR, "lstar", MSR_LSTAR)                                                               \
	X(CSTAR, "cstar", MSR_CSTAR)                                                               \
	X(FMASK, "fmask", MSR_SYSCALL_MASK)                                                        \
	X(FS_BASE, "fs-base", MSR_FS_BASE)                                                         \
	X(GS_BASE, "gs-base", MSR_GS_BASE)                                                         \
	X(KERNEL_GS_BASE, "kernel-gs-base", MSR_KERNEL_GS_BASE)                                    \
	X(SYSENTER_CS, "sysenter-cs", MSR_IA32_SYSENTER_CS)                                        \
	X(SYSENTER_ESP, "sysenter-esp", MSR_IA32_SYSENTER_ESP)                                     \
	X(SYSENTER_EIP, "sysenter-eip", MSR_IA32_SYSENTER_EIP)                                     \
	X(PAT, "pat", MSR_IA32_CR_PAT)

#define INDEX(id, name, how)       AT_##id,
#define NAME(id, name, how)        [AT_##id] = (name),
#define MOVE(id, name, how)        asm volatile(how : "=r"(state[AT_##id]) : : "memory");
#define READ_MSR(id, name, number) rdmsrl(number, state[AT_##id]);

enum {
	REGISTERS(INDEX) MSRS(INDEX) AT_GDT_BASE,
	AT_GDT_LIMIT,
	AT_IDT_BASE,
	AT_IDT_LIMIT,
	COUNT,
};

static_assert(COUNT <= STATE_MAX);

const unsigned int state_items = COUNT;

const char *const state_names[] = {
	REGISTERS(NAME) MSRS(NAME)[AT_GDT_BASE] = "gdt-base",
	[AT_GDT_LIMIT] = "gdt-limit",
	[AT_IDT_BASE] = "idt-base",
	[AT_IDT_LIMIT] = "idt-limit",
};

static void read_tables(u64 *state)
{
	struct {
		u16 limit;
		u64 base;
	} __packed gdt, idt;

	asm volatile("sgdt %0; sidt %1" : "=m"(gdt), "=m"(idt));
	state[AT_GDT_BASE] = gdt.base;
	state[AT_GDT_LIMIT] = gdt.limit;
	state[AT_IDT_BASE] = idt.base;
	state[AT_IDT_LIMIT] = idt.limit;
}

void state_read(u64 *state)
{
	REGISTERS(MOVE)
	MSRS(READ_MSR)
	read_tables(state);
}

static void write_debug(const u64 *points, u64 status, u64 control)
{
	set_debugreg(points[0], 0);
	set_debugreg(points[1], 1);
	set_debugreg(points[2], 2);
	set_debugreg(points[3], 3);
	set_debugreg(status, 6);
	set_debugreg(control, 7);
}

static void write_others(u64 cr2, u64 cr8, u16 ds, u16 es, u16 fs)
{
	asm volatile("mov %0, %%cr2; mov %1, %%cr8" : : "r"(cr2), "r"(cr8) : "memory");
	asm volatile("mov %0, %%ds; mov %1, %%es; mov %2, %%fs" : : "r"(ds), "r"(es), "r"(fs));
}

void state_mark(void)
{
	static const u64 points[] = {MARKER, MARKER + 1, MARKER + 2, MARKER + 3};

	write_debug(points, DR6_MARKER, DR7_MARKER);
	write_others(MARKER, CR8_MARKER, __USER_DS, __KERNEL_DS, __USER_DS);
	wrmsrl(MSR_FS_BASE, MARKER >> 20);
}

void state_restore(const u64 *state)
{
	write_debug(&state[AT_DR0], state[AT_DR6], state[AT_DR7]);
	write_others(state[AT_CR2], state[AT_CR8], state[AT_DS], state[AT_ES], state[AT_FS]);
	wrmsrl(MSR_FS_BASE, state[AT_FS_BASE]);
}
