/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Reading the log rings from outside, when no VMM is there to ask.
 */
#ifndef BFLOAD_LOGREAD_H
#define BFLOAD_LOGREAD_H

#include <bfabi/hypercall.h>
#include <bfabi/log.h>

/**
 * Merges the records of @p count rings that are not below @c page->from, in order of their
 * sequence numbers, as BF_HC_LOG_READ does. Rings without BF_LOG_MAGIC, and records that are
 * being written, are left out.
 *
 * @param rings the rings; entries may be NULL
 * @param page  @c from is read; all is written
 */
void bf_log_merge(struct bf_log_ring *const *rings, uint32_t count, struct bf_log_page *page);

#endif
