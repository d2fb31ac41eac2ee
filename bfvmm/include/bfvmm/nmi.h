/* SPDX-License-Identifier: MIT */
/**
 * @file
 * NMIs that arrive while the VMM runs.
 *
 * The handler only sets BF_PENDING_NMI in the current vCPU. On SVM the global interrupt flag
 * holds NMIs back from exit to entry, and nothing else is needed. On VMX an NMI can come after
 * the test of @c pending and before VMRESUME has entered; a backend with such a window
 * puts [bf_nmi_window_start, bf_nmi_window_end) around the code from the test to the entry. If
 * the NMI's return address lies inside, the handler moves it to bf_nmi_window_restart, which
 * must get back to the test with nothing lost.
 */
#ifndef BFVMM_NMI_H
#define BFVMM_NMI_H

/* Labels in vmx/entry.S. */
extern const char bf_nmi_window_start[];
extern const char bf_nmi_window_end[];
extern const char bf_nmi_window_restart[];

#endif
