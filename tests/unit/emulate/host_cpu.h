/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Executes single instructions of 64-bit code on the CPU that the test runs on: what an emulator
 * has to agree with.
 */
#ifndef BF_HOST_CPU_H
#define BF_HOST_CPU_H

#include <stdint.h>

/** All that an instruction finds and leaves. host_run.S knows this layout. */
struct host_state {
	uint64_t gpr[16]; /**< in encoding order; RSP must point to memory that can be written */
	uint64_t rflags;
};

/** @return where host_execute() puts its instruction: below 2 GiB. */
uint64_t host_code(void);

/** @return where an instruction that jumps has to jump to. */
uint64_t host_jump_target(void);

/** @return memory below 2 GiB, never freed. */
void *host_low_memory(uint32_t bytes);

/** Sets the base of GS, which nothing else in a test uses. */
void host_set_gs_base(uint64_t base);

/** Executes the @p length bytes at @p insn. Nothing catches an exception. */
void host_execute(struct host_state *state, const uint8_t *insn, uint32_t length);

#endif
