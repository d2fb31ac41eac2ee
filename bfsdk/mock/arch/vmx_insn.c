/* SPDX-License-Identifier: MIT */
/* Which instructions exit under VMX, and how (SDM volume 3, chapters 25 and 27). */
#include <bfhw/phys.h>
#include <bfmock/vmx.h>
#include <bfvmm/defaults.h>
#include "backend.h"

#define FIELD_PROC        0x4002
#define FIELD_PROC2       0x401e
#define FIELD_IO_BITMAP_A 0x2000
#define FIELD_IO_BITMAP_B 0x2002
#define FIELD_MSR_BITMAP  0x2004
#define FIELD_CR0_MASK    0x6000
#define FIELD_CR4_MASK    0x6002
#define FIELD_CR0_SHADOW  0x6004
#define FIELD_CR4_SHADOW  0x6006

/* Numbers of controls in rows: bits of the primary ones, from 32 on of the secondary ones. */
enum control {
	INVLPG_EXITING = 9,
	HLT_EXITING = 7,
	MWAIT_EXITING = 10,
	RDPMC_EXITING = 11,
	RDTSC_EXITING = 12,
	CR3_LOAD_EXITING = 15,
	CR3_STORE_EXITING = 16,
	CR8_LOAD_EXITING = 19,
	CR8_STORE_EXITING = 20,
	MOV_DR_EXITING = 23,
	UNCONDITIONAL_IO = 24,
	USE_IO_BITMAPS = 25,
	USE_MSR_BITMAPS = 28,
	MONITOR_EXITING = 29,
	PAUSE_EXITING = 30,
	ACTIVATE_SECONDARY = 31,
	WBINVD_EXITING = 32 + 6,
	ALWAYS = 0xff,
	BY_OPERANDS = 0xfe
};

const struct mock_row mock_vmx_rows[MOCK_INSTRUCTIONS] = {
	[MOCK_CPUID] = {10, ALWAYS, 2, {0x0f, 0xa2}, 0},
	[MOCK_RDMSR] = {31, BY_OPERANDS, 2, {0x0f, 0x32}, 0},
	[MOCK_WRMSR] = {32, BY_OPERANDS, 2, {0x0f, 0x30}, 0},
	[MOCK_XSETBV] = {55, ALWAYS, 3, {0x0f, 0x01, 0xd1}, 0},
	[MOCK_HYPERCALL] = {18, ALWAYS, 3, {0x0f, 0x01, 0xc1}, 0},
	[MOCK_VIRT_INSN] = {27, ALWAYS, 3, {0xf3, 0x0f, 0xc7}, 0},
	[MOCK_INVD] = {13, ALWAYS, 2, {0x0f, 0x08}, 0},
	[MOCK_WBINVD] = {54, WBINVD_EXITING, 2, {0x0f, 0x09}, 0},
	[MOCK_RDTSC] = {16, RDTSC_EXITING, 2, {0x0f, 0x31}, 0},
	[MOCK_RDTSCP_INSN] = {51, RDTSC_EXITING, 3, {0x0f, 0x01, 0xf9}, 0},
	[MOCK_RDPMC] = {15, RDPMC_EXITING, 2, {0x0f, 0x33}, 0},
	[MOCK_HLT] = {12, HLT_EXITING, 1, {0xf4}, 0},
	[MOCK_PAUSE] = {40, PAUSE_EXITING, 2, {0xf3, 0x90}, 0},
	[MOCK_MONITOR] = {39, MONITOR_EXITING, 3, {0x0f, 0x01, 0xc8}, 0},
	[MOCK_MWAIT] = {36, MWAIT_EXITING, 3, {0x0f, 0x01, 0xc9}, 0},
	[MOCK_INVLPG] = {14, INVLPG_EXITING, 3, {0x0f, 0x01, 0x38}, 0},
	[MOCK_IN] = {30, BY_OPERANDS, 1, {0xed}, 0x8},
	[MOCK_OUT] = {30, BY_OPERANDS, 1, {0xef}, 0},
	[MOCK_MOV_FROM_CR] = {28, BY_OPERANDS, 3, {0x0f, 0x20, 0xc0}, 0x10},
	[MOCK_MOV_TO_CR] = {28, BY_OPERANDS, 3, {0x0f, 0x22, 0xc0}, 0},
	[MOCK_MOV_FROM_DR] = {29, MOV_DR_EXITING, 3, {0x0f, 0x21, 0xc0}, 0x10},
	[MOCK_MOV_TO_DR] = {29, MOV_DR_EXITING, 3, {0x0f, 0x23, 0xc0}, 0},
};

