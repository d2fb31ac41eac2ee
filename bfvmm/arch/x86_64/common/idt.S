/* SPDX-License-Identifier: MIT */
/*
 * Exception entry of the VMM: one stub a vector, one common frame (frame.h). The VMM runs with
 * interrupts off, so that there are only the 32 vectors of the CPU itself.
 */

#define STUB_BYTES 16 /* BF_IDT_STUB_BYTES */

	.text
	.balign STUB_BYTES
	.globl bf_idt_stubs
bf_idt_stubs:
	vector = 0
	.rept 32
	.balign STUB_BYTES
	/*
	 * The VMM has no use for #DB. Where a guest's single step outlives the #VMEXIT, it comes
	 * while RSP is the end of vcpu->regs: there is room for the CPU's own frame, no more.
	 */
	.if vector == 1
	iretq
	.endif
	/* Vectors that push an error code: 8, 10-14, 17, 21, 29, 30. */
	.if !((0x60227d00 >> vector) & 1)
	push $0
	.endif
	push $vector
	jmp common
	vector = vector + 1
	.endr

	.balign 16
common:
	push %rax
	push %rcx
	push %rdx
	push %rbx
	push %rbp
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
	push %r12
	push %r13
	push %r14
	push %r15
	cld
	mov %rsp, %rdi
	mov %rsp, %rbx
	and $-16, %rsp
	call bf_fault
	mov %rbx, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rbp
	pop %rbx
	pop %rdx
	pop %rcx
	pop %rax
	add $16, %rsp
	iretq

	.section .note.GNU-stack, "", @progbits
