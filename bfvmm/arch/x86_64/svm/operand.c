/* SPDX-License-Identifier: MIT */
#include <bfvmm/defaults.h>
#include <common/insn_address.h>
#include <svm/operand.h>

static uint64_t gpr(void *vcpu, uint32_t number)
{
	return bf_gpr_get(vcpu, number);
}

static uint64_t base_of(const union bf_vmcb *v, enum bf_seg segment)
{
	const uint64_t bases[BF_SEG_COUNT] = {
		[BF_SEG_ES] = v->es_base, [BF_SEG_CS] = v->cs_base, [BF_SEG_SS] = v->ss_base,
		[BF_SEG_DS] = v->ds_base, [BF_SEG_FS] = v->fs_base, [BF_SEG_GS] = v->gs_base,
	};

	return bf_insn_has_base(segment, bf_svm_mode(v)) ? bases[segment] : 0;
}

static uint64_t address_of(struct bf_vcpu *vcpu, const struct bf_insn *insn)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	enum bf_insn_mode mode = bf_svm_mode(v);
	struct bf_insn_operand operand =
		bf_insn_operand(insn, mode, v->rip + insn->length, gpr, vcpu);

	return bf_insn_linear(mode, base_of(v, operand.segment), operand.offset);
}

uint16_t bf_svm_operand16(struct bf_vcpu *vcpu, const struct bf_insn *insn)
{
	uint8_t bytes[2] = {0};

	(void)bf_svm_read(vcpu, address_of(vcpu, insn), bytes, sizeof(bytes));
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

uint64_t bf_svm_operand_address(struct bf_vcpu *vcpu)
{
	struct bf_insn insn;

	return bf_svm_decode(vcpu, &insn) ? 0 : address_of(vcpu, &insn);
}
