/* SPDX-License-Identifier: MIT */
/**
 * @file
 * struct bf_ioctl_status in words. Pure but for bfm_status_say().
 */
#ifndef BFM_STATUS_H
#define BFM_STATUS_H

#include <bfabi/ioctl.h>

#include "bfm.h"

/** The set bits of a CPU mask: "0-3,5", or "none". */
void bfm_cpu_set(struct bfm_text *text, const uint64_t set[BF_MAX_CPUS / 64]);

/** "512 B", "140 KiB", "5.2 MiB". */
void bfm_bytes(struct bfm_text *text, uint64_t bytes);

/** "2 of 2 CPUs under the VMM" */
void bfm_status_cpus(struct bfm_text *text, const struct bf_ioctl_status *status);

void bfm_status_text(struct bfm_text *text, const struct bf_ioctl_status *status);
void bfm_status_json(struct bfm_text *text, const struct bf_ioctl_status *status);

/** Says what was done to the image of @p status. */
void bfm_status_say(struct bfm *bfm, const char *done, const struct bf_ioctl_status *status);

#endif
