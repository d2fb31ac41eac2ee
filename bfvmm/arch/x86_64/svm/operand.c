/* SPDX-License-Identifier: MIT */
/* The effective address of a ModRM operand (APM volume 3, 1.4). */
#include <svm/operand.h>

#define NUMBER_RSP 4u
#define NUMBER_RBP 5u

enum {
	RBX = 3,
	RBP = 5,
	RSI = 6,
	RDI = 7
};

/* An operand while it is being put together. */
struct operand {
	const struct bf_vcpu *vcpu;
	const struct bf_insn *insn;
	const uint8_t *rest; /* behind ModRM */
	uint64_t offset;
	bool on_stack; /* SS is the default segment */
};

static uint64_t gpr(const struct bf_vcpu *vcpu, uint32_t number)
{
	const uint64_t *regs = &vcpu->regs.rax;

	if (number == NUMBER_RSP)
		return bf_svm(vcpu)->vmcb.rsp;
	return regs[number < NUMBER_RSP ? number : number - 1];
}

static uint64_t displacement(const uint8_t *at, uint32_t bytes)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < bytes; i++)
		value |= (uint64_t)at[i] << 8 * i;
	if (!bytes)
		return 0;
	return (uint64_t)((int64_t)(value << (64 - 8 * bytes)) >> (64 - 8 * bytes));
}

static void address_16(struct operand *o)
{
	static const uint8_t base[8] = {RBX, RBX, RBP, RBP, RSI, RDI, RBP, RBX};
	static const uint8_t index[8] = {RSI, RDI, RSI, RDI, 0, 0, 0, 0}; /* 0: none */
	uint32_t mod = BF_INSN_MOD(o->insn), rm = o->insn->modrm & 7;
	bool absolute = mod == 0 && rm == 6;

	o->on_stack = base[rm] == RBP && !absolute;
	o->offset = absolute ? 0 : gpr(o->vcpu, base[rm]);
	if (index[rm])
		o->offset += gpr(o->vcpu, index[rm]);
	o->offset += displacement(o->rest, absolute ? 2 : mod);
	o->offset = (uint16_t)o->offset;
}

/* The base and index of a SIB byte. @return the base, 8 more than a register if there is none */
static uint32_t sib(struct operand *o, uint32_t mod)
{
	uint8_t byte = *o->rest++;
	uint32_t index = (byte >> 3 & 7) | (o->insn->rex & 2) << 2;

	if (index != NUMBER_RSP)
		o->offset += gpr(o->vcpu, index) << (byte >> 6);
	if ((byte & 7) == NUMBER_RBP && mod == 0)
		return UINT32_MAX;
	return (byte & 7) | (o->insn->rex & 1) << 3;
}

static void address_wide(struct operand *o, bool long_mode)
{
	uint32_t mod = BF_INSN_MOD(o->insn), base = BF_INSN_RM(o->insn), bytes = mod == 1 ? 1 : 0;
	bool no_base = mod == 0 && (o->insn->modrm & 7) == NUMBER_RBP;
	const union bf_vmcb *v = &bf_svm(o->vcpu)->vmcb;

	if ((o->insn->modrm & 7) == NUMBER_RSP)
		base = sib(o, mod);
	if (no_base && long_mode)
		o->offset += v->rip + o->insn->length;
	no_base = no_base || base == UINT32_MAX;
	if (no_base || mod == 2)
		bytes = 4;
	if (!no_base) {
		o->offset += gpr(o->vcpu, base);
		o->on_stack = base == NUMBER_RSP || base == NUMBER_RBP;
	}
	o->offset += displacement(o->rest, bytes);
}

static uint64_t segment_base(const union bf_vmcb *v, const struct operand *o, bool long_mode)
{
	uint8_t override = o->insn->segment;

	if (override == 0x64)
		return v->fs_base;
	if (override == 0x65)
		return v->gs_base;
	if (long_mode)
		return 0;
	switch (override) {
	case 0x26:
		return v->es_base;
	case 0x2e:
		return v->cs_base;
	case 0x36:
		return v->ss_base;
	case 0x3e:
		return v->ds_base;
	default:
		return o->on_stack ? v->ss_base : v->ds_base;
	}
}

static uint64_t linear_address(const union bf_vmcb *v, struct operand *o)
{
	enum bf_insn_mode mode = bf_svm_mode(v);
	bool narrow = o->insn->address_size;
	uint64_t va;

	if (mode == BF_INSN_64 || (mode == BF_INSN_32) != narrow)
		address_wide(o, mode == BF_INSN_64);
	else
		address_16(o);
	if (mode != BF_INSN_64 || narrow)
		o->offset = (uint32_t)o->offset;
	va = segment_base(v, o, mode == BF_INSN_64) + o->offset;
	return mode == BF_INSN_64 ? va : (uint32_t)va;
}

/* Opcode 0F xx, then ModRM. */
static uint64_t address_of(struct bf_vcpu *vcpu, const struct bf_insn *insn)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	uint8_t bytes[BF_INSN_MAX + 8] = {0};
	struct operand o = {.vcpu = vcpu, .insn = insn};
	struct bf_paging paging;

	bf_svm_paging(v, &paging);
	(void)bf_guest_fetch(&paging, bf_svm_code_address(v), bytes, insn->length);
	o.rest = &bytes[insn->prefix_bytes + 3];
	return linear_address(v, &o);
}

uint16_t bf_svm_operand16(struct bf_vcpu *vcpu, const struct bf_insn *insn)
{
	uint8_t operand[2] = {0};
	struct bf_paging paging;

	bf_svm_paging(&bf_svm(vcpu)->vmcb, &paging);
	(void)bf_guest_fetch(&paging, address_of(vcpu, insn), operand, sizeof(operand));
	return (uint16_t)(operand[0] | operand[1] << 8);
}

uint64_t bf_svm_operand_address(struct bf_vcpu *vcpu)
{
	struct bf_insn insn;

	return bf_svm_decode(vcpu, &insn) ? 0 : address_of(vcpu, &insn);
}
