/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The local APIC of the machine, of which the VMM needs one thing: to send an NMI to another CPU.
 * All else is the control VM's, which may be in the middle of using it.
 */
#ifndef BFVMM_APIC_H
#define BFVMM_APIC_H

#include <bfabi/types.h>

/** Takes over which page is mapped at BF_VA_APIC, 0 for none. */
void bf_apic_init(uint64_t pa);

/** @return 0, or BF_ENOTSUP if the local APIC of this CPU is off or not where it was at start */
int bf_apic_ready(void);

/** @return the APIC ID of this CPU; bf_apic_ready() has said 0. */
uint32_t bf_apic_id(void);

/**
 * Sends an NMI to the CPU with APIC ID @p id. What the control VM has written to the APIC so far is
 * kept, also between the two halves of a command in xAPIC mode; bf_apic_ready() has said 0.
 */
void bf_apic_send_nmi(uint32_t id);

#endif
