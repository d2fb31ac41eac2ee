/* SPDX-License-Identifier: MIT */
/* What an instruction that reads or writes a control register is about to do. */
#include <bfvmm/defaults.h>
#include <bfvmm/msr.h>
#include <svm/exitcode.h>
#include <svm/operand.h>
#include <svm/svm.h>

/* EXITINFO1 with decode assists (APM volume 2, 15.33.1) */
#define INFO_MOV (1ull << 63)
#define INFO_GPR 0xfull

#define OPCODE_GROUP_7 0x01
#define OPCODE_CLTS    0x06
#define GROUP_7_SMSW   4
#define GROUP_7_LMSW   6

static void from_mov(struct bf_vcpu *vcpu, struct bf_cr_access *access, uint8_t number)
{
	access->gpr = number;
	if (!access->write)
		return;
	access->value = bf_gpr_get(vcpu, number);
	if (bf_svm_mode(&bf_svm(vcpu)->vmcb) != BF_INSN_64)
		access->value = (uint32_t)access->value;
}

static void from_lmsw(struct bf_vcpu *vcpu, const struct bf_insn *insn, struct bf_cr_access *access)
{
	access->lmsw = true;
	if (BF_INSN_MOD(insn) == 3)
		access->value = (uint16_t)bf_gpr_get(vcpu, BF_INSN_RM(insn));
	else
		access->value = bf_svm_operand16(vcpu, insn);
}

static void from_bytes(struct bf_vcpu *vcpu, struct bf_cr_access *access)
{
	struct bf_insn insn;

	if (bf_svm_decode(vcpu, &insn))
		return;
	if (insn.opcode == OPCODE_CLTS)
		access->clts = true;
	else if (insn.opcode != OPCODE_GROUP_7)
		from_mov(vcpu, access, BF_INSN_RM(&insn));
	else if (access->write)
		from_lmsw(vcpu, &insn, access);
	else
		access->gpr = BF_INSN_RM(&insn); /* SMSW */
}

void bf_svm_decode_cr(struct bf_vcpu *vcpu, struct bf_cr_access *access)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	uint32_t code = v->exitcode;

	*access = (struct bf_cr_access){
		.cr = code == VMEXIT_CR0_SEL_WRITE ? 0 : code & 0xf,
		.write = code >= VMEXIT_CR0_WRITE,
	};
	if (bf_svm_caps.decode_assist && (v->exitinfo1 & INFO_MOV))
		from_mov(vcpu, access, v->exitinfo1 & INFO_GPR);
	else
		from_bytes(vcpu, access);
}

void bf_svm_decode_dr(struct bf_vcpu *vcpu, struct bf_dr *access)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	uint32_t code = v->exitcode;
	struct bf_insn insn;

	*access = (struct bf_dr){
		.dr = code & 0xf,
		.write = code >= VMEXIT_DR0_WRITE,
		.gpr = v->exitinfo1 & INFO_GPR,
	};
	if (!bf_svm_caps.decode_assist && !bf_svm_decode(vcpu, &insn))
		access->gpr = BF_INSN_RM(&insn);
}
