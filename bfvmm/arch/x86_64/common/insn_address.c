/* SPDX-License-Identifier: MIT */
#include <common/insn_address.h>

enum {
	RBX = 3,
	RSP = 4,
	RBP = 5,
	RSI = 6,
	RDI = 7,
	NONE = 16
};

/* An operand while it is being put together. */
struct sum {
	const struct bf_insn *insn;
	bf_insn_gpr_fn gpr;
	void *ctx;
	uint64_t offset;
	bool on_stack; /* SS is the default segment */
};

static void add(struct sum *s, uint32_t number, uint32_t shift)
{
	if (number != NONE)
		s->offset += s->gpr(s->ctx, number) << shift;
}

static void sum_16(struct sum *s)
{
	static const uint8_t base[8] = {RBX, RBX, RBP, RBP, RSI, RDI, RBP, RBX};
	static const uint8_t index[8] = {RSI, RDI, RSI, RDI, NONE, NONE, NONE, NONE};
	uint32_t rm = s->insn->modrm & 7;

	if (BF_INSN_MOD(s->insn) == 0 && rm == 6)
		return;
	add(s, base[rm], 0);
	add(s, index[rm], 0);
	s->on_stack = base[rm] == RBP;
}

/* The index of a SIB byte is added. @return its base */
static uint32_t sum_sib(struct sum *s)
{
	uint8_t sib = s->insn->sib;
	uint32_t index = (sib >> 3 & 7) | (s->insn->rex & 2) << 2;

	if (index != RSP)
		add(s, index, sib >> 6);
	if ((sib & 7) == RBP && BF_INSN_MOD(s->insn) == 0)
		return NONE;
	return (sib & 7) | (s->insn->rex & 1) << 3;
}

static void sum_wide(struct sum *s, enum bf_insn_mode mode, uint64_t next)
{
	uint32_t base = BF_INSN_RM(s->insn), rm = s->insn->modrm & 7;

	if (rm == RSP) {
		base = sum_sib(s);
	} else if (rm == RBP && BF_INSN_MOD(s->insn) == 0) {
		base = NONE;
		if (mode == BF_INSN_64)
			s->offset += next;
	}
	add(s, base, 0);
	s->on_stack = base == RSP || base == RBP;
}

enum bf_seg bf_insn_segment(const struct bf_insn *insn, enum bf_insn_mode mode, enum bf_seg segment)
{
	switch (insn->segment) {
	case 0x64:
		return BF_SEG_FS;
	case 0x65:
		return BF_SEG_GS;
	case 0x26:
		return mode == BF_INSN_64 ? segment : BF_SEG_ES;
	case 0x2e:
		return mode == BF_INSN_64 ? segment : BF_SEG_CS;
	case 0x36:
		return mode == BF_INSN_64 ? segment : BF_SEG_SS;
	case 0x3e:
		return mode == BF_INSN_64 ? segment : BF_SEG_DS;
	default:
		return segment;
	}
}

struct bf_insn_operand bf_insn_operand(const struct bf_insn *insn, enum bf_insn_mode mode,
				       uint64_t next, bf_insn_gpr_fn gpr, void *ctx)
{
	struct sum s = {.insn = insn, .gpr = gpr, .ctx = ctx};
	uint32_t bytes = bf_insn_address_bytes(insn, mode);

	if (bytes == 2)
		sum_16(&s);
	else
		sum_wide(&s, mode, next);
	s.offset += (uint64_t)(int64_t)insn->displacement;
	if (bytes < 8)
		s.offset &= (1ull << 8 * bytes) - 1;
	return (struct bf_insn_operand){
		.segment = bf_insn_segment(insn, mode, s.on_stack ? BF_SEG_SS : BF_SEG_DS),
		.offset = s.offset,
	};
}
