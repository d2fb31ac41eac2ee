/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Other instructions that a hypervisor may intercept, and those that read the tables. */
#include <linux/kernel.h>
#include "bf_probe.h"

#define SNIPPETS(X)                                                                                \
	X(wbinvd, 0, "wbinvd")                                                                     \
	X(invlpg, 0, "invlpg (%rdi)")                                                              \
	X(invlpg_not_canonical, 0, "movabs $0x8000000000000000, %rax; invlpg (%rax)")              \
	X(invpcid_all, 0, "mov $2, %eax; invpcid (%rdi), %rax")                                    \
	X(invpcid_bad_type, 0, "mov $4, %eax; invpcid (%rdi), %rax")                               \
	X(pause, 0, "pause")                                                                       \
	X(int3, 0, "int3")                                                                         \
	X(out_80, 0, "out %al, $0x80")                                                             \
	X(lgdt_same, 0, "sgdt (%rdi); lgdt (%rdi)")                                                \
	X(lidt_same, 0, "sidt (%rdi); lidt (%rdi)")                                                \
	X(lldt_same, 0, "sldt %eax; lldt %ax")                                                     \
	X(ltr_busy, 0, "str %eax; ltr %ax")                                                        \
	X(lldt_bad, 0, "mov $0x10, %eax; lldt %ax")                                                \
	X(str, SHOW_RAX, "mov $-1, %rax; str %rax")                                                \
	X(sldt, SHOW_RAX, "mov $-1, %rax; sldt %rax")                                              \
	X(sgdt_limit, SHOW_RAX, "sgdt (%rdi); movzwl (%rdi), %eax")                                \
	X(sidt_limit, SHOW_RAX, "sidt (%rdi); movzwl (%rdi), %eax")                                \
	X(swapgs_twice, 0, "swapgs; cpuid; swapgs")                                                \
	X(lock_cpuid, 0, ".byte 0xf0; cpuid")                                                      \
	X(cpuid_garbage, SHOW_RDX,                                                                 \
	  "movabs $0xdeadbeef00000000, %rax; mov $-1, %rbx; mov %rax, %rcx; mov %rax, %rdx\n"      \
	  "cpuid; or %rcx, %rbx; or %rbx, %rax; or %rax, %rdx; shr $32, %rdx")                     \
	X(rdtsc_upper, SHOW_RAX,                                                                   \
	  "mov $-1, %rax; mov $-1, %rdx; rdtsc; or %rdx, %rax\n"                                   \
	  "shr $32, %rax")                                                                         \
	X(rdtsc_monotonic, SHOW_RAX,                                                               \
	  "rdtsc; shl $32, %rdx; or %rdx, %rax; mov %rax, %rsi; cpuid\n"                           \
	  "rdtsc; shl $32, %rdx; or %rdx, %rax; cmp %rax, %rsi; mov $0, %eax; adc $0, %eax")       \
	X(rdpmc_max, 0, "mov $-1, %ecx; rdpmc")                                                    \
	X(clac_stac, 0, "stac; cpuid; clac")

SNIPPETS(SNIPPET)
static const struct snippet snippets[] = {SNIPPETS(SNIPPET_OF)};

#define INVD_SNIPPETS(X)                                                                           \
	X(invd, 0, "wbinvd; invd")                                                                 \
	X(step_invd, 0, "wbinvd\n" TF_ON "invd; nop")

INVD_SNIPPETS(SNIPPET)
static const struct snippet invd_snippets[] = {INVD_SNIPPETS(SNIPPET_OF)};

void probe_privileged(void)
{
	PROBE_ALL(snippets);
	if (bf_invd)
		PROBE_ALL(invd_snippets);
}
