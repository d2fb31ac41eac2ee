/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What idt.S leaves on the stack for the C handlers.
 */
#ifndef BFVMM_ARCH_FRAME_H
#define BFVMM_ARCH_FRAME_H

#include <bfabi/types.h>

struct bf_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rdi, rsi, rbp, rbx, rdx, rcx, rax;
	uint64_t vector, error_code;
	uint64_t rip, cs, rflags, rsp, ss;
};

/** Called by idt.S for every vector. */
void bf_fault(struct bf_frame *frame);

/** Stubs of idt.S, one every BF_IDT_STUB_BYTES. */
extern const char bf_idt_stubs[];
#define BF_IDT_STUB_BYTES 16
#define BF_IDT_VECTORS    32

#endif
