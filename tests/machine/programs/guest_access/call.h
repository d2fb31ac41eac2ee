/* SPDX-License-Identifier: MIT */
/* Calls of the extension in vmm/guest_access: a CPUID whose registers say what to do. */
#ifndef GUEST_ACCESS_CALL_H
#define GUEST_ACCESS_CALL_H

#include <stdint.h>

#define LEAF 0x40000200u

enum op {
	OP_ADD_1,
	OP_ADD_1_NOW,
	OP_TRANSLATE,
	OP_FETCH,
	OP_COUNT,
	OP_SCAN
};

/* Its errors, and the rights that it tells of. */
enum {
	EFAULT_GUEST = -11,
	RIGHT_READ = 1,
	RIGHT_WRITE = 2,
	RIGHT_FETCH = 4
};

struct answer {
	int32_t status;
	uint32_t ebx, edx;
	uint64_t r8, r9, r10;
};

static inline struct answer call(enum op op, const volatile void *address, uint64_t bytes)
{
	register uint64_t r8 __asm__("r8") = 0;
	register uint64_t r9 __asm__("r9") = 0;
	register uint64_t r10 __asm__("r10") = 0;
	uint32_t eax = LEAF, ecx = op, ebx, edx;

	__asm__ volatile("cpuid"
			 : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx), "+r"(r8), "+r"(r9), "+r"(r10)
			 : "S"(address), "D"(bytes)
			 : "memory");
	return (struct answer){(int32_t)eax, ebx, edx, r8, r9, r10};
}

#endif
