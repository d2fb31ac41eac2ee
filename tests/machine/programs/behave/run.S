/* SPDX-License-Identifier: MIT */
/*
 * void run_enter(struct regs *regs, const void *code): calls the code with the registers of *regs
 * and stores them back. A signal handler that wants to leave the code continues at run_leave.
 */
#include "run_macros.h"

	.text
	.globl run_enter
	.type run_enter, @function
run_enter:
	SAVE_CALLER
	mov	%rsi, run_target(%rip)
	LOAD_REGS
	call	*run_target(%rip)

	.globl run_leave
run_leave:
	mov	run_stack(%rip), %rsp
	STORE_REGS
	RESTORE_CALLER
	ret
	.size run_enter, . - run_enter

	.bss
	.balign 8
	.globl run_regs, run_stack
run_regs:
	.quad	0
run_stack:
	.quad	0
run_target:
	.quad	0

	.section .note.GNU-stack, "", @progbits
