/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Lays the VMM out in memory: image, boot record, logs, stacks, switch records, page tables,
 * pool. bfabi/layout.h says where it all appears in the VMM's address space.
 */
#ifndef BFLOAD_LAYOUT_H
#define BFLOAD_LAYOUT_H

#include <bfabi/hypercall.h>
#include <bfabi/log.h>
#include <bfload/arena.h>
#include <bfload/elf.h>
#include <bfload/pagetable.h>

/** What the user chose for an image. */
struct bf_load_options {
	uint32_t log_level;  /**< enum bf_log_level */
	uint64_t pool_bytes; /**< page pool for the VMM; 0: BF_POOL_DEFAULT */
	const char *name;    /**< for status(); cut to BF_NAME_BYTES */
	const char *cmdline; /**< "key=value …", shorter than BF_CMDLINE_BYTES */
};

struct bf_layout {
	struct bf_arena owned;  /**< image, tables, stacks, logs: hidden from the control VM */
	struct bf_arena shared; /**< boot record, switch records, hypercall page: both worlds' */
	struct bf_arena pool;   /**< free pages for the VMM, hidden too */
	struct bf_pagetable tables;

	struct bf_boot *boot;
	void *page; /**< one page for the arguments of hypercalls */
	uint64_t page_pa;
	uint32_t cpu_count;
	struct bf_switch *sw[BF_MAX_CPUS];
	struct bf_log_ring *log[BF_MAX_CPUS];
};

/** Makes an empty layout. */
void bf_layout_init(struct bf_layout *layout, const struct bf_loader_ops *ops, void *os);

/**
 * Lays the image out; a second time in the same memory, as fresh as the first.
 *
 * @param layout    the layout; on failure it holds pages still, for bf_layout_free()
 * @param image     a checked image, its bytes readable
 * @param machine   the machine
 * @param log_level enum bf_log_level
 * @param cmdline   for the VMM, shorter than BF_CMDLINE_BYTES
 * @param pool      bytes of page pool, at least one page
 * @param report    says what went wrong
 * @return 0, BF_ENOMEM, BF_ERANGE, BF_EINVAL, BF_EEXIST or BF_EFAULT
 */
int bf_layout_build(struct bf_layout *layout, const struct bf_image *image,
		    const struct bf_machine *machine, uint32_t log_level, const char *cmdline,
		    uint64_t pool, struct bf_report *report);

/** Gives all pages back. */
void bf_layout_free(struct bf_layout *layout);

/** @return all memory taken, in bytes */
uint64_t bf_layout_bytes(const struct bf_layout *layout);

#endif
