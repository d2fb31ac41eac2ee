/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The vendors' halves of bfmock/guest.h and bfmock/execute.h.
 */
#ifndef BFMOCK_BACKEND_H
#define BFMOCK_BACKEND_H

#include <bfmock/execute.h>
#include <bfmock/trace.h>

/** An instruction: how it is encoded, and how it exits. */
struct mock_row {
	uint32_t reason;
	uint8_t control; /**< the vendor's number of the control that makes it exit */
	uint8_t length;
	uint8_t bytes[3]; /**< the last one may yet receive operands */
	uint64_t qualification;
};

struct mock_backend {
	const struct mock_row *rows; /**< by enum mock_instruction */
	/** Whether the instruction exits, with the vCPU's controls and registers as they are. */
	bool (*exits)(struct bf_vcpu *vcpu, const struct mock_insn *insn);
	/** Adds to @p exit what the operands bring. */
	void (*operands)(struct bf_vcpu *vcpu, const struct mock_insn *insn,
			 struct mock_exit *exit);
	/** Whether the exception exits, and how. */
	bool (*raise)(struct bf_vcpu *vcpu, const struct mock_exception *exception,
		      struct mock_exit *exit);
	/** Whether external interrupts exit, and how. */
	bool (*interrupt)(struct bf_vcpu *vcpu, uint8_t vector, struct mock_exit *exit);
	/** How an NMI exits now; reason 0 with interruption 0: it does not. */
	struct mock_exit (*nmi)(struct bf_vcpu *vcpu);
	/** The processor's part of an exit, the VMM's C entry, the processor's part of an entry. */
	void (*exit)(struct bf_vcpu *vcpu, const struct mock_exit *exit);
	/** Reads what is programmed for the next entry. */
	void (*result)(struct bf_vcpu *vcpu, struct mock_result *result);
};

/** What the processor does itself, as no control makes it exit. */
struct mock_result mock_native(struct bf_vcpu *vcpu, const struct mock_insn *insn, uint64_t next);

extern const struct mock_row mock_vmx_rows[MOCK_INSTRUCTIONS], mock_svm_rows[MOCK_INSTRUCTIONS];

bool mock_vmx_exits(struct bf_vcpu *vcpu, const struct mock_insn *insn);
void mock_vmx_operands(struct bf_vcpu *vcpu, const struct mock_insn *insn, struct mock_exit *exit);
bool mock_svm_exits(struct bf_vcpu *vcpu, const struct mock_insn *insn);
void mock_svm_operands(struct bf_vcpu *vcpu, const struct mock_insn *insn, struct mock_exit *exit);

/** Exits for NMIs of the current CPU, which runs a guest; see mock_nmi_exit in model.h. */
bool mock_nmi_to_guest(void);

extern const struct mock_backend mock_vmx_backend, mock_svm_backend;

#endif
