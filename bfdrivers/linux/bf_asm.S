/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What switch.S needs of its environment: the Linux kernel. The code is no C function to objtool:
 * it changes stacks, and no unwinder can follow it.
 */
#include <linux/linkage.h>
#include <asm/nospec-branch.h>
#include <asm/unwind_hints.h>

#define BF_LANDING  UNWIND_HINT_ENTRY; endbr64
#define BF_RET	    RET
#define BF_INDIRECT ANNOTATE_RETPOLINE_SAFE

	.macro BF_CODE name
	SYM_CODE_START(\name)
	UNWIND_HINT_ENTRY
	endbr64
	.endm

	.macro BF_END name
	SYM_CODE_END(\name)
	.endm
