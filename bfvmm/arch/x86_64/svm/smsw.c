/* SPDX-License-Identifier: MIT */
/*
 * SMSW exits where MOV from CR0 does. It has a memory form and narrow forms, which no hook on
 * control registers could be told of; other vendors' CPUs do not exit for it at all.
 */
#include <bareframe/guest.h>
#include <bfvmm/defaults.h>
#include <bfvmm/msr.h>
#include <svm/operand.h>
#include <svm/svm.h>

#define OPCODE_GROUP_7 0x01
#define GROUP_7_SMSW   4
#define REX_W          0x08

static void to_register(struct bf_vcpu *vcpu, const struct bf_insn *insn, uint64_t cr0)
{
	bool wide = bf_svm_mode(&bf_svm(vcpu)->vmcb) != BF_INSN_16;
	uint32_t number = BF_INSN_RM(insn);

	if (!(insn->rex & REX_W) && wide == insn->operand_size)
		cr0 = (bf_gpr_get(vcpu, number) & ~0xffffull) | (cr0 & 0xffff);
	else if (!(insn->rex & REX_W))
		cr0 = (uint32_t)cr0;
	bf_gpr_set(vcpu, number, cr0);
}

/* The instruction ends, or faults. */
static void smsw(struct bf_vcpu *vcpu, const struct bf_insn *insn)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	uint16_t low = (uint16_t)v->cr0;
	struct bf_guest_fault fault;
	int status = 0;

	if (v->cpl && (v->cr4 & CR4_UMIP)) {
		bf_svm_raise(vcpu, BF_VECTOR_GP, true, 0);
		return;
	}
	if (BF_INSN_MOD(insn) == 3)
		to_register(vcpu, insn, v->cr0);
	else
		status = bf_guest_write(vcpu, bf_svm_operand_address(vcpu), &low, sizeof(low),
					BF_GUEST_MARK, &fault);
	if (!status) {
		bf_svm_advance(vcpu);
		return;
	}
	if (status == BF_EFAULT)
		bf_guest_fault_inject(vcpu, &fault);
	else
		bf_raise_gp(vcpu);
	bf_vcpu_pend(vcpu, BF_PENDING_EVENT);
}

bool bf_svm_smsw(struct bf_vcpu *vcpu)
{
	struct bf_insn insn;

	if (bf_svm_decode(vcpu, &insn) || insn.map != 2 || insn.opcode != OPCODE_GROUP_7 ||
	    (insn.modrm >> 3 & 7) != GROUP_7_SMSW)
		return false;
	vcpu->exit_seq++;
	vcpu->exits[BF_EXIT_CR_READ]++;
	smsw(vcpu, &insn);
	return true;
}
