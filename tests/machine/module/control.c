/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Control registers. Every value written is there already or is put back at once. */
#include <linux/kernel.h>
#include <asm/cpufeature.h>
#include "bf_probe.h"

#define SNIPPETS(X)                                                                                \
	X(cr0_read, SHOW_RAX, "mov %cr0, %rax")                                                    \
	X(cr1_read, 0, "mov %cr1, %rax")                                                           \
	X(cr4_read, SHOW_RAX, "mov %cr4, %rax")                                                    \
	X(cr5_read, 0, ".byte 0x0f, 0x20, 0xe8")                                                   \
	X(cr8_read, SHOW_RAX, "mov $-1, %rax; mov %cr8, %rax")                                     \
	X(cr9_read, 0, ".byte 0x44, 0x0f, 0x20, 0xc8")                                             \
	X(cr0_write_same, SHOW_RAX, "mov %cr0, %rax; mov %rax, %cr0; mov %cr0, %rax")              \
	X(cr0_write_ts_clts, SHOW_RAX | SHOW_RBX,                                                  \
	  "mov %cr0, %rax; or $8, %rax; mov %rax, %cr0; mov %cr0, %rbx; clts; mov %cr0, %rax")     \
	X(cr0_write_wp, SHOW_RAX | SHOW_RBX,                                                       \
	  "mov %cr0, %rax; btr $16, %rax; mov %rax, %cr0; mov %cr0, %rbx; bts $16, %rax\n"         \
	  "mov %rax, %cr0; mov %cr0, %rax")                                                        \
	X(cr0_write_am_ne, SHOW_RAX | SHOW_RBX,                                                    \
	  "mov %cr0, %rcx; mov %rcx, %rax; btc $18, %rax; btc $5, %rax; mov %rax, %cr0\n"          \
	  "mov %cr0, %rbx; mov %rcx, %cr0; mov %cr0, %rax")                                        \
	X(cr0_write_cd, SHOW_RAX | SHOW_RBX,                                                       \
	  "mov %cr0, %rax; bts $30, %rax; mov %rax, %cr0; mov %cr0, %rbx; btr $30, %rax\n"         \
	  "mov %rax, %cr0; mov %cr0, %rax")                                                        \
	X(cr0_write_cd_nw, SHOW_RAX | SHOW_RBX,                                                    \
	  "mov %cr0, %rcx; mov %rcx, %rax; or $0x60000000, %eax; mov %rax, %cr0\n"                 \
	  "mov %cr0, %rbx; mov %rcx, %cr0; mov %cr0, %rax")                                        \
	X(cr3_write_same, SHOW_RAX,                                                                \
	  "mov %cr3, %rax; mov %rax, %cr3; mov %cr3, %rcx; sub %rcx, %rax")                        \
	X(cr4_write_same, SHOW_RAX, "mov %cr4, %rax; mov %rax, %cr4; mov %cr4, %rax")              \
	X(cr4_write_pge, SHOW_RAX | SHOW_RBX,                                                      \
	  "mov %cr4, %rcx; mov %rcx, %rax; btr $7, %rax; mov %rax, %cr4; mov %cr4, %rbx\n"         \
	  "mov %rcx, %cr4; mov %cr4, %rax")                                                        \
	X(cr4_write_tsd_pce, SHOW_RAX | SHOW_RBX,                                                  \
	  "mov %cr4, %rcx; mov %rcx, %rax; btc $2, %rax; btc $8, %rax; mov %rax, %cr4\n"           \
	  "mov %cr4, %rbx; mov %rcx, %cr4; mov %cr4, %rax")                                        \
	X(cr4_osxsave_cpuid, SHOW_RBX | SHOW_RDX,                                                  \
	  "mov %cr4, %r8; mov %r8, %rax; btr $18, %rax; mov %rax, %cr4; mov $1, %eax; cpuid\n"     \
	  "bt $27, %ecx; sbb %esi, %esi; mov %r8, %cr4; mov $1, %eax; cpuid\n"                     \
	  "bt $27, %ecx; sbb %edx, %edx; mov %esi, %ebx")                                          \
	X(cr4_pke_cpuid, SHOW_RBX | SHOW_RDX,                                                      \
	  "mov %cr4, %r8; mov $7, %eax; xor %ecx, %ecx; cpuid; mov %ecx, %esi; bt $3, %ecx\n"      \
	  "jnc 1f; mov %r8, %rax; btc $22, %rax; mov %rax, %cr4\n"                                 \
	  "1: mov $7, %eax; xor %ecx, %ecx; cpuid; mov %ecx, %edx; mov %r8, %cr4; mov %esi, %ebx") \
	X(smsw_64, SHOW_RAX, "mov $-1, %rax; smsw %rax")                                           \
	X(smsw_32, SHOW_RAX, "mov $-1, %rax; smsw %eax")                                           \
	X(smsw_memory, SHOW_RAX, "smsw (%rdi); movzwl (%rdi), %eax")                               \
	X(lmsw_ts, SHOW_RAX | SHOW_RBX,                                                            \
	  "smsw %eax; or $8, %eax; lmsw %ax; mov %cr0, %rbx; clts; mov %cr0, %rax")                \
	X(lmsw_keeps_pe, SHOW_RAX, "mov $2, %eax; lmsw %ax; mov %cr0, %rax")                       \
	X(cr8_write, SHOW_RAX | SHOW_RBX,                                                          \
	  "mov $5, %eax; mov %rax, %cr8; mov %cr8, %rbx; xor %eax, %eax; mov %rax, %cr8\n"         \
	  "mov %cr8, %rax")                                                                        \
	X(cr8_write_reserved, SHOW_RAX,                                                            \
	  "mov $16, %eax; mov %rax, %cr8; mov %cr8, %rax; xor %ecx, %ecx; mov %rcx, %cr8")

SNIPPETS(SNIPPET)
static const struct snippet snippets[] = {SNIPPETS(SNIPPET_OF)};

/* A CPU of Intel refuses CR4.VMXE at worst; QEMU's AMD model breaks. */
#define VMXE_SNIPPETS(X)                                                                           \
	X(virt_cr4_vmxe, SHOW_RAX | SHOW_RBX,                                                      \
	  "mov %cr4, %rcx; mov %rcx, %rax; bts $13, %rax; mov %rax, %cr4; mov %cr4, %rbx\n"        \
	  "mov %rcx, %cr4; mov %cr4, %rax")

VMXE_SNIPPETS(SNIPPET)
static const struct snippet vmxe_snippets[] = {VMXE_SNIPPETS(SNIPPET_OF)};

void probe_control(void)
{
	PROBE_ALL(snippets);
	if (boot_cpu_data.x86_vendor == X86_VENDOR_INTEL)
		PROBE_ALL(vmxe_snippets);
}