static bool is_on(uint32_t control)
{
	if (control < 32)
		return mock_vmcs_get(FIELD_PROC) >> control & 1;
	return is_on(ACTIVATE_SECONDARY) && (mock_vmcs_get(FIELD_PROC2) >> (control - 32) & 1);
}

static bool bit_of(uint32_t field, uint32_t bit)
{
	const uint8_t *bitmap = bf_phys_to_virt(mock_vmcs_get(field));

	return bitmap[bit / 8] >> bit % 8 & 1;
}

static bool msr_exits(uint32_t msr, bool write)
{
	bool high = msr >= 0xc0000000;

	if (!is_on(USE_MSR_BITMAPS) || (msr & ~0xc0000000u) > 0x1fff || (!high && msr >> 30))
		return true;
	return bit_of(FIELD_MSR_BITMAP, write * 16384 + high * 8192 + (msr & 0x1fff));
}

static bool io_exits(const struct mock_insn *insn)
{
	bool any = false;

	if (!is_on(USE_IO_BITMAPS))
		return is_on(UNCONDITIONAL_IO);
	for (uint32_t port = insn->port; port < insn->port + insn->size; port++)
		any |= port > 0xffff ||
		       bit_of(port >> 15 & 1 ? FIELD_IO_BITMAP_B : FIELD_IO_BITMAP_A,
			      port & 0x7fff);
	return any;
}

/* Of the bits that the VMM owns, one is to become other than the guest sees it. */
static bool owned_changes(uint64_t value, uint32_t mask, uint32_t shadow)
{
	return (value ^ mock_vmcs_get(shadow)) & mock_vmcs_get(mask);
}

static bool cr_write_exits(struct bf_vcpu *vcpu, const struct mock_insn *insn)
{
	uint64_t value = bf_gpr_get(vcpu, insn->gpr);

	switch (insn->number) {
	case 0:
		return owned_changes(value, FIELD_CR0_MASK, FIELD_CR0_SHADOW);
	case 3:
		return is_on(CR3_LOAD_EXITING);
	case 4:
		return owned_changes(value, FIELD_CR4_MASK, FIELD_CR4_SHADOW);
	case 8:
		return is_on(CR8_LOAD_EXITING);
	default:
		return false;
	}
}

bool mock_vmx_exits(struct bf_vcpu *vcpu, const struct mock_insn *insn)
{
	uint32_t control = mock_vmx_rows[insn->kind].control;

	if (control != BY_OPERANDS)
		return control == ALWAYS || is_on(control);
	switch (insn->kind) {
	case MOCK_RDMSR:
	case MOCK_WRMSR:
		return msr_exits((uint32_t)vcpu->regs.rcx, insn->kind == MOCK_WRMSR);
	case MOCK_IN:
	case MOCK_OUT:
		return io_exits(insn);
	case MOCK_MOV_TO_CR:
		return cr_write_exits(vcpu, insn);
	default:
		return (insn->number == 3 && is_on(CR3_STORE_EXITING)) ||
		       (insn->number == 8 && is_on(CR8_STORE_EXITING));
	}
}

void mock_vmx_operands(struct bf_vcpu *vcpu, const struct mock_insn *insn, struct mock_exit *exit)
{
	(void)vcpu;
	switch (insn->kind) {
	case MOCK_INVLPG:
		exit->qualification = insn->address;
		break;
	case MOCK_IN:
	case MOCK_OUT:
		exit->qualification |= (insn->size - 1u) | (uint64_t)insn->port << 16;
		break;
	case MOCK_MOV_FROM_CR:
	case MOCK_MOV_TO_CR:
	case MOCK_MOV_FROM_DR:
	case MOCK_MOV_TO_DR:
		exit->qualification |= insn->number | (uint64_t)insn->gpr << 8;
		break;
	default:
		break;
	}
}
