/* SPDX-License-Identifier: MIT */
/*
 * void run_compat_enter(struct regs *regs, const void *code, void *stack_top): jumps to 32-bit code
 * with the registers of *regs. The code must end with a far jump to run_compat_leave. Code, stack
 * and this text must lie below 4 GiB.
 *
 * Jumps both ways, as QEMU 7.2 accesses the stack of a far call or return from ring 3 as if in ring
 * 0: SMAP then raises a page fault that takes the kernel down.
 */
#include "run_macros.h"

#define USER32_CS 0x23
#define USER_DS	  0x2b

	.text
	.globl run_compat_enter
	.type run_compat_enter, @function
run_compat_enter:
	SAVE_CALLER
	mov	%esi, compat_target(%rip)
	mov	%rdx, compat_stack(%rip)
	LOAD_REGS
	mov	compat_data(%rip), %ds
	mov	compat_data(%rip), %es
	mov	compat_stack(%rip), %rsp
	ljmp	*compat_target(%rip)
	.size run_compat_enter, . - run_compat_enter

	.globl run_compat_leave
run_compat_leave:
	/* Base-relative data access is the same with a null DS, with which Linux started. */
	mov	compat_null(%rip), %ds
	mov	compat_null(%rip), %es
	jmp	run_leave

	.data
	.balign 8
compat_stack:
	.quad	0
compat_target:
	.long	0
	.word	USER32_CS
compat_data:
	.word	USER_DS
compat_null:
	.word	0

	.section .note.GNU-stack, "", @progbits
