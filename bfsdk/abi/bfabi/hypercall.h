/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Hypercalls: VMCALL on Intel, VMMCALL on AMD, from ring 0 in 64-bit mode.
 *
 * RAX holds the number, RDI, RSI, RDX and RCX the arguments. RAX returns 0, a count, or a
 * BF_E* code; no other register changes. From any other ring, and for any number that is not
 * listed, the instruction raises \#UD as on a machine without a VMM.
 */
#ifndef BFABI_HYPERCALL_H
#define BFABI_HYPERCALL_H

#include <bfabi/error.h>
#include <bfabi/log.h>
#include <bfabi/types.h>

#define BF_HC_BASE 0x42460000UL /* "BF" */

#define BF_HC_VERSION  (BF_HC_BASE + 0) /**< → BF_HC_ABI */
#define BF_HC_STOP     (BF_HC_BASE + 1) /**< this CPU goes back to the bare machine */
#define BF_HC_LOG_READ (BF_HC_BASE + 2) /**< RDI: GPA of a struct bf_log_page → records */
#define BF_HC_STATS    (BF_HC_BASE + 3) /**< RDI: GPA of a struct bf_stats_page, its cpu set */

/** RDI: GPA of a struct bf_ext_page, its first set → records. Since ABI 2. */
#define BF_HC_EXTENSIONS (BF_HC_BASE + 4)

#define BF_HC_ABI 2

#define BF_LOG_PAGE_RECORDS 30

/** One page of log: the records with the lowest @c seq that are not below @c from. */
struct bf_log_page {
	uint64_t from;  /**< in: lowest sequence number wanted; out: what to ask for next */
	uint64_t lost;  /**< out: records below the first one returned that were overwritten */
	uint32_t count; /**< out: records that follow */
	uint32_t reserved;
	struct bf_log_record record[BF_LOG_PAGE_RECORDS];
};

#define BF_STATS_REASONS 96

/** One page of statistics of one CPU. */
struct bf_stats_page {
	uint32_t cpu;     /**< in: index of the CPU */
	uint32_t reasons; /**< out: entries of @c exits in use (dense, see bareframe/exit.h) */
	uint64_t tsc;     /**< out: time of the snapshot */
	uint64_t exits[BF_STATS_REASONS];
};

#define BF_EXT_NAME         40
#define BF_EXT_PAGE_RECORDS 56

enum bf_ext_state {
	BF_EXT_ACTIVE,
	BF_EXT_DISABLED, /**< it has misbehaved: none of its code runs any more */
	BF_EXT_STATES
};

/** What one extension has done so far, on all CPUs. */
struct bf_ext_record {
	char name[BF_EXT_NAME]; /**< NUL-terminated; a longer one is cut */
	uint32_t state;         /**< enum bf_ext_state */
	uint32_t hooks;         /**< that it has now */
	uint64_t calls;         /**< of its hooks, at exits */
	uint64_t timed_cycles;  /**< of the TSC in these calls, at the exits that are timed */
};

/** One page of extensions, in the order of their initialisation. */
struct bf_ext_page {
	uint32_t first;       /**< in: number of the first one wanted, from 0 */
	uint32_t count;       /**< out: records that follow */
	uint32_t total;       /**< out: extensions that there are */
	uint32_t timed_exits; /**< out: one exit in so many is timed */
	uint64_t cpu_cycles;  /**< out: of the TSC that CPUs have spent under the VMM, all summed */
	struct bf_ext_record record[BF_EXT_PAGE_RECORDS];
};

#endif
