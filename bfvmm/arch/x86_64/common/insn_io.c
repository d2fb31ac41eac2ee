/* SPDX-License-Identifier: MIT */
#include <common/insn_address.h>
#include <common/insn_io.h>

/* Bytes of the instruction with the prefixes that its other operands tell of. */
static uint32_t least_length(enum bf_insn_mode mode, const struct bf_io_access *io)
{
	uint32_t size = mode == BF_INSN_16 ? 2 : 4;

	return 1u + io->rep + (io->size != 1 && io->size != size);
}

bool bf_insn_io_infer(enum bf_insn_mode mode, struct bf_io_access *io)
{
	static const struct bf_insn without_prefixes;

	if (io->length != least_length(mode, io))
		return false;
	bf_insn_io(&without_prefixes, mode, io);
	return true;
}

void bf_insn_io(const struct bf_insn *insn, enum bf_insn_mode mode, struct bf_io_access *io)
{
	io->address_size = (uint8_t)bf_insn_address_bytes(insn, mode);
	io->segment = (uint8_t)(io->write ? bf_insn_segment(insn, mode, BF_SEG_DS) : BF_SEG_ES);
}
