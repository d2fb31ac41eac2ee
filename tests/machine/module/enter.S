/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The way into a snippet and out of it. Offsets are those of struct regs. */
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <asm/nospec-branch.h>

	.bss
	.balign	8
	.globl	bf_stack
bf_stack:
	.quad	0
bf_regs:
	.quad	0
bf_target:
	.quad	0

	.text
/* void bf_enter(struct regs *regs, void (*snippet)(void)) */
SYM_FUNC_START(bf_enter)
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	pushfq
	mov	%rdi, bf_regs(%rip)
	mov	%rsi, bf_target(%rip)
	mov	%rsp, bf_stack(%rip)
	mov	0(%rdi), %rax
	mov	8(%rdi), %rbx
	mov	16(%rdi), %rcx
	mov	24(%rdi), %rdx
	mov	32(%rdi), %rsi
	mov	48(%rdi), %rbp
	mov	56(%rdi), %r8
	mov	64(%rdi), %r9
	mov	72(%rdi), %r10
	mov	80(%rdi), %r11
	mov	88(%rdi), %r12
	mov	96(%rdi), %r13
	mov	104(%rdi), %r14
	mov	112(%rdi), %r15
	mov	40(%rdi), %rdi
	ANNOTATE_RETPOLINE_SAFE
	jmp	*bf_target(%rip)
SYM_FUNC_END(bf_enter)
STACK_FRAME_NON_STANDARD bf_enter

/* Where every snippet ends, and where a fault in one goes on, on the stack of bf_enter. */
SYM_FUNC_START(bf_leave)
	pushfq
	push	%rdi
	mov	bf_regs(%rip), %rdi
	mov	%rax, 0(%rdi)
	mov	%rbx, 8(%rdi)
	mov	%rcx, 16(%rdi)
	mov	%rdx, 24(%rdi)
	mov	%rsi, 32(%rdi)
	mov	%rbp, 48(%rdi)
	mov	%r8, 56(%rdi)
	mov	%r9, 64(%rdi)
	mov	%r10, 72(%rdi)
	mov	%r11, 80(%rdi)
	mov	%r12, 88(%rdi)
	mov	%r13, 96(%rdi)
	mov	%r14, 104(%rdi)
	mov	%r15, 112(%rdi)
	pop	40(%rdi)
	pop	120(%rdi)
	popfq
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	RET
SYM_FUNC_END(bf_leave)
STACK_FRAME_NON_STANDARD bf_leave
