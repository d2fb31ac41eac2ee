/* SPDX-License-Identifier: MIT */
/*
 * What switch.S needs of its environment, for plain ELF hosts: unit tests and fuzzers link the
 * code, they never run it.
 */
#define BF_LANDING endbr64
#define BF_RET	   ret
#define BF_INDIRECT

	.macro BF_CODE name
	.balign 16
	.globl \name
	.type \name, @function
\name:
	endbr64
	.endm

	.macro BF_END name
	.size \name, . - \name
	.endm
