/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The VMM's side of the log; extensions use bareframe/log.h.
 */
#ifndef BFVMM_LOG_H
#define BFVMM_LOG_H

#include <bareframe/log.h>
#include <bfabi/hypercall.h>

/**
 * Starts logging into @p count rings of BF_LOG_RING_BYTES at @p rings, one a CPU.
 * @param level	records above it are dropped
 */
void bf_log_init(void *rings, uint32_t count, enum bf_log_level level);

/** Also writes each line to the UART at I/O port @p base; 0 to stop. */
void bf_log_serial(uint16_t base);

/** Fills @p page as its fields say, from all CPUs' rings. @return records written */
uint32_t bf_log_read(struct bf_log_page *page);

#endif
