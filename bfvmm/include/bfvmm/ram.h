/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Which physical memory there is, and whose.
 */
#ifndef BFVMM_RAM_H
#define BFVMM_RAM_H

#include <stdbool.h>
#include <bfabi/boot.h>

/** Takes the memory map and the list of the VMM's own memory over from @p boot. */
void bf_ram_init(const struct bf_boot *boot);

/** @return whether all of [pa, pa + bytes) is RAM that the direct map holds. */
bool bf_phys_is_ram(uint64_t pa, uint64_t bytes);

/** End of the run of RAM at 1 MiB: addresses from 1 MiB up to here are RAM. For hot paths. */
extern uint64_t bf_ram_low_end;

/** @return the end of the highest RAM region. */
uint64_t bf_ram_end(void);

/** How much of a range the VMM owns. */
enum bf_owned {
	BF_OWNED_NONE,
	BF_OWNED_SOME,
	BF_OWNED_ALL
};

enum bf_owned bf_phys_owned(uint64_t pa, uint64_t bytes);

/**
 * @return memory of the control VM at guest-physical @p gpa, or NULL if any of it is not RAM or
 * belongs to the VMM. The control VM's guest-physical addresses are physical addresses.
 */
void *bf_control_memory(uint64_t gpa, uint64_t bytes);

#endif
