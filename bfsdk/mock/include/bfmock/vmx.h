/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The mock's VT-x: VMCSs by field encoding (SDM volume 3, appendix B).
 *
 * A VMCS lives in the page that VMCLEAR and VMPTRLD were given. VMREAD and VMWRITE obey the
 * profile: a field of a feature that the CPU lacks does not exist, exit information is
 * read-only.
 */
#ifndef BFMOCK_VMX_H
#define BFMOCK_VMX_H

#include <bfmock/machine.h>

/** What the processor itself stores: sets any field of the current VMCS, read-only ones too. */
void mock_vmcs_set(uint32_t encoding, uint64_t value);

/** Reads a field of the current VMCS without being counted. */
uint64_t mock_vmcs_get(uint32_t encoding);

/** @return whether this CPU has the field. */
bool mock_vmcs_has(uint32_t encoding);

/** Calls @p fn for each field that this CPU has, by full (not high-half) encoding. */
void mock_vmcs_each(void (*fn)(uint32_t encoding, void *ctx), void *ctx);

/** Error numbers of VM-instruction errors (SDM volume 3, table "VM-Instruction Error Numbers"). */
enum mock_vm_error {
	MOCK_VMERR_VMCLEAR_ADDRESS = 2,
	MOCK_VMERR_VMCLEAR_VMXON = 3,
	MOCK_VMERR_LAUNCH_NOT_CLEAR = 4,
	MOCK_VMERR_RESUME_NOT_LAUNCHED = 5,
	MOCK_VMERR_ENTRY_CONTROLS = 7,
	MOCK_VMERR_ENTRY_HOST = 8,
	MOCK_VMERR_VMPTRLD_ADDRESS = 9,
	MOCK_VMERR_VMPTRLD_VMXON = 10,
	MOCK_VMERR_VMPTRLD_REVISION = 11,
	MOCK_VMERR_NO_SUCH_FIELD = 12,
	MOCK_VMERR_READ_ONLY = 13,
	MOCK_VMERR_VMXON_IN_ROOT = 15,
	MOCK_VMERR_INV_OPERAND = 28
};

/** What comes of VMLAUNCH or VMRESUME. */
enum mock_entry {
	MOCK_ENTRY_RUNS,    /**< the guest would run now */
	MOCK_ENTRY_REFUSED, /**< VMfail: the error number, if there is one, is in the VMCS */
	MOCK_ENTRY_INVALID  /**< an exit for invalid guest state, 0x80000021 */
};

enum mock_entry mock_vmx_enter(bool launch);

#endif
