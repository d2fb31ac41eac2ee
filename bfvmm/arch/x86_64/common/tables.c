/* SPDX-License-Identifier: MIT */
/* GDT, IDT and TSS: one GDT and TSS a CPU, one IDT for all. */
#include <bfabi/layout.h>
#include <bfhw/hw.h>
#include <bfvmm/tables.h>
#include <bfvmm/vcpu.h>
#include <common/frame.h>

/*
 * The VMM keeps the CS that the loader runs with: an NMI may come while the GDT of one world is
 * live with the IDT of the other (see bfabi/switch.h), so that the loader's CS must be a code
 * segment in the VMM's GDT too. SS, DS and ES are null.
 */
#define SLOT_TSS     BF_SWITCH_CS_SLOTS
#define SELECTOR_TSS (8 * SLOT_TSS)

#define GDT_CODE64 0x00af9b000000ffffUL
#define GDT_TSS    0x0000890000000000UL /* available 64-bit TSS */

#define GATE_INTERRUPT 0x8e00UL

enum ist {
	IST_NONE,
	IST_NMI,
	IST_DF,
	IST_MC
};

struct tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t io_map;
} __attribute__((packed));

struct bf_cpu_tables {
	uint64_t gdt[SLOT_TSS + 2];
	struct tss tss;
} __attribute__((aligned(64)));

static struct bf_cpu_tables tables[BF_MAX_CPUS];
static uint64_t idt[BF_IDT_VECTORS][2];

static enum ist ist_of(uint32_t vector)
{
	switch (vector) {
	case BF_VECTOR_NMI:
		return IST_NMI;
	case BF_VECTOR_DF:
		return IST_DF;
	case BF_VECTOR_MC:
		return IST_MC;
	default:
		return IST_NONE;
	}
}

/* The same values from every CPU, so that it does not matter who writes last. */
static void build_idt(uint16_t cs)
{
	for (uint32_t i = 0; i < BF_IDT_VECTORS; i++) {
		uint64_t at = (uint64_t)bf_idt_stubs + (uint64_t)i * BF_IDT_STUB_BYTES;

		idt[i][0] = (at & 0xffff) | (uint64_t)cs << 16 |
			    (GATE_INTERRUPT | ist_of(i)) << 32 | (at & 0xffff0000) << 32;
		idt[i][1] = at >> 32;
	}
}

static void build_gdt(struct bf_cpu_tables *t)
{
	uint64_t base = (uint64_t)&t->tss;

	t->gdt[0] = 0;
	for (uint32_t i = 1; i < SLOT_TSS; i++)
		t->gdt[i] = GDT_CODE64;
	t->gdt[SLOT_TSS] = GDT_TSS | (sizeof(t->tss) - 1) | (base & 0xffffff) << 16 |
			   (base & 0xff000000) << 32;
	t->gdt[SLOT_TSS + 1] = base >> 32;
}

static void build_tss(struct bf_cpu_tables *t, uint64_t stack_top)
{
	uint64_t window = stack_top - BF_STACK_MAIN_TOP;

	t->tss.rsp[0] = stack_top;
	t->tss.ist[IST_NMI - 1] = window + BF_STACK_NMI_TOP;
	t->tss.ist[IST_DF - 1] = window + BF_STACK_DF_TOP;
	t->tss.ist[IST_MC - 1] = window + BF_STACK_MC_TOP;
	t->tss.io_map = sizeof(t->tss);
}

void bf_tables_load(struct bf_pcpu *pcpu)
{
	struct bf_cpu_tables *t = &tables[pcpu->index];
	struct bf_hw_table gdtr = {sizeof(t->gdt) - 1, (uint64_t)t->gdt};
	struct bf_hw_table idtr = {sizeof(idt) - 1, (uint64_t)idt};

	pcpu->tables = t;
	pcpu->cs = pcpu->sw->world.cs;
	build_idt(pcpu->cs);
	build_gdt(t);
	build_tss(t, pcpu->stack_top);
	bf_hw_lgdt(&gdtr);
	bf_hw_ltr(SELECTOR_TSS);
	bf_hw_lidt(&idtr);
}

void bf_host_tables(struct bf_pcpu *pcpu, struct bf_host_tables *out)
{
	*out = (struct bf_host_tables){
		.cs = pcpu->cs,
		.ss = 0,
		.tr = SELECTOR_TSS,
		.gdt_base = (uint64_t)pcpu->tables->gdt,
		.idt_base = (uint64_t)idt,
		.tr_base = (uint64_t)&pcpu->tables->tss,
	};
}
