/* SPDX-License-Identifier: MIT */
/* Compiled to assembly, from which the build makes bfvmm/offsets.h for the .S files. */
#include <stddef.h>
#include <bfvmm/vcpu.h>

/* A string, because clang reads what it puts into assembly. */
#define OFFSET(name, value) __asm__(".ascii \"OFFSET " #name " %c0\"" ::"i"(value))

void bf_offsets(void);
void bf_offsets(void)
{
	OFFSET(BF_VCPU_REGS_SIZE, sizeof(struct bf_regs));
	OFFSET(BF_VCPU_HOST_STACK, offsetof(struct bf_vcpu, host_stack));
	OFFSET(BF_VCPU_PENDING, offsetof(struct bf_vcpu, pending));
	OFFSET(BF_VCPU_ARCH, offsetof(struct bf_vcpu, arch));
}
