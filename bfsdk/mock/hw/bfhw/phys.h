/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Physical memory of the mock machine: a block of the test process. An address outside it ends
 * the test.
 */
#ifndef BFHW_PHYS_H
#define BFHW_PHYS_H

#include <bfabi/layout.h>
#include <bfabi/types.h>

void *bf_phys_to_virt(uint64_t pa);
uint64_t bf_virt_to_phys(const void *va);

#endif
