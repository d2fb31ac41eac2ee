/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Instructions and events of a guest on the mock machine.
 *
 * Each function has the current CPU's vCPU execute one instruction at its RIP. Whether that exits
 * is decided as the processor does, by the controls, bitmaps and intercepts that are armed at that
 * moment; what does not exit has its effect on the guest. So a test sees that a hook asks for the
 * exits it needs, and for no others.
 *
 * Registers are in @c vcpu->regs and bf_vcpu_get(). The guest is in ring 0 unless a test says
 * otherwise with bf_vcpu_set().
 */
#ifndef BFMOCK_EXECUTE_H
#define BFMOCK_EXECUTE_H

#include <bfmock/guest.h>

/** An instruction with its operands; what its kind does not have is ignored. */
struct mock_insn {
	enum mock_instruction kind;
	uint8_t number;   /**< MOV CR, MOV DR: of the register */
	uint8_t gpr;      /**< MOV CR, MOV DR: general register, not 4, which is RSP */
	uint8_t size;     /**< IN, OUT: bytes, 1, 2 or 4 */
	uint16_t port;    /**< IN, OUT: in DX */
	uint64_t address; /**< INVLPG: in RAX */
};

/** Executes @p insn. */
struct mock_result mock_execute_insn(struct bf_vcpu *vcpu, const struct mock_insn *insn);

/** @return EAX behind IN; the bytes that the machine's ports give are in mock.port_in. */
uint32_t mock_execute_in(struct bf_vcpu *vcpu, uint16_t port, uint8_t size,
			 struct mock_result *result);
struct mock_result mock_execute_out(struct bf_vcpu *vcpu, uint16_t port, uint8_t size,
				    uint32_t value);

/** MOV RAX, CR and back. @return RAX behind it */
uint64_t mock_execute_cr_read(struct bf_vcpu *vcpu, uint8_t number, struct mock_result *result);
struct mock_result mock_execute_cr_write(struct bf_vcpu *vcpu, uint8_t number, uint64_t value);

/** MOV RAX, DR and back. @return RAX behind it */
uint64_t mock_execute_dr_read(struct bf_vcpu *vcpu, uint8_t number, struct mock_result *result);
struct mock_result mock_execute_dr_write(struct bf_vcpu *vcpu, uint8_t number, uint64_t value);

/** RDTSC or RDTSCP, by @p kind. @return EDX:EAX behind it; mock.tsc is what the machine counts. */
uint64_t mock_execute_tsc(struct bf_vcpu *vcpu, enum mock_instruction kind,
			  struct mock_result *result);

struct mock_result mock_execute_invlpg(struct bf_vcpu *vcpu, uint64_t address);

/** An exception of the guest's own making. */
struct mock_exception {
	uint8_t vector;
	uint32_t error_code; /**< of vectors that have one */
	uint64_t address;    /**< \#PF: what CR2 becomes */
};

/** The guest raises @p exception: delivered, unless the VMM wants to see it first. */
struct mock_result mock_raise(struct bf_vcpu *vcpu, const struct mock_exception *exception);

/** An external interrupt arrives while the guest takes interrupts. */
struct mock_result mock_interrupt(struct bf_vcpu *vcpu, uint8_t vector);

#endif
