/* SPDX-License-Identifier: MIT */
/* NMIs, and the part of the local APIC that sends them. */
#include <stddef.h>
#include <bfvmm/msr.h>
#include <bfvmm/vcpu.h>
#include <common/frame.h>
#include "model.h"

#define BASE_X2APIC  (1ULL << 10)
#define REG_ID       0x20
#define REG_ICR_LOW  0x300
#define REG_ICR_HIGH 0x310
#define ICR_MODE     0x700
#define ICR_NMI      0x400

bool (*mock_nmi_exit)(void);

void mock_nmi_take(void)
{
	struct mock_cpu *cpu = mock_this();
	struct bf_frame frame = {.vector = BF_VECTOR_NMI};

	if (!cpu->nmi || cpu->nmi_blocked || !cpu->gif)
		return;
	cpu->nmi = false;
	bf_fault(&frame);
}

/* In a guest, or bare. */
static void outside(void)
{
	struct mock_cpu *cpu = mock_this();

	if (cpu->pcpu && cpu->pcpu->vcpu && mock_nmi_exit && mock_nmi_exit())
		return;
	cpu->nmi = false;
	cpu->guest_nmis++;
}

void mock_nmi(uint32_t cpu)
{
	uint32_t now = mock.cpu;

	/* Who sends it may be a test that runs VMM code outside any exit. */
	mock.cpus[now].in_vmm += now != cpu;
	mock_cpu_switch(cpu);
	mock_this()->nmi = true;
	if (mock_this()->in_vmm)
		mock_nmi_take();
	else
		mock_fiber_run(cpu, outside);
	mock_cpu_switch(now);
	mock.cpus[now].in_vmm -= now != cpu;
}

void bf_hw_unblock_nmis(void)
{
	mock_this()->nmi_blocked = false;
	mock_nmi_take();
}

static bool x2apic(void)
{
	return mock_msr_find(MSR_IA32_APIC_BASE)->value & BASE_X2APIC;
}

static void command(uint32_t low, uint32_t to)
{
	if ((low & ICR_MODE) != ICR_NMI || to >= mock.cpu_count)
		mock_fault("APIC command 0x%x to CPU %u", low, to);
	mock.count.nmi_ipi++;
	mock_nmi(to);
}

static void need_page(void)
{
	if (x2apic())
		mock_fault("the APIC's page is not there in x2APIC mode");
}

uint32_t bf_hw_apic_read(uint32_t reg)
{
	need_page();
	if (reg == REG_ID)
		return mock.cpu << 24;
	return reg == REG_ICR_HIGH ? mock_this()->icr_high : 0;
}

void bf_hw_apic_write(uint32_t reg, uint32_t value)
{
	need_page();
	if (reg == REG_ICR_HIGH)
		mock_this()->icr_high = value;
	else if (reg == REG_ICR_LOW)
		command(value, mock_this()->icr_high >> 24);
	else
		mock_fault("write of 0x%x to APIC register 0x%x", value, reg);
}

void bf_hw_x2apic_icr(uint64_t value)
{
	if (!x2apic())
		mock_fault("WRMSR of ICR raised #GP: not in x2APIC mode");
	command((uint32_t)value, (uint32_t)(value >> 32));
}
