/* SPDX-License-Identifier: MIT */
/*
 * One step of the state machine on one CPU. Each sets loader->report on failure, with the CPU's
 * index, unless it is set already.
 */
#ifndef BF_CPU_STEP_H
#define BF_CPU_STEP_H

#include <bfload/loader.h>

/* Is this CPU fit for a start? */
int bf_step_check(struct bf_loader *loader, uint32_t cpu);

/* Enters the VMM for an operation (enum bf_op). */
int bf_step_enter(struct bf_loader *loader, uint32_t cpu, uint64_t op);

/* Takes a CPU back to the bare machine, if it is not there. */
int bf_step_stop(struct bf_loader *loader, uint32_t cpu);

/*
 * Makes a hypercall on a CPU that runs the VMM, with the address of layout.page. What it returns,
 * if it is no error, goes to *result unless that is NULL.
 */
int bf_step_hypercall(struct bf_loader *loader, uint32_t cpu, uint64_t number, int64_t *result);

#endif
