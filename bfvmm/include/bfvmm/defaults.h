/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What happens at an exit when no hook takes it: what the bare machine would do.
 */
#ifndef BFVMM_DEFAULTS_H
#define BFVMM_DEFAULTS_H

#include <stdbool.h>
#include <bfvmm/slot.h>

/** @return the default slot for @p reason: the backend's, else the generic one. Never NULL. */
const struct bf_slot *bf_default_slot(enum bf_exit_reason reason);

/** @return whether an exit of @p reason can be handled when all hooks pass it on. */
bool bf_has_default(enum bf_exit_reason reason);

enum bf_verdict bf_default_cpuid(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);
enum bf_verdict bf_default_hypercall(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);
enum bf_verdict bf_default_rdmsr(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);
enum bf_verdict bf_default_wrmsr(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);
enum bf_verdict bf_default_xsetbv(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);
enum bf_verdict bf_default_cr(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);
enum bf_verdict bf_default_s2_fault(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);

/** The CPUID result that the guest sees by default for io->leaf and io->subleaf. */
void bf_cpuid_result(struct bf_vcpu *vcpu, struct bf_cpuid *io);

/** The control VM's registers 0 … 15 in the encoding order of instructions. */
uint64_t bf_gpr_get(struct bf_vcpu *vcpu, uint32_t number);
void bf_gpr_set(struct bf_vcpu *vcpu, uint32_t number, uint64_t value);

#endif
