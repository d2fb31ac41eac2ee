/* SPDX-License-Identifier: MIT */
/* Compiled to assembly, from which the build makes bfvmm/offsets.h for the .S files. */
#include <stddef.h>
#include <bfvmm/vcpu.h>

void bf_offsets(void);
void bf_offsets(void)
{
	__asm__("OFFSET BF_VCPU_REGS_SIZE %c0" ::"i"(sizeof(struct bf_regs)));
	__asm__("OFFSET BF_VCPU_HOST_STACK %c0" ::"i"(offsetof(struct bf_vcpu, host_stack)));
	__asm__("OFFSET BF_VCPU_PENDING %c0" ::"i"(offsetof(struct bf_vcpu, pending)));
	__asm__("OFFSET BF_VCPU_ARCH %c0" ::"i"(offsetof(struct bf_vcpu, arch)));
}
