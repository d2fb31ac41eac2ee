/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Second-level tables: EPT or NPT, whichever the backend's format describes.
 */
#ifndef BFVMM_S2_H
#define BFVMM_S2_H

#include <bfvmm/hv.h>

/**
 * Builds the identity map of the control VM: all RAM, and all else below 4 GiB, with the memory
 * types of this CPU's MTRRs, without the VMM's own memory. Sets @c vm->s2_root.
 * @return 0 or BF_ENOMEM
 */
int bf_s2_create(struct bf_vm *vm, const struct bf_s2_format *format);

/** Frees the tables; no CPU may use them. */
void bf_s2_destroy(struct bf_vm *vm);

/**
 * Makes @p gpa accessible after a second-level fault: maps device memory above 4 GiB on first
 * use; puts a page of scrap under an address of the VMM, so that a stray access of the
 * control VM does no harm.
 * @return 0, BF_ENOMEM, or BF_EFAULT if the page was accessible already
 */
int bf_s2_fault(struct bf_vm *vm, uint64_t gpa);

/** @return the leaf entry for @p gpa and its level, or 0. */
uint64_t bf_s2_lookup(const struct bf_vm *vm, uint64_t gpa, uint32_t *level);

#endif
