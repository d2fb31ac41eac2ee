/* SPDX-License-Identifier: MIT */
/* The exit qualification of control-register accesses (SDM volume 3, table 28-3). */
#include <bfvmm/defaults.h>
#include <bfvmm/msr.h>
#include <vmx/vmx.h>

enum access_type {
	MOV_TO_CR,
	MOV_FROM_CR,
	CLTS,
	LMSW
};

#define LMSW_BITS 0xfull
#define LMSW_SETS 0xeull /* what it can also clear; it cannot clear PE */

static uint64_t moved(struct bf_vcpu *vcpu, uint8_t gpr)
{
	uint64_t value = bf_gpr_get(vcpu, gpr);

	return bf_vmx_in_64bit_code(vcpu) ? value : (uint32_t)value;
}

void bf_vmx_decode_cr(struct bf_vcpu *vcpu, struct bf_cr_access *access)
{
	uint64_t q = bf_hw_vmread(VMCS_EXIT_QUALIFICATION);
	enum access_type type = q >> 4 & 3;

	*access = (struct bf_cr_access){
		.cr = q & 0xf,
		.write = type != MOV_FROM_CR,
		.clts = type == CLTS,
		.lmsw = type == LMSW,
		.gpr = q >> 8 & 0xf,
	};
	if (type == MOV_TO_CR)
		access->value = moved(vcpu, access->gpr);
	else if (type == CLTS)
		access->value = bf_vmx_cr0(vcpu) & ~CR0_TS;
	else if (type == LMSW)
		access->value = (bf_vmx_cr0(vcpu) & ~LMSW_SETS) | (q >> 16 & LMSW_BITS);
}

/* Table 28-4. */
void bf_vmx_decode_dr(struct bf_vcpu *vcpu, struct bf_dr *access)
{
	uint64_t q = bf_hw_vmread(VMCS_EXIT_QUALIFICATION);

	(void)vcpu;
	*access = (struct bf_dr){
		.dr = q & 7,
		.gpr = q >> 8 & 0xf,
		.write = !(q & 1 << 4),
	};
}
