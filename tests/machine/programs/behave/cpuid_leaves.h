/* SPDX-License-Identifier: MIT */
/* Which leaves have subleaves, and which bits a hypervisor that hides VMX and SVM may change. */
#ifndef BEHAVE_CPUID_LEAVES_H
#define BEHAVE_CPUID_LEAVES_H

#include <stdbool.h>
#include <stdint.h>

#define LEAF_HYPERVISOR      0x40000000u
#define LEAF_HYPERVISOR_LAST 0x400000ffu
#define LEAF_EXTENDED        0x80000000u

/* Number of subleaves to look at; 1 for a leaf that has none. */
unsigned int subleaf_count(uint32_t leaf);

struct cpuid_hidden {
	uint32_t leaf;
	uint32_t eax, ebx, ecx, edx; /* bits that may differ */
};

/* The bits of this leaf that may differ, or NULL if none may. */
const struct cpuid_hidden *hidden_bits(uint32_t leaf);

#endif
