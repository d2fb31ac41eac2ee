/* SPDX-License-Identifier: MIT */
#include "facts.h"

#include <string.h>

#define F1_ECX_VMX        (1U << 5)
#define F1_ECX_HYPERVISOR (1U << 31)
#define FE_ECX_SVM        (1U << 2)
#define FE_EDX_LONG_MODE  (1U << 29)

static void join(char name[13], uint32_t first, uint32_t second, uint32_t third)
{
	memcpy(name, &first, 4);
	memcpy(name + 4, &second, 4);
	memcpy(name + 8, &third, 4);
	name[12] = '\0';
}

void bfm_cpu_decode(const struct bfm_cpuid *raw, struct bfm_cpu_facts *cpu)
{
	*cpu = (struct bfm_cpu_facts){0};
	join(cpu->vendor, raw->vendor.ebx, raw->vendor.edx, raw->vendor.ecx);
	cpu->long_mode = raw->extended.edx & FE_EDX_LONG_MODE;
	cpu->vmx = raw->features.ecx & F1_ECX_VMX;
	cpu->svm = raw->extended.ecx & FE_ECX_SVM;
	cpu->under_hypervisor = raw->features.ecx & F1_ECX_HYPERVISOR;
	if (cpu->svm)
		cpu->svm_leaf = raw->svm;
	if (cpu->under_hypervisor)
		join(cpu->hypervisor, raw->hypervisor.ebx, raw->hypervisor.ecx,
		     raw->hypervisor.edx);
}
