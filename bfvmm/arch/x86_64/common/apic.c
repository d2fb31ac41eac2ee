/* SPDX-License-Identifier: MIT */
/* SDM volume 3, "Advanced Programmable Interrupt Controller (APIC)"; APM volume 2, chapter 16. */
#include <stdbool.h>
#include <bfabi/error.h>
#include <bfhw/hw.h>
#include <bfvmm/apic.h>
#include <bfvmm/msr.h>

#define BASE_EN     (1ull << 11)
#define BASE_X2APIC (1ull << 10)

#define REG_ID       0x20u
#define REG_ICR_LOW  0x300u
#define REG_ICR_HIGH 0x310u
#define ID_SHIFT     24
#define ICR_NMI      0x4400u /* delivery mode NMI, physical destination, assert */
#define ICR_BUSY     0x1000u

/* An IPI is on its way for microseconds; an APIC that is broken should not stop the machine. */
#define BUSY_MAX 1000000u

static uint64_t mapped_pa;

void bf_apic_init(uint64_t pa)
{
	mapped_pa = pa;
}

static uint64_t base(void)
{
	uint64_t value;

	return bf_hw_rdmsr_safe(MSR_IA32_APIC_BASE, &value) ? value : 0;
}

int bf_apic_ready(void)
{
	uint64_t now = base();

	if (!(now & BASE_EN))
		return BF_ENOTSUP;
	if (now & BASE_X2APIC)
		return 0;
	return mapped_pa && (now & BF_PAGE_MASK) == mapped_pa ? 0 : BF_ENOTSUP;
}

uint32_t bf_apic_id(void)
{
	if (base() & BASE_X2APIC)
		return (uint32_t)bf_hw_rdmsr(MSR_X2APIC_ID);
	return bf_hw_apic_read(REG_ID) >> ID_SHIFT;
}

static void wait_idle(void)
{
	for (uint32_t i = 0; i < BUSY_MAX && (bf_hw_apic_read(REG_ICR_LOW) & ICR_BUSY); i++)
		bf_hw_pause();
}

/* The control VM may have written the high half of a command of its own, and not the low half. */
static void send_by_page(uint32_t id)
{
	uint32_t high = bf_hw_apic_read(REG_ICR_HIGH);

	wait_idle();
	bf_hw_apic_write(REG_ICR_HIGH, id << ID_SHIFT);
	bf_hw_apic_write(REG_ICR_LOW, ICR_NMI);
	wait_idle();
	bf_hw_apic_write(REG_ICR_HIGH, high);
}

void bf_apic_send_nmi(uint32_t id)
{
	if (base() & BASE_X2APIC)
		bf_hw_x2apic_icr((uint64_t)id << 32 | ICR_NMI);
	else
		send_by_page(id);
}
