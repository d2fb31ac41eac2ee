/* SPDX-License-Identifier: MIT */
#include "facts.h"

#include <cpuid.h>

#define HYPERVISOR_LEAF 0x40000000U

static void read_leaf(uint32_t number, struct bfm_leaf *leaf)
{
	__get_cpuid_count(number, 0, &leaf->eax, &leaf->ebx, &leaf->ecx, &leaf->edx);
}

void bfm_cpu_read(struct bfm_cpuid *raw)
{
	*raw = (struct bfm_cpuid){0};
	read_leaf(0, &raw->vendor);
	read_leaf(1, &raw->features);
	read_leaf(0x80000001U, &raw->extended);
	read_leaf(0x8000000aU, &raw->svm);
	/* No maximum covers this leaf; without a hypervisor it holds some other leaf's data. */
	if (raw->features.ecx & (1U << 31))
		__cpuid(HYPERVISOR_LEAF, raw->hypervisor.eax, raw->hypervisor.ebx,
			raw->hypervisor.ecx, raw->hypervisor.edx);
}
