/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Length decoder for the instructions that can be intercepted. A pure function of bytes and
 * mode. (APM volume 3, chapter 1 and appendix A.)
 */
#ifndef BFCOMMON_INSN_LENGTH_H
#define BFCOMMON_INSN_LENGTH_H

#include <common/insn.h>

/**
 * Decodes the instruction at the start of @p bytes, of which @p count may be read.
 * @return 0; BF_ERANGE if it does not end within @p count or BF_INSN_MAX bytes; BF_EINVAL if it
 * is none that can be intercepted
 */
int bf_insn_decode(const uint8_t *bytes, uint32_t count, enum bf_insn_mode mode,
		   struct bf_insn *insn);

#endif
