/* SPDX-License-Identifier: MIT */
/**
 * @file
 * VM-instruction errors by name (SDM volume 3, "VM Instruction Error Numbers").
 */
#ifndef BFVMM_VMX_ERRORS_H
#define BFVMM_VMX_ERRORS_H

#include <bfabi/types.h>

enum vmx_error {
	VMX_ERROR_LAUNCH_NOT_CLEAR = 4,
	VMX_ERROR_ENTRY_CONTROLS = 7,
	VMX_ERROR_ENTRY_HOST = 8,
};

/** @return what VM-instruction error @p number means. */
const char *bf_vmx_error_name(uint32_t number);

/** @return why the last VMX instruction failed; there may be no current VMCS to tell. */
const char *bf_vmx_last_error(void);

#endif
