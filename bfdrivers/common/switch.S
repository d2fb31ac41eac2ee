/* SPDX-License-Identifier: MIT */
/*
 * The world switch: one page of position-independent code, mapped at the same address in the
 * loader's world and in the VMM's. bf_asm.S comes from the environment: it defines BF_CODE,
 * BF_END, BF_RET and BF_INDIRECT (an indirect branch that may stay one).
 */
#include "bf_asm.S"
#include <bfabi/switch_offsets.h>

#define MSR_EFER    0xc0000080
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101
#define EFER_NXE    0x800
#define CR0_WP	    0x10000
#define CR4_PGE	    0x80
#define CR4_PCIDE   0x20000
#define CR4_CET	    0x800000
#define CR4_PKS	    0x1000000

	/* The registers that a C function must keep, and back. */
	.macro SAVE_REGISTERS
	push %rbp
	push %rbx
	push %r12
	push %r13
	push %r14
	push %r15
	.endm

	.macro RESTORE_REGISTERS
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbx
	pop %rbp
	.endm

	.macro SAVE_MSR msr, at
	mov $\msr, %ecx
	rdmsr
	mov %eax, \at(%rbx)
	mov %edx, \at + 4(%rbx)
	.endm

	.macro RESTORE_MSR msr, at
	mov $\msr, %ecx
	mov \at(%rdi), %eax
	mov \at + 4(%rdi), %edx
	wrmsr
	.endm

	.text
	.balign 4096
	.globl bf_switch_page
bf_switch_page:
#include "switch_enter.S"
#include "switch_back.S"
#include "switch_gates.S"
#include "switch_guest.S"
	.balign 4096, 0xcc
	.globl bf_switch_page_end
bf_switch_page_end:

#ifdef __ELF__
	.section .note.GNU-stack, "", @progbits
#endif
