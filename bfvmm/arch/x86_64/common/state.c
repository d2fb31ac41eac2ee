/* SPDX-License-Identifier: MIT */
#include <bfhw/hw.h>
#include <bfvmm/msr.h>
#include <bfvmm/state.h>

#define SELECTOR_TABLE 0x4 /* in the LDT */
#define SELECTOR_INDEX 0xfff8

static uint64_t entry_at(const uint8_t *gdt, uint32_t gdt_bytes, uint32_t at)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < 8 && at + 8 <= gdt_bytes; i++)
		value |= (uint64_t)gdt[at + i] << (8 * i);
	return value;
}

/* Decodes a descriptor (SDM volume 3, "Segment Descriptors"). */
static void load(struct bf_segment *segment, uint16_t selector, const uint8_t *gdt,
		 uint32_t gdt_bytes)
{
	uint32_t at = selector & SELECTOR_INDEX;
	uint64_t d = at && !(selector & SELECTOR_TABLE) ? entry_at(gdt, gdt_bytes, at) : 0;

	*segment = (struct bf_segment){.selector = selector, .access = BF_AR_UNUSABLE};
	if (!(d >> 40 & BF_AR_P))
		return;
	segment->access = d >> 40 & 0xf0ff;
	segment->base = (d >> 16 & 0xffffff) | (d >> 56 & 0xff) << 24;
	segment->limit = (d & 0xffff) | (d >> 32 & 0xf0000);
	if (segment->access & BF_AR_G)
		segment->limit = segment->limit << 12 | 0xfff;
	if (!(segment->access & BF_AR_S))
		segment->base |= entry_at(gdt, gdt_bytes, at + 8) << 32;
	else
		segment->access |= 1; /* loaded segments are accessed */
}

void bf_state_capture(struct bf_state *state, const struct bf_world *world, const uint8_t *gdt,
		      uint32_t gdt_bytes)
{
	const uint16_t selectors[BF_SEG_COUNT] = {world->es, world->cs, world->ss,
						  world->ds, world->fs, world->gs};

	*state = (struct bf_state){
		.rip = world->rip,
		.rsp = world->rsp,
		.rflags = world->rflags,
		.cr0 = world->cr0,
		.cr2 = bf_hw_read_cr2(),
		.cr3 = world->cr3,
		.cr4 = world->cr4,
		.efer = world->efer,
		.dr6 = bf_hw_read_dr6(),
		.dr7 = bf_hw_read_dr7(),
		.sysenter_cs = bf_hw_rdmsr(MSR_IA32_SYSENTER_CS),
		.sysenter_esp = bf_hw_rdmsr(MSR_IA32_SYSENTER_ESP),
		.sysenter_eip = bf_hw_rdmsr(MSR_IA32_SYSENTER_EIP),
		.gdtr_base = world->gdtr.base,
		.gdtr_limit = world->gdtr.limit,
		.idtr_base = world->idtr.base,
		.idtr_limit = world->idtr.limit,
	};
	(void)bf_hw_rdmsr_safe(MSR_IA32_DEBUGCTL, &state->debugctl);
	state->pat = bf_hw_rdmsr(MSR_IA32_PAT);
	for (int i = 0; i < BF_SEG_COUNT; i++)
		load(&state->seg[i], selectors[i], gdt, gdt_bytes);
	state->seg[BF_SEG_FS].base = world->fs_base;
	state->seg[BF_SEG_GS].base = world->gs_base;
	load(&state->ldtr, world->ldtr, gdt, gdt_bytes);
	load(&state->tr, world->tr, gdt, gdt_bytes);
	state->tr.access |= 2; /* the copy of the GDT marks the TSS available; it is busy */
}

static void write_changed(uint32_t msr, uint64_t value)
{
	uint64_t now;

	if (bf_hw_rdmsr_safe(msr, &now) && now != value)
		bf_hw_wrmsr(msr, value);
}

void bf_state_release(const struct bf_state *state, struct bf_world *world)
{
	world->rip = state->rip;
	world->rsp = state->rsp;
	world->rflags = state->rflags;
	world->cr0 = state->cr0;
	world->cr3 = state->cr3;
	world->cr4 = state->cr4;
	world->efer = state->efer;
	world->fs_base = state->seg[BF_SEG_FS].base;
	world->gs_base = state->seg[BF_SEG_GS].base;
	world->es = state->seg[BF_SEG_ES].selector;
	world->cs = state->seg[BF_SEG_CS].selector;
	world->ss = state->seg[BF_SEG_SS].selector;
	world->ds = state->seg[BF_SEG_DS].selector;
	world->fs = state->seg[BF_SEG_FS].selector;
	world->gs = state->seg[BF_SEG_GS].selector;
	world->ldtr = state->ldtr.selector;
	world->tr = state->tr.selector;
	world->gdtr.base = state->gdtr_base;
	world->gdtr.limit = state->gdtr_limit;
	world->idtr.base = state->idtr_base;
	world->idtr.limit = state->idtr_limit;

	bf_hw_write_cr2(state->cr2);
	bf_hw_write_dr6(state->dr6);
	bf_hw_write_dr7(state->dr7);
	write_changed(MSR_IA32_SYSENTER_CS, state->sysenter_cs);
	write_changed(MSR_IA32_SYSENTER_ESP, state->sysenter_esp);
	write_changed(MSR_IA32_SYSENTER_EIP, state->sysenter_eip);
	write_changed(MSR_IA32_DEBUGCTL, state->debugctl);
	write_changed(MSR_IA32_PAT, state->pat);
}
