/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The opcodes that the emulator knows (SDM volume 2, appendix A).
 */
#ifndef BFCOMMON_EMULATE_OPCODES_H
#define BFCOMMON_EMULATE_OPCODES_H

#include <common/emulation.h>

/**
 * @return the row of the opcode of @p insn, whose ModRM, if it has one, has been read if @p
 * modrm says so; form BF_EMU_GROUP if ModRM has to be read first.
 */
const struct bf_emu_opcode *bf_emu_opcode(const struct bf_insn *insn);

/** @return the row of group @p number that ModRM of @p insn selects. */
const struct bf_emu_opcode *bf_emu_group(uint32_t number, const struct bf_insn *insn);

#endif
