/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The VMM's own GDT, IDT and TSS on each CPU.
 */
#ifndef BFVMM_TABLES_H
#define BFVMM_TABLES_H

#include <bfabi/types.h>

struct bf_pcpu;

/** What a backend puts into its host-state fields. */
struct bf_host_tables {
	uint16_t cs, ss, tr;
	uint64_t gdt_base, idt_base, tr_base;
};

/** Builds the tables of @p pcpu and makes them live on the calling CPU. */
void bf_tables_load(struct bf_pcpu *pcpu);

/** Describes the tables of @p pcpu. */
void bf_host_tables(struct bf_pcpu *pcpu, struct bf_host_tables *out);

#endif
