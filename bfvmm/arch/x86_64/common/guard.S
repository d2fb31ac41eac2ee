/* SPDX-License-Identifier: MIT */
/* See bfvmm/guard.h. */

	.text

/*
 * uint64_t bf_guarded(uint64_t (*fn)(void *), void *ctx, uint64_t *guard)
 *
 * *guard points to what has to be restored: CR2, which may be the guest's and which a page fault
 * of ours overwrites; the outer guard, its address, the registers that a function preserves.
 */
	.globl bf_guarded
bf_guarded:
	.irp r, rbx, rbp, r12, r13, r14, r15, rdx
	push %\r
	.endr
	push (%rdx)
	mov %cr2, %rax
	push %rax
	mov %rsp, (%rdx)
	mov %rdi, %rax
	mov %rsi, %rdi
	call *%rax
	mov 8(%rsp), %rcx
	mov 16(%rsp), %rdx
	mov %rcx, (%rdx)
	add $72, %rsp
	ret

/* _Noreturn void bf_guard_unwind(uint64_t guard) */
	.globl bf_guard_unwind
bf_guard_unwind:
	mov %rdi, %rsp
	cld
	pop %rax
	mov %rax, %cr2
	mov $-1, %rax
	pop %rcx
	.irp r, rdx, r15, r14, r13, r12, rbp, rbx
	pop %\r
	.endr
	mov %rcx, (%rdx)
	ret

	.section .note.GNU-stack, "", @progbits
