/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The log ring: one a CPU, written by that CPU alone, readable from outside at any time, also
 * after the VMM has failed.
 *
 * A writer takes the next slot, marks it empty (@c seq 0), fills it and publishes it by storing
 * @c seq last. A reader copies the slot and takes the copy only if @c seq was the same, and not
 * 0, before and after.
 */
#ifndef BFABI_LOG_H
#define BFABI_LOG_H

#include <bfabi/types.h>

#define BF_LOG_RING_BYTES 0x8000UL
#define BF_LOG_TEXT       100
#define BF_LOG_MAGIC      0x474f4c4642UL /* "BFLOG" */

enum bf_log_level {
	BF_LOG_ERROR,
	BF_LOG_WARN,
	BF_LOG_INFO,
	BF_LOG_DEBUG,
	BF_LOG_LEVELS
};

#define BF_LOG_MORE 1 /**< flag: the text goes on in the next record of this CPU */

/** One record. @c seq is unique and rising over all CPUs; 0 means "empty or being written". */
struct bf_log_record {
	uint64_t seq;
	uint64_t tsc;
	uint32_t cpu;
	uint8_t level;
	uint8_t flags;
	uint16_t length; /**< bytes of text, no terminating NUL counted */
	char text[BF_LOG_TEXT];
	uint32_t reserved;
};

#define BF_LOG_SLOTS (BF_LOG_RING_BYTES / sizeof(struct bf_log_record) - 1)

/** One CPU's ring, exactly BF_LOG_RING_BYTES long with its slots. */
struct bf_log_ring {
	uint64_t magic;
	uint64_t head; /**< records ever taken; the next goes to slot head % BF_LOG_SLOTS */
	uint64_t reserved[14];
	struct bf_log_record slot[BF_LOG_SLOTS];
};

#endif
