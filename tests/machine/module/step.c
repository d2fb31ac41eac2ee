/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Single-stepping by the trap flag: after which instructions the trap comes. */
#include <linux/kernel.h>
#include "bf_probe.h"

/* XSETBV with what is there already, so that it needs no more than CR4.OSXSAVE. */
#define XSETBV_SAME "xor %ecx, %ecx; xgetbv; xsetbv"
#define MSR_NONE    "mov $0x12345678, %ecx\n"
#define MSR_APIC    "mov $0x1b, %ecx\n"

#define SNIPPETS(X)                                                                                \
	X(step_nop, 0, TF_ON "nop; nop")                                                           \
	X(step_cpuid, 0, TF_ON "cpuid; nop")                                                       \
	X(step_cpuid_cpuid, 0, TF_ON "cpuid; xor %eax, %eax; cpuid; nop")                          \
	X(step_cpuid_prefixed, 0, TF_ON ".byte 0x66, 0xf2, 0x48; cpuid; nop")                      \
	X(step_rdtsc, 0, TF_ON "rdtsc; nop")                                                       \
	X(step_rdmsr, 0, TF_ON MSR_APIC "rdmsr; nop")                                              \
	X(step_rdmsr_unlisted, 0, TF_ON MSR_NONE "rdmsr; nop")                                     \
	X(step_wrmsr, 0, TF_ON "mov $0x8b, %ecx; wrmsr; nop")                                      \
	X(step_wrmsr_unlisted, 0, TF_ON MSR_NONE "wrmsr; nop")                                     \
	X(step_xgetbv, 0, TF_ON "xor %ecx, %ecx; xgetbv; nop")                                     \
	X(step_xsetbv, 0, TF_ON XSETBV_SAME "; nop")                                               \
	X(step_xsetbv_refused, 0, TF_ON "xor %eax, %eax; xsetbv; nop")                             \
	X(step_wbinvd, 0, TF_ON "wbinvd; nop")                                                     \
	X(step_vmcall, 0, TF_ON "vmcall; nop")                                                     \
	X(step_vmmcall, 0, TF_ON "vmmcall; nop")                                                   \
	X(step_vmxoff, 0, TF_ON "vmxoff; nop")                                                     \
	X(step_clgi, 0, TF_ON "clgi; nop")                                                         \
	X(step_read_cr0, 0, TF_ON "mov %cr0, %rax; mov %rax, %cr0; nop")                           \
	X(step_read_cr3, 0, TF_ON "mov %cr3, %rax; mov %rax, %cr3; nop")                           \
	X(step_read_cr4, 0, TF_ON "mov %cr4, %rax; mov %rax, %cr4; nop")                           \
	X(step_read_cr8, 0, TF_ON "mov %cr8, %rax; mov %rax, %cr8; nop")                           \
	X(step_read_dr7, 0, TF_ON "mov %dr7, %rax; nop")                                           \
	X(step_clts, 0, TF_ON "clts; nop")                                                         \
	X(step_smsw, 0, TF_ON "smsw %eax; lmsw %ax; nop")                                          \
	X(step_out, 0, TF_ON "out %al, $0x80; nop")                                                \
	X(step_rep_outsb, 0, TF_ON "mov $3, %ecx; mov $0x80, %edx; rep outsb; nop")                \
	X(step_invlpg, 0, TF_ON "invlpg (%rdi); nop")                                              \
	X(step_pause, 0, TF_ON "pause; nop")                                                       \
	X(step_int3, 0, TF_ON "int3; nop")                                                         \
	X(step_pushf, SHOW_RAX, TF_ON "pushfq; pop %rax; nop")                                     \
	X(step_popf_cpuid, 0, TF_ON "push $2; popfq; cpuid; nop")

SNIPPETS(SNIPPET)
static const struct snippet snippets[] = {SNIPPETS(SNIPPET_OF)};

void probe_step(void)
{
	PROBE_ALL(snippets);
}
