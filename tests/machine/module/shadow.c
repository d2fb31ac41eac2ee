/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * MOV SS holds back debug traps until after the instruction that follows it, also where that one
 * is intercepted. (POP SS does not exist in 64-bit mode.)
 */
#include <linux/kernel.h>
#include "bf_probe.h"

#define GET_SS "mov %ss, %edx\n"
#define SET_SS "mov %edx, %ss\n"

#define SNIPPETS(X)                                                                                \
	X(pop_ss, 0, ".byte 0x17")                                                                 \
	X(mov_ss_cpuid, 0, GET_SS SET_SS "cpuid")                                                  \
	X(mov_ss_rdmsr, 0, GET_SS "mov $0x1b, %ecx\n" SET_SS "rdmsr")                              \
	X(mov_ss_rdmsr_unlisted, 0, GET_SS "mov $0x12345678, %ecx\n" SET_SS "rdmsr")               \
	X(mov_ss_wrmsr_unlisted, 0, GET_SS "mov $0x12345678, %ecx\n" SET_SS "wrmsr")               \
	X(mov_ss_vmcall, 0, GET_SS SET_SS "vmcall")                                                \
	X(mov_ss_vmmcall, 0, GET_SS SET_SS "vmmcall")                                              \
	X(step_mov_ss_nop, 0, GET_SS TF_ON SET_SS "nop; nop")                                      \
	X(step_mov_ss_cpuid, 0, GET_SS TF_ON SET_SS "cpuid; nop")                                  \
	X(step_mov_ss_cpuid_cpuid, 0, GET_SS TF_ON SET_SS "cpuid; cpuid; nop")                     \
	X(step_mov_ss_mov_ss_cpuid, 0, GET_SS TF_ON SET_SS SET_SS "cpuid; nop")                    \
	X(step_mov_ss_rdmsr, 0, GET_SS "mov $0x1b, %ecx\n" TF_ON SET_SS "rdmsr; nop")              \
	X(step_mov_ss_rdmsr_unlisted, 0,                                                           \
	  GET_SS "mov $0x12345678, %ecx\n" TF_ON SET_SS "rdmsr; nop")                              \
	X(step_mov_ss_wrmsr_unlisted, 0,                                                           \
	  GET_SS "mov $0x12345678, %ecx\n" TF_ON SET_SS "wrmsr; nop")                              \
	X(step_mov_ss_xsetbv, 0,                                                                   \
	  "xor %ecx, %ecx; xgetbv; mov %ss, %ebx\n" TF_ON "mov %ebx, %ss; xsetbv; nop")            \
	X(step_mov_ss_wbinvd, 0, GET_SS TF_ON SET_SS "wbinvd; nop")                                \
	X(step_mov_ss_vmcall, 0, GET_SS TF_ON SET_SS "vmcall; nop")                                \
	X(step_mov_ss_vmmcall, 0, GET_SS TF_ON SET_SS "vmmcall; nop")                              \
	X(step_mov_ss_vmxoff, 0, GET_SS TF_ON SET_SS "vmxoff; nop")                                \
	X(step_mov_ss_read_cr4, 0, GET_SS TF_ON SET_SS "mov %cr4, %rax; nop")                      \
	X(step_mov_ss_write_cr4, 0, GET_SS "mov %cr4, %rax\n" TF_ON SET_SS "mov %rax, %cr4; nop")  \
	X(step_mov_ss_int3, 0, GET_SS TF_ON SET_SS "int3; nop")                                    \
	X(step_sti_cpuid, 0, TF_ON "sti; cpuid; cli; nop")

SNIPPETS(SNIPPET)
static const struct snippet snippets[] = {SNIPPETS(SNIPPET_OF)};

void probe_shadow(void)
{
	PROBE_ALL(snippets);
}
