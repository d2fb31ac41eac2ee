/* SPDX-License-Identifier: MIT */
/* Which instructions exit under SVM, and how (APM volume 2, chapter 15 and appendix C). */
#include <bfhw/phys.h>
#include <bfmock/svm.h>
#include <svm/svm.h>
#include "backend.h"

#define VMCB_CR    0x000 /* reads, then writes, a bit a register */
#define VMCB_DR    0x004
#define VMCB_MISC1 0x00c /* and more of them behind it, 32 bits each */
#define VMCB_IOPM  0x040
#define VMCB_MSRPM 0x048

#define WRITE         16 /* above the reads in VMCB_CR and VMCB_DR */
#define DECODE_MOV_CR (1ull << 63)
#define IO_ADDRESS_64 0x200u
#define IO_SIZE_SHIFT 4

/* Numbers of intercepts in rows: their bits, counted from VMCB_MISC1 on. */
enum intercept {
	RDTSC = 14,
	RDPMC = 15,
	CPUID = 18,
	INVD = 22,
	PAUSE = 23,
	HLT = 24,
	INVLPG = 25,
	IO_PROT = 27,
	MSR_PROT = 28,
	VMRUN = 32,
	VMMCALL = 33,
	RDTSCP = 32 + 7,
	WBINVD = 32 + 9,
	MONITOR = 32 + 10,
	MWAIT = 32 + 11,
	XSETBV = 32 + 13,
	BY_OPERANDS = 0xfe
};

const struct mock_row mock_svm_rows[MOCK_INSTRUCTIONS] = {
	[MOCK_CPUID] = {0x72, CPUID, 2, {0x0f, 0xa2}, 0},
	[MOCK_RDMSR] = {0x7c, BY_OPERANDS, 2, {0x0f, 0x32}, 0},
	[MOCK_WRMSR] = {0x7c, BY_OPERANDS, 2, {0x0f, 0x30}, 1},
	[MOCK_XSETBV] = {0x8d, XSETBV, 3, {0x0f, 0x01, 0xd1}, 0},
	[MOCK_HYPERCALL] = {0x81, VMMCALL, 3, {0x0f, 0x01, 0xd9}, 0},
	[MOCK_VIRT_INSN] = {0x80, VMRUN, 3, {0x0f, 0x01, 0xd8}, 0},
	[MOCK_INVD] = {0x76, INVD, 2, {0x0f, 0x08}, 0},
	[MOCK_WBINVD] = {0x89, WBINVD, 2, {0x0f, 0x09}, 0},
	[MOCK_RDTSC] = {0x6e, RDTSC, 2, {0x0f, 0x31}, 0},
	[MOCK_RDTSCP_INSN] = {0x87, RDTSCP, 3, {0x0f, 0x01, 0xf9}, 0},
	[MOCK_RDPMC] = {0x6f, RDPMC, 2, {0x0f, 0x33}, 0},
	[MOCK_HLT] = {0x78, HLT, 1, {0xf4}, 0},
	[MOCK_PAUSE] = {0x77, PAUSE, 2, {0xf3, 0x90}, 0},
	[MOCK_MONITOR] = {0x8a, MONITOR, 3, {0x0f, 0x01, 0xc8}, 0},
	[MOCK_MWAIT] = {0x8b, MWAIT, 3, {0x0f, 0x01, 0xc9}, 0},
	[MOCK_INVLPG] = {0x79, INVLPG, 3, {0x0f, 0x01, 0x38}, 0},
	[MOCK_IN] = {0x7b, BY_OPERANDS, 1, {0xed}, 1},
	[MOCK_OUT] = {0x7b, BY_OPERANDS, 1, {0xef}, 0},
	[MOCK_MOV_FROM_CR] = {0x00, BY_OPERANDS, 3, {0x0f, 0x20, 0xc0}, 0},
	[MOCK_MOV_TO_CR] = {0x10, BY_OPERANDS, 3, {0x0f, 0x22, 0xc0}, 0},
	[MOCK_MOV_FROM_DR] = {0x20, BY_OPERANDS, 3, {0x0f, 0x21, 0xc0}, 0},
	[MOCK_MOV_TO_DR] = {0x30, BY_OPERANDS, 3, {0x0f, 0x23, 0xc0}, 0},
};

