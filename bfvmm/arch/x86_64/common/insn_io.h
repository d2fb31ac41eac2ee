/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The operands of INS and OUTS that not all CPUs report at an exit.
 */
#ifndef BFCOMMON_INSN_IO_H
#define BFCOMMON_INSN_IO_H

#include <bfvmm/hv.h>
#include <common/insn.h>

/**
 * Infers address size and segment of the string instruction @p io from its length: if it has no
 * room for a prefix that is not accounted for, both have their defaults.
 * @return false if the instruction has to be looked at: see bf_insn_io()
 */
bool bf_insn_io_infer(enum bf_insn_mode mode, struct bf_io_access *io);

/** Sets address size and segment of @p io from the instruction. */
void bf_insn_io(const struct bf_insn *insn, enum bf_insn_mode mode, struct bf_io_access *io);

#endif
