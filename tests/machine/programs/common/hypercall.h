/* SPDX-License-Identifier: MIT */
/* VMCALL or VMMCALL, whichever the CPU has; what they mean is the extension's business. */
#ifndef MACHINE_HYPERCALL_H
#define MACHINE_HYPERCALL_H

#include "cpu.h"

#define VENDOR_AMD_EBX 0x68747541u /* "Auth" */

static inline uint64_t hypercall(uint64_t number, uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t result;

	if (cpuid(0, 0).ebx == VENDOR_AMD_EBX)
		__asm__ volatile("vmmcall"
				 : "=a"(result)
				 : "a"(number), "D"(a), "S"(b), "d"(c)
				 : "memory");
	else
		__asm__ volatile("vmcall"
				 : "=a"(result)
				 : "a"(number), "D"(a), "S"(b), "d"(c)
				 : "memory");
	return result;
}

#endif
