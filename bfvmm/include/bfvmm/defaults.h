/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What happens at an exit when no hook takes it: what the bare machine would do.
 */
#ifndef BFVMM_DEFAULTS_H
#define BFVMM_DEFAULTS_H

#include <stdbool.h>
#include <bfvmm/family.h>
#include <bfvmm/slot.h>

/** @return the default slot for @p reason: the backend's, else the generic one. Never NULL. */
const struct bf_slot *bf_default_slot(enum bf_exit_reason reason);

/** @return whether an exit of @p reason can be handled when all hooks pass it on. */
bool bf_has_default(enum bf_exit_reason reason);

/** The default of a reason that has a family: @p ctx is its struct bf_family. */
enum bf_verdict bf_default_family(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);

/** As bf_default_family(), in fewer instructions. */
enum bf_verdict bf_default_cpuid(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);

enum bf_verdict bf_default_port(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);
enum bf_verdict bf_default_s2_fault(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);

/** Has the exit raise \#UD, or \#GP(0). @return BF_INJECT */
enum bf_verdict bf_raise_ud(struct bf_vcpu *vcpu);
enum bf_verdict bf_raise_gp(struct bf_vcpu *vcpu);

/* The functions of families, see family.h. */
#define BF_DECODE(name)                                                                            \
	uint64_t bf_##name##_decode(struct bf_vcpu *vcpu, struct bf_exit *exit,                    \
				    union bf_hook_io *io)
#define BF_PERFORM(name)                                                                           \
	enum bf_verdict bf_##name(struct bf_vcpu *vcpu, struct bf_exit *exit, union bf_hook_io *io)
#define BF_FINISH(name) void bf_##name##_finish(struct bf_vcpu *vcpu, const union bf_hook_io *io)

BF_DECODE(cpuid);
BF_PERFORM(cpuid_perform);
BF_FINISH(cpuid);
BF_DECODE(msr);
BF_PERFORM(msr_read);
BF_PERFORM(msr_write);
BF_FINISH(msr);
BF_PERFORM(port_perform);
enum bf_verdict bf_port_drive(struct bf_vcpu *vcpu, struct bf_exit *exit, bf_each_fn each,
			      void *ctx);
BF_DECODE(cr);
BF_PERFORM(cr_read);
BF_PERFORM(cr_write);
BF_FINISH(cr);
BF_DECODE(dr);
BF_PERFORM(dr_perform);
BF_FINISH(dr);
BF_DECODE(xsetbv);
BF_PERFORM(xsetbv_perform);
BF_DECODE(exception);
BF_PERFORM(exception_perform);
BF_DECODE(hypercall);
BF_PERFORM(hypercall_perform);
BF_FINISH(hypercall);
BF_DECODE(tsc);
BF_PERFORM(tsc_perform);
BF_PERFORM(tscp_perform);
BF_FINISH(tsc);
BF_FINISH(tscp);
BF_DECODE(rdpmc);
BF_PERFORM(rdpmc_perform);
BF_FINISH(rdpmc);
BF_DECODE(invlpg);
BF_PERFORM(invlpg_perform);

/** The control VM's registers 0 … 15 in the encoding order of instructions. */
uint64_t bf_gpr_get(struct bf_vcpu *vcpu, uint32_t number);
void bf_gpr_set(struct bf_vcpu *vcpu, uint32_t number, uint64_t value);

/** EDX:EAX: as a value, and to one; the upper halves of both registers become 0. */
uint64_t bf_edx_eax(const struct bf_vcpu *vcpu);
void bf_set_edx_eax(struct bf_vcpu *vcpu, uint64_t value);

#endif
