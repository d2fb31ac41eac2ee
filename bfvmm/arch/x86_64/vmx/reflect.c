/* SPDX-License-Identifier: MIT */
/* Exceptions that exit because a hook wants to see them, and are the guest's after all. */
#include <vmx/vmx.h>

/* DR6 (SDM volume 3, "Debug Status Register"): set by the cause, but these two are cleared. */
#define DR6_CAUSES   0x600full
#define DR6_MATCHES  0xfull
#define DR6_INVERTED 0x10800ull /* RTM, bus lock */

static void debug_status(uint64_t qualification)
{
	uint64_t dr6 = bf_hw_read_dr6() & ~DR6_MATCHES;

	dr6 |= (qualification & DR6_CAUSES) | DR6_INVERTED;
	bf_hw_write_dr6(dr6 ^ (qualification & DR6_INVERTED));
}

enum bf_verdict bf_vmx_reflect(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	uint32_t info = (uint32_t)bf_hw_vmread(VMCS_EXIT_INTERRUPTION_INFORMATION);
	struct bf_event event = {
		.type = (info & VMX_INFO_TYPE) >> VMX_INFO_TYPE_SHIFT,
		.vector = info & VMX_INFO_VECTOR,
		.has_error = !!(info & VMX_INFO_ERROR_CODE),
		.length = (uint8_t)bf_hw_vmread(VMCS_EXIT_INSTRUCTION_LENGTH),
		.error_code = (uint32_t)bf_hw_vmread(VMCS_EXIT_INTERRUPTION_ERROR_CODE),
	};

	(void)exit;
	(void)ctx;
	if (event.type == BF_EVENT_EXCEPTION && event.vector == BF_VECTOR_PF)
		bf_hw_write_cr2(bf_hw_vmread(VMCS_EXIT_QUALIFICATION));
	if (event.type == BF_EVENT_EXCEPTION && event.vector == BF_VECTOR_DB)
		debug_status(bf_hw_vmread(VMCS_EXIT_QUALIFICATION));
	bf_vcpu_inject(vcpu, event);
	return BF_INJECT;
}
