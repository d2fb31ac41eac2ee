/* SPDX-License-Identifier: MIT */
/*
 * void host_run(struct host_state *state, const void *code): all registers from the state, then
 * the code, which ends with a jump to host_back; all registers back to the state.
 */
	.text
	.globl host_run, host_back
	.type host_run, @function
host_run:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, own_stack(%rip)
	mov %rdi, state(%rip)
	mov %rsi, code(%rip)
	push 0x80(%rdi)
	popf
	mov 0x00(%rdi), %rax
	mov 0x08(%rdi), %rcx
	mov 0x10(%rdi), %rdx
	mov 0x18(%rdi), %rbx
	mov 0x20(%rdi), %rsp
	mov 0x28(%rdi), %rbp
	mov 0x30(%rdi), %rsi
	mov 0x40(%rdi), %r8
	mov 0x48(%rdi), %r9
	mov 0x50(%rdi), %r10
	mov 0x58(%rdi), %r11
	mov 0x60(%rdi), %r12
	mov 0x68(%rdi), %r13
	mov 0x70(%rdi), %r14
	mov 0x78(%rdi), %r15
	mov 0x38(%rdi), %rdi
	jmp *code(%rip)
host_back:
	xchg %rdi, state(%rip)
	mov %rax, 0x00(%rdi)
	mov %rcx, 0x08(%rdi)
	mov %rdx, 0x10(%rdi)
	mov %rbx, 0x18(%rdi)
	mov %rsp, 0x20(%rdi)
	mov %rbp, 0x28(%rdi)
	mov %rsi, 0x30(%rdi)
	mov %r8, 0x40(%rdi)
	mov %r9, 0x48(%rdi)
	mov %r10, 0x50(%rdi)
	mov %r11, 0x58(%rdi)
	mov %r12, 0x60(%rdi)
	mov %r13, 0x68(%rdi)
	mov %r14, 0x70(%rdi)
	mov %r15, 0x78(%rdi)
	mov state(%rip), %rax
	mov %rax, 0x38(%rdi)
	mov own_stack(%rip), %rsp
	pushf
	pop 0x80(%rdi)
	cld
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret
	.size host_run, . - host_run

	.bss
	.balign 8
own_stack:
	.skip 8
state:
	.skip 8
code:
	.skip 8
	.section .note.GNU-stack, "", @progbits
