/* SPDX-License-Identifier: MIT */
/**
 * @file
 * BF_E* codes and struct bf_report, for people and for programs.
 */
#ifndef BFM_REPORT_H
#define BFM_REPORT_H

#include <bfabi/error.h>

#include "json.h"
#include "text.h"

/** "BF_EFIRMWARE", or "BF_E99" for a code that bfm does not know. */
void bfm_code_name(struct bfm_text *text, int32_t code);
/** "virtualization is disabled by firmware" */
const char *bfm_code_text(int32_t code);
/** How to set right what the code stands for; NULL if that depends on the rest of the report. */
const char *bfm_code_remedy(int32_t code);
/** @return enum bfm_exit */
int bfm_code_exit(int32_t code);

/** One line without its end: "CPU 3: IA32_FEATURE_CONTROL = 0x1: … (BF_EFIRMWARE)". */
void bfm_report_line(struct bfm_text *text, const struct bf_report *report);
/** The report's rule, cleaned; empty if it has none. */
void bfm_report_rule(struct bfm_text *text, const struct bf_report *report);
/** An object, or null if there is nothing to report. */
void bfm_report_json(struct bfm_json *json, const char *key, const struct bf_report *report);

#endif
