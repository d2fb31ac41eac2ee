/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Names of the numbers in the driver's records.
 */
#ifndef BFM_NAMES_H
#define BFM_NAMES_H

#include <bfabi/log.h>
#include <stdint.h>

#include "text.h"

/** By enum bf_log_level. */
extern const char *const bfm_level_names[BF_LOG_LEVELS];

/** A level by number, also one that bfm does not know. */
const char *bfm_level_name(uint32_t level);

/** enum bf_loader_state as one word; "unknown" for one that bfm does not know. */
const char *bfm_state_name(uint32_t state);

/** "CPUID", or "REASON_99" for a reason that bfm does not know. */
void bfm_reason_key(struct bfm_text *text, uint32_t reason);
/** "control-register read", or "reason 99". */
void bfm_reason_text(struct bfm_text *text, uint32_t reason);

#endif
