/* SPDX-License-Identifier: MIT */
#include "bf_os.h"
#include <bfload/report.h>
#include <bfload/switch.h>

#define CR4_VMXE  (1UL << 13)
#define CR4_FRED  (1UL << 32)
#define EFER_SVME (1UL << 12)

#define SELECTOR_INDEX       0xfff8U
#define DESCRIPTOR_BUSY_BYTE 5 /* type byte of a descriptor */
#define TSS_BUSY             2

#define GATE_INTERRUPT (0x8eUL << 40) /* present, ring 0, no IST */

enum vector {
	VECTOR_DB = 1,
	VECTOR_NMI = 2,
	VECTOR_DF = 8,
	VECTOR_MC = 18
};

static bool cs_fits(uint16_t cs)
{
	return cs >= 8 && cs < 8 * BF_SWITCH_CS_SLOTS && !(cs & 7);
}

int bf_switch_check(const struct bf_host_cpu *cpu, struct bf_report *report)
{
	if (cpu->gdt_limit >= BF_SWITCH_GDT_BYTES)
		return bf_report_set(report, BF_ERANGE, "limit of the loader's GDT", cpu->gdt_limit,
				     "must be below 4096");
	if ((cpu->tr & SELECTOR_INDEX) &&
	    (uint32_t)(cpu->tr & SELECTOR_INDEX) + 15 > cpu->gdt_limit)
		return bf_report_set(report, BF_ERANGE, "task register", cpu->tr,
				     "must select a descriptor within the loader's GDT");
	if (!cs_fits(cpu->cs))
		return bf_report_set(report, BF_ERANGE, "loader's CS selector", cpu->cs,
				     "must be a ring-0 selector of the GDT from 0x08 to 0x78");
	if (cpu->cr4 & CR4_FRED)
		return bf_report_set(report, BF_ENOTSUP, "CR4.FRED", cpu->cr4,
				     "must be 0: FRED event delivery is not supported (Linux: "
				     "boot with fred=off)");
	return 0;
}

int bf_virt_check(const struct bf_host_cpu *cpu, const char *remedy, struct bf_report *report)
{
	if (cpu->cr4 & CR4_VMXE)
		return bf_report_set(report, BF_EBUSY, "CR4.VMXE", cpu->cr4, remedy);
	if (cpu->efer & EFER_SVME)
		return bf_report_set(report, BF_EBUSY, "EFER.SVME", cpu->efer, remedy);
	return 0;
}

/* LTR wants an available TSS; the one of the loader's own GDT is busy, and must stay so. */
static void copy_gdt(struct bf_switch *sw, const struct bf_host_cpu *cpu)
{
	uint32_t tss = cpu->tr & SELECTOR_INDEX;

	memcpy(sw->tmp_gdt, cpu->gdt, cpu->gdt_limit + 1);
	if (tss)
		sw->tmp_gdt[tss + DESCRIPTOR_BUSY_BYTE] &= (uint8_t)~TSS_BUSY;
	sw->tmp_gdtr.limit = (uint16_t)cpu->gdt_limit;
	sw->tmp_gdtr.base = (uint64_t)(uintptr_t)sw->tmp_gdt;
}

static const char *handler(uint32_t vector)
{
	switch (vector) {
	case VECTOR_DB:
		return bf_switch_ignore;
	case VECTOR_NMI:
		return bf_switch_nmi;
	case VECTOR_DF:
	case VECTOR_MC:
		return bf_switch_dead;
	default:
		return bf_switch_fault;
	}
}

static void build_idt(struct bf_switch *sw, uint16_t cs, const void *page)
{
	for (uint32_t i = 0; i < BF_SWITCH_IDT_GATES; i++) {
		uint64_t at = (uint64_t)(uintptr_t)page + (uint64_t)(handler(i) - bf_switch_page);

		sw->tmp_idt[2 * i] = (at & 0xffff) | (uint64_t)cs << 16 | GATE_INTERRUPT |
				     (at & 0xffff0000) << 32;
		sw->tmp_idt[2 * i + 1] = at >> 32;
	}
	sw->tmp_idtr.limit = sizeof(sw->tmp_idt) - 1;
	sw->tmp_idtr.base = (uint64_t)(uintptr_t)sw->tmp_idt;
}

void bf_switch_prepare(struct bf_switch *sw, const struct bf_host_cpu *cpu, const void *page)
{
	memset(sw->fault, 0, sizeof(sw->fault));
	copy_gdt(sw, cpu);
	build_idt(sw, cpu->cs, page);
}

uint64_t bf_switch_fault_rip(const struct bf_switch *sw)
{
	if (!sw->fault[0])
		return 0;
	/* Below RIP there is an error code or not; it has 32 bits, no address of ours has. */
	return sw->fault[1] >> 32 ? sw->fault[1] : sw->fault[2];
}
