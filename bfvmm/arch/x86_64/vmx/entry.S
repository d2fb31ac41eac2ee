/* SPDX-License-Identifier: MIT */
/*
 * Between guest and VMM. bfvmm/offsets.h is generated from struct bf_vcpu, which begins with the
 * registers, RAX first.
 */
#include <bfvmm/offsets.h>

	.text

	.macro load reg, index
	mov 8*\index(%rsp), %\reg
	.endm

	/* C code leaves these as they are: in the VMM they hold the guest's values. */
	.macro load_preserved
	load rbp, 4
	load r12, 11
	load r13, 12
	load r14, 13
	load r15, 14
	.endm

/* HOST_RIP; RSP is at the end of vcpu->regs. The top of the stack holds the vCPU, see below. */
	.balign 64
	.globl bf_vmx_exit_stub
bf_vmx_exit_stub:
	.irp r, r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax
	push %\r
	.endr
	mov %rsp, %rdi
	mov BF_VCPU_HOST_STACK(%rsp), %rsp
	call bf_vmx_exit
	pop %rsp

/*
 * RSP is the vCPU from here to the entry. An NMI in between goes on at the test: registers that
 * were loaded already are loaded again.
 */
	.globl bf_nmi_window_start, bf_nmi_window_end, bf_nmi_window_restart
bf_nmi_window_restart:
bf_nmi_window_start:
	cmpl $0, BF_VCPU_PENDING(%rsp)
	jne pending
	load rax, 0
	load rcx, 1
	load rdx, 2
	load rbx, 3
	load rsi, 5
	load rdi, 6
	load r8, 7
	load r9, 8
	load r10, 9
	load r11, 10
	vmresume
	vmlaunch /* the first time VMRESUME fails, with no effect: the VMCS is not launched */
bf_nmi_window_end:
	mov %rsp, %rdi
	mov BF_VCPU_HOST_STACK(%rsp), %rsp
	call bf_vmx_refused
	jmp unwind

pending:
	mov %rsp, %rdi
	mov BF_VCPU_HOST_STACK(%rsp), %rsp
	call bf_vcpu_pending
	pop %rsp
	load_preserved
	jmp bf_nmi_window_start

/* void bf_vmx_enter(struct bf_vcpu *vcpu): returns by bf_vmx_unwind, or never. */
	.globl bf_vmx_enter
bf_vmx_enter:
	.irp r, rbx, rbp, r12, r13, r14, r15, rdi
	push %\r
	.endr
	mov %rsp, BF_VCPU_HOST_STACK(%rdi)
	mov %rdi, %rsp
	load_preserved
	jmp bf_nmi_window_start

/* void bf_vmx_unwind(struct bf_vcpu *vcpu): back to the caller of bf_vmx_enter. */
	.globl bf_vmx_unwind
bf_vmx_unwind:
	mov BF_VCPU_HOST_STACK(%rdi), %rsp
unwind:
	.irp r, rdi, r15, r14, r13, r12, rbp, rbx
	pop %\r
	.endr
	ret

	.section .note.GNU-stack, "", @progbits
