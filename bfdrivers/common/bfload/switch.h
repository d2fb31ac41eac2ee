/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The world switch: the code page, and what makes a CPU ready for it.
 */
#ifndef BFLOAD_SWITCH_H
#define BFLOAD_SWITCH_H

#include <bfload/ops.h>

/** The page of code, [bf_switch_page, bf_switch_page_end). switch.S */
extern const char bf_switch_page[];
extern const char bf_switch_page_end[];

/* Entries of the record's IDT; never called. */
extern const char bf_switch_nmi[];
extern const char bf_switch_ignore[];
extern const char bf_switch_fault[];
extern const char bf_switch_dead[];

/**
 * Enters the VMM on this CPU. Interrupts are off, the record is prepared.
 * @return what the VMM's entry returned, BF_EPANIC if it faulted before it had an IDT, or 0 as a
 *         guest of the VMM
 */
int64_t bf_switch_call(struct bf_switch *sw, uint64_t op);

/**
 * Takes this CPU, a guest of the VMM, back to the bare machine. Interrupts are off, the record is
 * prepared. @return 0 on the bare machine, or a BF_E* code, still as a guest
 */
int64_t bf_switch_stop(struct bf_switch *sw);

/** Makes a hypercall with one argument. Only on a guest of the VMM. @return its RAX */
int64_t bf_switch_hypercall(struct bf_switch *sw, uint64_t number, uint64_t argument);

/** Reads what bf_switch_prepare() needs of the calling CPU. host_cpu.c */
void bf_host_cpu_read(struct bf_host_cpu *cpu);

/** @return bf_machine.apic_pa: the calling CPU, which has a local APIC, says where. host_cpu.c */
uint64_t bf_host_apic_pa(void);

/**
 * Checks that the switch code can leave and restore the CPU's world.
 * @return 0; BF_ERANGE (GDT too large, CS out of range) or BF_ENOTSUP (FRED), said in @p report
 */
int bf_switch_check(const struct bf_host_cpu *cpu, struct bf_report *report);

/**
 * Checks that no other hypervisor uses the CPU's virtualization.
 * @return 0, or BF_EBUSY with @p remedy in @p report
 */
int bf_virt_check(const struct bf_host_cpu *cpu, const char *remedy, struct bf_report *report);

/**
 * Fills the temporary tables of a record: on its own CPU, before each bf_switch_call() and
 * bf_switch_stop(), with interrupts off in between. bf_switch_check() has passed.
 *
 * @param sw        the record
 * @param cpu       the calling CPU
 * @param page      where the loader sees the code page
 */
void bf_switch_prepare(struct bf_switch *sw, const struct bf_host_cpu *cpu, const void *page);

/** @return the RIP of an exception that ended a bf_switch_call() early, 0 if there was none */
uint64_t bf_switch_fault_rip(const struct bf_switch *sw);

#endif
