/* SPDX-License-Identifier: MIT */
#include <vmx/vmcs_fields.h>

const struct bf_vmcs_field bf_vmcs_fields[] = {
#define X(name, encoding) {(encoding), #name},
	VMCS_FIELDS(X)
#undef X
};

const uint32_t bf_vmcs_field_count = sizeof(bf_vmcs_fields) / sizeof(bf_vmcs_fields[0]);

const char *bf_vmcs_name(uint32_t encoding)
{
	for (uint32_t i = 0; i < bf_vmcs_field_count; i++)
		if (bf_vmcs_fields[i].encoding == encoding)
			return bf_vmcs_fields[i].name;
	return "VMCS field without a name";
}
