/* SPDX-License-Identifier: MIT */
/*
 * The gates of the record's IDT. Included by switch.S. No stack is sure, so they find the record
 * by the IDT itself, which lies in its first page: SIDT stores limit and base, base at 8(%rsp).
 */
BF_CODE bf_switch_nmi
	push %rax
	sub $16, %rsp
	sidt 6(%rsp)
	mov 8(%rsp), %rax
	and $-4096, %rax
	movq $1, BF_SW_NMI_PENDING(%rax)
	add $16, %rsp
	pop %rax
	iretq
BF_END bf_switch_nmi

/* #DB: a breakpoint of the host's on an address that means something else here. */
BF_CODE bf_switch_ignore
	iretq
BF_END bf_switch_ignore

/* Any other exception: the VMM did not get as far as its own IDT. Back with a report, once. */
BF_CODE bf_switch_fault
	mov %rsp, %rax
	sub $16, %rsp
	sidt 6(%rsp)
	mov 8(%rsp), %rdi
	and $-4096, %rdi
	cmpq $0, BF_SW_FAULT(%rdi)
	jne bf_switch_dead
	mov %rax, BF_SW_FAULT(%rdi)
	mov (%rax), %rcx
	mov %rcx, BF_SW_FAULT + 8(%rdi)
	mov 8(%rax), %rcx
	mov %rcx, BF_SW_FAULT + 16(%rdi)
	mov $BF_SW_EPANIC, %rsi
	jmp bf_switch_back
BF_END bf_switch_fault

/* #DF, #MC, or a fault on the way back from one: neither world can be trusted. */
BF_CODE bf_switch_dead
	cli
	hlt
	jmp bf_switch_dead
BF_END bf_switch_dead
