/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Programming the event of the next VM entry.
 */
#ifndef BFVMM_VMX_INJECT_H
#define BFVMM_VMX_INJECT_H

#include <vmx/vmx.h>

/** @return whether the next entry delivers an event already. */
bool bf_vmx_event_programmed(void);

/** Makes the next entry deliver @p event, in place of any other. */
void bf_vmx_program_event(const struct bf_event *event);

/** Delivers the NMI that waits, if one does: its window is open. */
void bf_vmx_nmi_window(struct bf_vcpu *vcpu);

#endif
