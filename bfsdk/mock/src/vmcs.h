/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The fields of a VMCS and where the mock keeps them in its page.
 */
#ifndef BFMOCK_VMCS_H
#define BFMOCK_VMCS_H

#include <bfmock/vmx.h>

/** A VMCS page. The processor's own layout is secret; this is the mock's. */
struct mock_vmcs {
	uint32_t revision;
	uint32_t abort;
	bool launched;
	uint64_t field[448];
};

/** @return where @p encoding is kept, NULL if this CPU has no such field. */
uint64_t *mock_vmcs_slot(struct mock_vmcs *vmcs, uint32_t encoding);

/** @return the current VMCS, NULL if there is none. */
struct mock_vmcs *mock_vmcs_current(void);

#define VMCS_HIGH(encoding)      ((encoding)&1)
#define VMCS_READ_ONLY(encoding) (((encoding) >> 10 & 3) == 1)
#define VMCS_WIDTH(encoding)     ((encoding) >> 13 & 3) /* 16, 64, 32 bits, natural */

#define VMCS_INSTRUCTION_ERROR 0x4400
#define VMCS_EXIT_REASON       0x4402
#define VMCS_LINK_POINTER      0x2800

#endif