static uint64_t word(struct bf_vcpu *vcpu, uint32_t offset)
{
	return mock_vmcb_get(bf_svm(vcpu)->vmcb_pa, offset, 4);
}

static bool is_on(struct bf_vcpu *vcpu, uint32_t intercept)
{
	return word(vcpu, VMCB_MISC1 + intercept / 32 * 4) >> intercept % 32 & 1;
}

static bool bit_of(struct bf_vcpu *vcpu, uint32_t map, uint32_t bit)
{
	const uint8_t *bytes = bf_phys_to_virt(mock_vmcb_get(bf_svm(vcpu)->vmcb_pa, map, 8));

	return bytes[bit / 8] >> bit % 8 & 1;
}

/* Two bits an MSR, in three ranges of 2 KiB (APM volume 2, 15.11). */
static bool msr_exits(struct bf_vcpu *vcpu, uint32_t msr, bool write)
{
	static const uint32_t bases[] = {0, 0xc0000000, 0xc0010000};

	if (!is_on(vcpu, MSR_PROT))
		return false;
	for (uint32_t i = 0; i < 3; i++)
		if (msr - bases[i] < 0x2000)
			return bit_of(vcpu, VMCB_MSRPM, i * 16384 + 2 * (msr - bases[i]) + write);
	return true;
}

static bool io_exits(struct bf_vcpu *vcpu, const struct mock_insn *insn)
{
	bool any = false;

	for (uint32_t i = 0; i < insn->size; i++)
		any |= bit_of(vcpu, VMCB_IOPM, insn->port + i);
	return any && is_on(vcpu, IO_PROT);
}

bool mock_svm_exits(struct bf_vcpu *vcpu, const struct mock_insn *insn)
{
	bool write = insn->kind == MOCK_MOV_TO_CR || insn->kind == MOCK_MOV_TO_DR;
	uint32_t bit = insn->number + (write ? WRITE : 0);

	switch (insn->kind) {
	case MOCK_RDMSR:
	case MOCK_WRMSR:
		return msr_exits(vcpu, (uint32_t)vcpu->regs.rcx, insn->kind == MOCK_WRMSR);
	case MOCK_IN:
	case MOCK_OUT:
		return io_exits(vcpu, insn);
	case MOCK_MOV_FROM_CR:
	case MOCK_MOV_TO_CR:
		return word(vcpu, VMCB_CR) >> bit & 1;
	case MOCK_MOV_FROM_DR:
	case MOCK_MOV_TO_DR:
		return word(vcpu, VMCB_DR) >> bit & 1;
	default:
		return is_on(vcpu, mock_svm_rows[insn->kind].control);
	}
}

/* Decode assists tell of general registers and addresses. */
void mock_svm_operands(struct bf_vcpu *vcpu, const struct mock_insn *insn, struct mock_exit *exit)
{
	bool decoded = mock_has(MOCK_DECODE);

	switch (insn->kind) {
	case MOCK_INVLPG:
		exit->qualification = decoded ? insn->address : 0;
		break;
	case MOCK_IN:
	case MOCK_OUT:
		exit->qualification |= (uint64_t)insn->size << IO_SIZE_SHIFT | IO_ADDRESS_64 |
				       (uint64_t)insn->port << 16;
		exit->info2 = bf_vcpu_get(vcpu, BF_RIP) + exit->length;
		break;
	case MOCK_MOV_FROM_CR:
	case MOCK_MOV_TO_CR:
		exit->reason += insn->number;
		exit->qualification = decoded ? DECODE_MOV_CR | insn->gpr : 0;
		break;
	case MOCK_MOV_FROM_DR:
	case MOCK_MOV_TO_DR:
		exit->reason += insn->number;
		exit->qualification = decoded ? insn->gpr : 0;
		break;
	default:
		break;
	}
}
