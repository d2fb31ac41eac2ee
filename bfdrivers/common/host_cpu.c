/* SPDX-License-Identifier: MIT */
#include "bf_os.h"
#include <bfload/switch.h>

#define MSR_APIC_BASE 0x1b
#define MSR_EFER      0xc0000080

struct table_operand {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

static uint64_t read_msr(uint32_t number)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number));
	return (uint64_t)high << 32 | low;
}

uint64_t bf_host_apic_pa(void)
{
	return read_msr(MSR_APIC_BASE) & BF_PAGE_MASK;
}

void bf_host_cpu_read(struct bf_host_cpu *cpu)
{
	struct table_operand gdtr;

	__asm__ volatile("sgdt %0" : "=m"(gdtr));
	__asm__ volatile("mov %%cs, %0" : "=r"(cpu->cs));
	__asm__ volatile("str %0" : "=r"(cpu->tr));
	__asm__ volatile("mov %%cr4, %0" : "=r"(cpu->cr4));
	cpu->gdt = (const void *)(uintptr_t)gdtr.base;
	cpu->gdt_limit = gdtr.limit;
	cpu->efer = read_msr(MSR_EFER);
}
