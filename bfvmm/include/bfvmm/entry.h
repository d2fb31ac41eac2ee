/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The image's entry point.
 */
#ifndef BFVMM_ENTRY_H
#define BFVMM_ENTRY_H

#include <bfabi/switch.h>

/** See bf_vmm_entry_fn. */
int64_t bf_vmm_entry(uint64_t boot_va, struct bf_switch *sw, uint64_t op);

#endif
