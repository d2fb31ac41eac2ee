/* SPDX-License-Identifier: MIT */
/*
 * Between guest and VMM (bfvmm/offsets.h is generated from struct bf_vcpu, which is aligned to
 * a page and begins with the registers).
 */
#include <bfvmm/offsets.h>

#define VCPU_ALIGN 4096

	.text

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
 * An NMI between the test and the entry resumes at bf_nmi_window_restart. All the way RSP is in
 * vcpu->regs, whose contents stay whole while the registers are popped: start again from there.
 */
	.globl bf_nmi_window_start, bf_nmi_window_end, bf_nmi_window_restart
bf_nmi_window_start:
	cmpl $0, BF_VCPU_PENDING(%rsp)
	jne pending
	.irp r, rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
	pop %\r
	.endr
	vmresume
	vmlaunch /* the first time VMRESUME fails, with no effect: the VMCS is not launched */
bf_nmi_window_end:
	sub $BF_VCPU_REGS_SIZE, %rsp
	mov %rsp, %rdi
	mov BF_VCPU_HOST_STACK(%rsp), %rsp
	call bf_vmx_refused
	jmp unwind

bf_nmi_window_restart:
	and $-VCPU_ALIGN, %rsp
	jmp bf_nmi_window_start

pending:
	mov %rsp, %rdi
	mov BF_VCPU_HOST_STACK(%rsp), %rsp
	call bf_vcpu_pending
	pop %rsp
	jmp bf_nmi_window_start

/* void bf_vmx_enter(struct bf_vcpu *vcpu): returns by bf_vmx_unwind, or never. */
	.globl bf_vmx_enter
bf_vmx_enter:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	push %rdi
	mov %rsp, BF_VCPU_HOST_STACK(%rdi)
	mov %rdi, %rsp
	jmp bf_nmi_window_start

/* void bf_vmx_unwind(struct bf_vcpu *vcpu): back to the caller of bf_vmx_enter. */
	.globl bf_vmx_unwind
bf_vmx_unwind:
	mov BF_VCPU_HOST_STACK(%rdi), %rsp
unwind:
	pop %rdi
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret

	.section .note.GNU-stack, "", @progbits
