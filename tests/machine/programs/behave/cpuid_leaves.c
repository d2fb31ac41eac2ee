/* SPDX-License-Identifier: MIT */
#include "cpuid_leaves.h"

#include <stddef.h>

#define ALL 0xffffffffu

static const struct {
	uint32_t leaf;
	unsigned int count;
} with_subleaves[] = {
	{0x4, 8},  {0x7, 4},        {0xb, 4},        {0xd, 63},       {0xf, 3},
	{0x10, 4}, {0x12, 5},       {0x14, 3},       {0x17, 4},       {0x18, 4},
	{0x1b, 4}, {0x1d, 3},       {0x1e, 2},       {0x1f, 6},       {0x20, 2},
	{0x24, 2}, {0x8000001d, 6}, {0x80000020, 4}, {0x80000026, 4},
};

static const struct cpuid_hidden hidden[] = {
	{.leaf = 0x1, .ecx = 1u << 5 | 1u << 6 | 1u << 31}, /* VMX, SMX, hypervisor */
	{.leaf = 0x80000001, .ecx = 1u << 2 | 1u << 12},    /* SVM, SKINIT */
	{.leaf = 0x8000000a, .eax = ALL, .ebx = ALL, .ecx = ALL, .edx = ALL},
};

unsigned int subleaf_count(uint32_t leaf)
{
	for (size_t i = 0; i < sizeof(with_subleaves) / sizeof(with_subleaves[0]); i++) {
		if (with_subleaves[i].leaf == leaf)
			return with_subleaves[i].count;
	}
	return 1;
}

const struct cpuid_hidden *hidden_bits(uint32_t leaf)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		if (hidden[i].leaf == leaf)
			return &hidden[i];
	}
	return NULL;
}
