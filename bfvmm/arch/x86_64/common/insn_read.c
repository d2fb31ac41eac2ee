/* SPDX-License-Identifier: MIT */
#include <common/insn.h>

#define OVERRIDE_FS 0x64
#define OVERRIDE_GS 0x65

#define ESCAPE       0x0f
#define ESCAPE_0F38  0x38
#define MODRM_DISP16 0x06 /* mod 0, rm 6 of 16-bit addressing */
#define MODRM_MOD_RM 0xc7
#define RM_SIB       4
#define BASE_NONE    5 /* with mod 0 */
#define MOD_REGISTER 3

struct bf_insn_reader bf_insn_reader(const uint8_t *bytes, uint32_t count)
{
	return (struct bf_insn_reader){
		.bytes = bytes,
		.end = count < BF_INSN_MAX ? count : BF_INSN_MAX,
	};
}

bool bf_insn_next(struct bf_insn_reader *r, uint8_t *byte)
{
	if (r->at >= r->end)
		return false;
	*byte = r->bytes[r->at++];
	return true;
}

/* A little-endian number of up to 8 bytes, sign-extended. */
static bool number(struct bf_insn_reader *r, uint32_t bytes, uint64_t *value)
{
	uint64_t read = 0;
	uint8_t byte;

	for (uint32_t i = 0; i < bytes; i++) {
		if (!bf_insn_next(r, &byte))
			return false;
		read |= (uint64_t)byte << 8 * i;
	}
	if (bytes && bytes < 8)
		read = (uint64_t)((int64_t)(read << (64 - 8 * bytes)) >> (64 - 8 * bytes));
	*value = read;
	return true;
}

/* In 64-bit mode overrides other than FS and GS are ignored, also as the last of several. */
static void override(struct bf_insn *insn, enum bf_insn_mode mode, uint8_t byte)
{
	if (mode != BF_INSN_64 || byte >= OVERRIDE_FS || insn->segment < OVERRIDE_FS)
		insn->segment = byte;
}

static bool is_prefix(struct bf_insn *insn, enum bf_insn_mode mode, uint8_t byte)
{
	switch (byte) {
	case 0x66:
		insn->operand_size = true;
		return true;
	case 0x67:
		insn->address_size = true;
		return true;
	case 0xf0:
		insn->lock = true;
		return true;
	case 0xf2:
	case 0xf3:
		insn->repeat = byte;
		return true;
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e:
	case OVERRIDE_FS:
	case OVERRIDE_GS:
		override(insn, mode, byte);
		return true;
	default:
		return false;
	}
}

/* Reads prefixes; @p byte receives the first byte behind them. */
static bool prefixes(struct bf_insn_reader *r, enum bf_insn_mode mode, struct bf_insn *insn,
		     uint8_t *byte)
{
	for (;;) {
		if (!bf_insn_next(r, byte))
			return false;
		if (is_prefix(insn, mode, *byte))
			insn->rex = 0; /* a REX in front of a legacy prefix has no effect */
		else if (mode == BF_INSN_64 && (*byte & 0xf0) == 0x40)
			insn->rex = *byte;
		else
			break;
	}
	insn->prefix_bytes = (uint8_t)(r->at - 1);
	return true;
}

bool bf_insn_read_opcode(struct bf_insn_reader *r, enum bf_insn_mode mode, struct bf_insn *insn)
{
	insn->map = 1;
	if (!prefixes(r, mode, insn, &insn->opcode))
		return false;
	if (insn->opcode != ESCAPE)
		return true;
	insn->map = 2;
	if (!bf_insn_next(r, &insn->opcode))
		return false;
	if (insn->opcode != ESCAPE_0F38)
		return true;
	insn->map = 3;
	return bf_insn_next(r, &insn->opcode);
}

static uint32_t displacement_16(uint8_t modrm)
{
	static const uint8_t bytes[] = {0, 1, 2, 0};

	return (modrm & MODRM_MOD_RM) == MODRM_DISP16 ? 2 : bytes[modrm >> 6];
}

/* Reads the SIB byte of 32-bit and 64-bit addressing. @p bytes: of the displacement behind it */
static bool sib(struct bf_insn_reader *r, struct bf_insn *insn, uint32_t *bytes)
{
	static const uint8_t by_mod[] = {0, 1, 4, 0};
	uint32_t mod = BF_INSN_MOD(insn), base = insn->modrm & 7;

	if (mod != MOD_REGISTER && base == RM_SIB) {
		if (!bf_insn_next(r, &insn->sib))
			return false;
		base = insn->sib & 7;
	}
	*bytes = mod == 0 && base == BASE_NONE ? 4 : by_mod[mod];
	return true;
}

bool bf_insn_read_modrm(struct bf_insn_reader *r, enum bf_insn_mode mode, bool registers,
			struct bf_insn *insn)
{
	uint64_t displacement;
	uint32_t bytes;

	insn->has_modrm = true;
	if (!bf_insn_next(r, &insn->modrm))
		return false;
	if (registers)
		return true;
	if (bf_insn_address_bytes(insn, mode) == 2)
		bytes = displacement_16(insn->modrm);
	else if (!sib(r, insn, &bytes))
		return false;
	if (!number(r, bytes, &displacement))
		return false;
	insn->displacement = (int32_t)displacement;
	return true;
}

bool bf_insn_read_immediate(struct bf_insn_reader *r, uint32_t bytes, struct bf_insn *insn)
{
	return number(r, bytes, &insn->immediate);
}
