/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The vendors' halves of bfmock/guest.h.
 */
#ifndef BFMOCK_BACKEND_H
#define BFMOCK_BACKEND_H

#include <bfmock/guest.h>

struct mock_backend {
	/** Exit reasons and lengths of instructions. */
	struct {
		uint32_t reason;
		uint64_t qualification;
		uint8_t length;
		uint8_t bytes[3];
	} instruction[MOCK_INSTRUCTIONS];
	/** Whether the instruction exits, with the vCPU's controls and registers as they are. */
	bool (*exits)(struct bf_vcpu *vcpu, enum mock_instruction instruction);
	/** How an NMI exits now; reason 0 with interruption 0: it does not. */
	struct mock_exit (*nmi)(struct bf_vcpu *vcpu);
	/** The processor's part of an exit, the VMM's C entry, the processor's part of an entry. */
	void (*exit)(struct bf_vcpu *vcpu, const struct mock_exit *exit);
	/** Reads what is programmed for the next entry. */
	void (*result)(struct bf_vcpu *vcpu, struct mock_result *result);
};

/** Exits for NMIs of the current CPU, which runs a guest; see mock_nmi_exit in model.h. */
bool mock_nmi_to_guest(void);

extern const struct mock_backend mock_vmx_backend, mock_svm_backend;

#endif
