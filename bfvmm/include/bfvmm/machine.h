/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The machine as a whole: what BF_OP_INIT sets up, and how a CPU comes and goes.
 */
#ifndef BFVMM_MACHINE_H
#define BFVMM_MACHINE_H

#include <bfabi/boot.h>
#include <bfvmm/vcpu.h>

/** BF_OP_INIT, BF_OP_START and BF_OP_FINI. @return 0 or the code that is in boot->report */
int bf_machine_init(struct bf_boot *boot);
int bf_cpu_start(struct bf_boot *boot, struct bf_pcpu *pcpu);
int bf_machine_fini(struct bf_boot *boot);

/** Reads the options of bf_cpu_start(). Once, before it. */
void bf_cpu_options(void);

/** Takes this CPU and its vCPU's state back to the bare machine. */
_Noreturn void bf_cpu_stop(struct bf_vcpu *vcpu);

/** Creates and destroys the control VM with room for @p cpus vCPUs. */
int bf_control_vm_create(uint32_t cpus, struct bf_report *report);
void bf_control_vm_destroy(void);

/** What bf_cpu_count() answers from now on. */
void bf_cpu_count_set(uint32_t count);

#endif
