/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Exit statistics in tables and JSON, there with those of extensions. Pure.
 */
#ifndef BFM_STATS_H
#define BFM_STATS_H

#include <bfabi/hypercall.h>
#include <stddef.h>

#include "extensions.h"
#include "text.h"

/** Exits of one CPU. */
uint64_t bfm_stats_cpu_total(const struct bf_stats_page *page);
/** Exits for one reason on all CPUs. */
uint64_t bfm_stats_reason_total(const struct bf_stats_page *pages, size_t count, uint32_t reason);
/** How many reasons the pages have. */
uint32_t bfm_stats_reasons(const struct bf_stats_page *pages, size_t count);

void bfm_stats_text(struct bfm_text *text, const struct bf_stats_page *pages, size_t count);
void bfm_stats_json(struct bfm_text *text, const struct bf_stats_page *pages, size_t count,
		    const struct bfm_extensions *extensions);

#endif
