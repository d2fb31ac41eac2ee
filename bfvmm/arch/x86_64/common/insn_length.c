/* SPDX-License-Identifier: MIT */
#include <bfabi/error.h>
#include <common/insn_length.h>

/* What follows an opcode. 0: not an instruction that can be intercepted. */
enum form {
	BARE = 1,
	IMM8,
	MODRM,
	MODRM_REGISTER /* ModRM names registers whatever its mod field says */
};

static const uint8_t one_byte[256] = {
	[0x6c ... 0x6f] = BARE, /* INS, OUTS */
	[0x90] = BARE,          /* PAUSE, with F3 */
	[0x9c ... 0x9d] = BARE, /* PUSHF, POPF */
	[0xcc] = BARE,          /* INT3 */
	[0xcd] = IMM8,          /* INT n */
	[0xce ... 0xcf] = BARE, /* INTO, IRET */
	[0xe4 ... 0xe7] = IMM8, /* IN, OUT with a port number */
	[0xec ... 0xef] = BARE, /* IN, OUT with DX */
	[0xf1] = BARE,          /* INT1 */
	[0xf4] = BARE,          /* HLT */
};

static const uint8_t two_byte[256] = {
	[0x00] = MODRM,                   /* SLDT, STR, LLDT, LTR */
	[0x01] = MODRM,                   /* group 7: SGDT … LMSW, INVLPG, and all of mod 3 */
	[0x06] = BARE,                    /* CLTS */
	[0x08 ... 0x09] = BARE,           /* INVD, WBINVD */
	[0x20 ... 0x23] = MODRM_REGISTER, /* MOV to and from CR, DR */
	[0x30 ... 0x33] = BARE,           /* WRMSR, RDTSC, RDMSR, RDPMC */
	[0x37] = BARE,                    /* GETSEC */
	[0xa2] = BARE,                    /* CPUID */
	[0xaa] = BARE,                    /* RSM */
	[0xae] = MODRM,                   /* UMONITOR, UMWAIT, TPAUSE */
	[0xc7] = MODRM,                   /* RDRAND, RDSEED, XSAVES, VMPTRLD … */
};

static uint8_t form_0f38(uint8_t opcode)
{
	/* INVEPT, INVVPID, INVPCID */
	return opcode >= 0x80 && opcode <= 0x82 ? MODRM : 0;
}

struct reader {
	const uint8_t *bytes;
	uint32_t at, end;
};

static bool next(struct reader *r, uint8_t *byte)
{
	if (r->at >= r->end)
		return false;
	*byte = r->bytes[r->at++];
	return true;
}

static bool skip(struct reader *r, uint32_t count)
{
	r->at += count;
	return r->at <= r->end;
}

static bool is_prefix(struct bf_insn *insn, uint8_t byte)
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
	case 0x64:
	case 0x65:
		insn->segment = byte;
		return true;
	default:
		return false;
	}
}

/* Reads prefixes; @p byte receives the first byte behind them. */
static bool prefixes(struct reader *r, enum bf_insn_mode mode, struct bf_insn *insn, uint8_t *byte)
{
	for (;;) {
		if (!next(r, byte))
			return false;
		if (is_prefix(insn, *byte))
			insn->rex = 0; /* a REX in front of a legacy prefix has no effect */
		else if (mode == BF_INSN_64 && (*byte & 0xf0) == 0x40)
			insn->rex = *byte;
		else
			break;
	}
	insn->prefix_bytes = (uint8_t)(r->at - 1);
	return true;
}

/* Finds the opcode behind its first byte. @return its form, 0 if unknown or cut off (*cut) */
static uint8_t opcode(struct reader *r, uint8_t byte, struct bf_insn *insn, bool *cut)
{
	insn->map = 1;
	insn->opcode = byte;
	if (byte != 0x0f)
		return one_byte[byte];
	insn->map = 2;
	*cut = !next(r, &insn->opcode);
	if (*cut || insn->opcode != 0x38)
		return *cut ? 0 : two_byte[insn->opcode];
	insn->map = 3;
	*cut = !next(r, &insn->opcode);
	return *cut ? 0 : form_0f38(insn->opcode);
}

static uint32_t displacement_16(uint8_t modrm)
{
	static const uint8_t bytes[] = {0, 1, 2, 0};

	return (modrm & 0xc7) == 0x06 ? 2 : bytes[modrm >> 6];
}

/* Skips SIB and displacement of 32-bit and 64-bit addressing. */
static bool memory_operand(struct reader *r, uint8_t modrm)
{
	static const uint8_t bytes[] = {0, 1, 4, 0};
	uint32_t mod = modrm >> 6, base = modrm & 7;
	uint8_t sib;

	if (mod == 3)
		return true;
	if (base == 4) {
		if (!next(r, &sib))
			return false;
		base = sib & 7;
	}
	return skip(r, mod == 0 && base == 5 ? 4 : bytes[mod]);
}

static bool operands(struct reader *r, uint8_t form, enum bf_insn_mode mode, struct bf_insn *insn)
{
	bool wide = mode == BF_INSN_64 || (mode == BF_INSN_32) != insn->address_size;

	if (form == BARE)
		return true;
	if (form == IMM8)
		return skip(r, 1);
	insn->has_modrm = true;
	if (!next(r, &insn->modrm))
		return false;
	if (form == MODRM_REGISTER)
		return true;
	return wide ? memory_operand(r, insn->modrm) : skip(r, displacement_16(insn->modrm));
}

int bf_insn_decode(const uint8_t *bytes, uint32_t count, enum bf_insn_mode mode,
		   struct bf_insn *insn)
{
	struct reader r = {.bytes = bytes, .end = count < BF_INSN_MAX ? count : BF_INSN_MAX};
	bool cut = false;
	uint8_t byte, form;

	*insn = (struct bf_insn){0};
	if (!prefixes(&r, mode, insn, &byte))
		return BF_ERANGE;
	form = opcode(&r, byte, insn, &cut);
	if (cut)
		return BF_ERANGE;
	if (!form)
		return BF_EINVAL;
	if (!operands(&r, form, mode, insn))
		return BF_ERANGE;
	insn->length = (uint8_t)r.at;
	return 0;
}
