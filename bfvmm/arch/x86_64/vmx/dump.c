/* SPDX-License-Identifier: MIT */
#include <bfhw/this_cpu.h>
#include <vmx/vmx.h>

/* Fields that this CPU does not have are left out; without VMX it has none. */
void bf_vmx_dump(struct bf_vcpu *vcpu, bf_dump_fn emit)
{
	uint64_t value;

	(void)vcpu;
	if (!bf_this_pcpu()->on)
		return;
	for (uint32_t i = 0; i < bf_vmcs_field_count; i++)
		if (bf_hw_vmread_safe(bf_vmcs_fields[i].encoding, &value))
			emit(bf_vmcs_fields[i].name, value);
}
