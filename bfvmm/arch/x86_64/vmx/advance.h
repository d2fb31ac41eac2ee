/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Going behind the instruction that has exited, as part of the exit path.
 */
#ifndef BFVMM_VMX_ADVANCE_H
#define BFVMM_VMX_ADVANCE_H

#include <bfvmm/msr.h>
#include <vmx/vmx.h>

/** As bf_vmx_advance() for the general case: @p rip is behind the instruction. */
void bf_vmx_advance_slowly(uint64_t rip, uint64_t blocking, uint64_t rflags);

/*
 * What is more to do than to write RIP shows in one test: bits 0 and 1 of the interruptibility
 * state (STI, MOV SS), and TF and RF of RFLAGS, which come to lie at bits 10 and 18. The sum
 * cannot carry into those: the state has 5 bits, and bit 3 of RFLAGS, bit 5 of the sum, is 0.
 */
#define ADVANCE_SHIFT 2
#define ADVANCE_SLOWLY                                                                             \
	(VMX_BLOCKING_STI | VMX_BLOCKING_MOV_SS | (RFLAGS_TF | RFLAGS_RF) << ADVANCE_SHIFT)

/* RIP modulo 4 GiB is at least this, unless the instruction has just passed a multiple of that. */
#define ADVANCE_NO_WRAP 15u /* bytes of the longest instruction */

static inline void bf_vmx_advance_quickly(void)
{
	uint64_t rip = bf_hw_vmread(VMCS_GUEST_RIP) + bf_hw_vmread(VMCS_EXIT_INSTRUCTION_LENGTH);
	uint64_t blocking = bf_hw_vmread(VMCS_GUEST_INTERRUPTIBILITY_STATE);
	uint64_t rflags = bf_hw_vmread(VMCS_GUEST_RFLAGS);

	if (__builtin_expect((blocking + (rflags << ADVANCE_SHIFT)) & ADVANCE_SLOWLY, 0) ||
	    __builtin_expect((uint32_t)rip < ADVANCE_NO_WRAP, 0))
		bf_vmx_advance_slowly(rip, blocking, rflags);
	else
		bf_hw_vmwrite(VMCS_GUEST_RIP, rip);
}

#endif
