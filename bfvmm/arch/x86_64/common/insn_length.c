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

static uint8_t form_of(const struct bf_insn *insn)
{
	if (insn->map == 1)
		return one_byte[insn->opcode];
	if (insn->map == 2)
		return two_byte[insn->opcode];
	/* INVEPT, INVVPID, INVPCID */
	return insn->opcode >= 0x80 && insn->opcode <= 0x82 ? MODRM : 0;
}

static bool operands(struct bf_insn_reader *r, uint8_t form, enum bf_insn_mode mode,
		     struct bf_insn *insn)
{
	if (form == BARE)
		return true;
	if (form == IMM8)
		return bf_insn_read_immediate(r, 1, insn);
	return bf_insn_read_modrm(r, mode, form == MODRM_REGISTER, insn);
}

int bf_insn_decode(const uint8_t *bytes, uint32_t count, enum bf_insn_mode mode,
		   struct bf_insn *insn)
{
	struct bf_insn_reader r = bf_insn_reader(bytes, count);
	uint8_t form;

	*insn = (struct bf_insn){0};
	if (!bf_insn_read_opcode(&r, mode, insn))
		return BF_ERANGE;
	form = form_of(insn);
	if (!form)
		return BF_EINVAL;
	if (!operands(&r, form, mode, insn))
		return BF_ERANGE;
	insn->length = (uint8_t)r.at;
	return 0;
}
