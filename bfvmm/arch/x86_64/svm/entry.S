/* SPDX-License-Identifier: MIT */
/*
 * Into the guest and out again. After #VMEXIT, RAX and RSP are what they were at VMRUN: the
 * VMCB's address and the end of vcpu->regs, where the guest's registers are pushed. All others
 * are the guest's. RBP holds struct bf_svm_vcpu wherever it is not the guest's.
 */
#include <bfvmm/offsets.h>
#include <svm/entry.h>

	/* From RSP = vCPU, RBP = its struct bf_svm_vcpu. The guest's RAX lives in the VMCB. */
	.macro load_guest
	mov SVM_AT_VMCB_PA(%rbp), %rax
	popq SVM_AT_RAX(%rbp)
	pop %rcx
	pop %rdx
	pop %rbx
	pop %rbp
	pop %rsi
	pop %rdi
	pop %r8
	pop %r9
	pop %r10
	pop %r11
	pop %r12
	pop %r13
	pop %r14
	pop %r15
	vmload %rax
	.endm

	.text
	.balign 64
bf_svm_loop:
	load_guest
	vmrun %rax
bf_svm_exited:
	vmsave %rax
	push %r15
	push %r14
	push %r13
	push %r12
	push %r11
	push %r10
	push %r9
	push %r8
	push %rdi
	push %rsi
	push %rbp
	push %rbx
	push %rdx
	push %rcx
	mov (BF_VCPU_ARCH - 8)(%rsp), %rbp
	pushq SVM_AT_RAX(%rbp)
	mov SVM_AT_HOST_PA(%rbp), %rax
	vmload %rax
	mov %rsp, %rdi
	mov BF_VCPU_HOST_STACK(%rsp), %rsp
	call *SVM_AT_HANDLER(%rbp)
	mov SVM_AT_VCPU(%rbp), %rsp
	cmpl $0, BF_VCPU_PENDING(%rsp)
	je bf_svm_loop
	mov %rsp, %rdi
	mov BF_VCPU_HOST_STACK(%rsp), %rsp
	call bf_svm_pending
	mov SVM_AT_VCPU(%rbp), %rsp
	jmp bf_svm_loop

	/* void bf_svm_enter(struct bf_vcpu *vcpu): the first entry, which may be refused. */
	.globl bf_svm_enter
bf_svm_enter:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	mov BF_VCPU_ARCH(%rdi), %rbp
	mov %rsp, SVM_AT_LAUNCH_STACK(%rbp)
	mov %rdi, %rsp
	load_guest
	vmrun %rax
	push %rcx
	mov (BF_VCPU_ARCH - BF_VCPU_REGS_SIZE + 8)(%rsp), %rcx
	cmpl $-1, SVM_AT_EXITCODE(%rcx)
	je 1f
	pop %rcx
	jmp bf_svm_exited
1:	mov SVM_AT_HOST_PA(%rcx), %rax
	vmload %rax
	mov SVM_AT_LAUNCH_STACK(%rcx), %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret

	.section .note.GNU-stack, "", @progbits
