/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The guest's own memory as a bus of the emulator.
 */
#ifndef BFVMM_EMU_GUEST_H
#define BFVMM_EMU_GUEST_H

#include <bfvmm/emulate.h>

/** What the callbacks below get as their context: the first member of the caller's own. */
struct bf_emu_guest {
	struct bf_vcpu *vcpu;
};

/** Callbacks of struct bf_emu_bus over RAM of the guest, with its rights. */
int bf_emu_guest_check(void *ctx, struct bf_emu_access *access);
int bf_emu_guest_read(void *ctx, struct bf_emu_access *access);
int bf_emu_guest_write(void *ctx, struct bf_emu_access *access);

/** As bf_emu_verdict(); what cannot be emulated is logged, and raises \#GP(0). */
enum bf_verdict bf_emu_guest_end(const struct bf_emu_guest *guest, const struct bf_emu *emu,
				 int status);

#endif
