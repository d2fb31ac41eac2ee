/* SPDX-License-Identifier: MIT */
/*
 * MSRs whose guest value is not in the hardware while the VMM runs, and the one that is not the
 * guest's to write. Without hooks on RDMSR and WRMSR the guest reaches all but that one itself.
 */
#include <bareframe/hook.h>
#include <bareframe/log.h>
#include <bfvmm/msr.h>
#include <vmx/vmx.h>

enum msr_kind {
	MSR_PLAIN,
	MSR_WORD,
	MSR_ADDRESS,
	MSR_DEBUG,
	MSR_CET_FIELD
};

static const struct vmx_msr {
	uint32_t msr;
	uint32_t field;
	enum msr_kind kind;
} msrs[] = {
	{MSR_IA32_SYSENTER_CS, VMCS_GUEST_IA32_SYSENTER_CS, MSR_WORD},
	{MSR_IA32_SYSENTER_ESP, VMCS_GUEST_IA32_SYSENTER_ESP, MSR_ADDRESS},
	{MSR_IA32_SYSENTER_EIP, VMCS_GUEST_IA32_SYSENTER_EIP, MSR_ADDRESS},
	{MSR_IA32_FS_BASE, VMCS_GUEST_FS_BASE, MSR_ADDRESS},
	{MSR_IA32_GS_BASE, VMCS_GUEST_GS_BASE, MSR_ADDRESS},
	{MSR_IA32_DEBUGCTL, VMCS_GUEST_IA32_DEBUGCTL, MSR_DEBUG},
	{MSR_IA32_S_CET, VMCS_GUEST_IA32_S_CET, MSR_CET_FIELD},
	{MSR_IA32_INTERRUPT_SSP_TABLE, VMCS_GUEST_IA32_INTERRUPT_SSP_TABLE, MSR_CET_FIELD},
};

/* Bits of IA32_DEBUGCTL that would record branches of the VMM if they were tried out. */
#define DEBUGCTL_RECORDS 0x1c1ull

static bool canonical(uint64_t value)
{
	uint32_t unused = 64 - bf_vmx_caps.va_bits;

	return (uint64_t)((int64_t)(value << unused) >> unused) == value;
}

/* The hardware knows its reserved bits best; VM exit leaves the MSR 0. */
static bool debugctl_valid(uint64_t value)
{
	bool valid = bf_hw_wrmsr_safe(MSR_IA32_DEBUGCTL, value & ~DEBUGCTL_RECORDS);

	(void)bf_hw_wrmsr_safe(MSR_IA32_DEBUGCTL, 0);
	return valid;
}

/* As above; the VMM runs with CR4.CET clear. */
static bool cet_valid(uint32_t msr, uint64_t value)
{
	bool valid = bf_hw_wrmsr_safe(msr, value);

	(void)bf_hw_wrmsr_safe(msr, 0);
	return valid;
}

static bool valid(const struct vmx_msr *m, uint64_t value)
{
	switch (m->kind) {
	case MSR_ADDRESS:
		return canonical(value);
	case MSR_DEBUG:
		return debugctl_valid(value);
	case MSR_CET_FIELD:
		return cet_valid(m->msr, value);
	default:
		return true;
	}
}

static const struct vmx_msr *find(uint32_t msr)
{
	for (uint32_t i = 0; i < sizeof(msrs) / sizeof(msrs[0]); i++)
		if (msrs[i].msr == msr)
			return msrs[i].kind == MSR_CET_FIELD && !bf_vmx_caps.cet ? 0 : &msrs[i];
	return 0;
}

static bool pat_valid(uint64_t value)
{
	const uint32_t types = 1u << 0 | 1u << 1 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 7;

	for (int i = 0; i < 64; i += 8) {
		uint32_t type = value >> i & 0xff;

		if (type > 7 || !(types >> type & 1))
			return false;
	}
	return true;
}

static int write_pat(uint64_t value)
{
	if (!pat_valid(value))
		return BF_INJECT;
	bf_hw_vmwrite(VMCS_GUEST_IA32_PAT, value);
	return BF_SKIP;
}

/* A new microcode under a running VMM is for the bare machine: real CPUs may ignore it too. */
static int refuse_microcode(struct bf_vcpu *vcpu)
{
	static bool said;

	if (!said)
		bf_warn("vCPU %u: microcode update ignored; load it before the VMM", vcpu->index);
	said = true;
	return BF_SKIP;
}

int bf_vmx_read_msr(struct bf_vcpu *vcpu, uint32_t msr, uint64_t *value)
{
	const struct vmx_msr *m = find(msr);

	if (m)
		*value = bf_hw_vmread(m->field);
	else if (msr == MSR_IA32_EFER)
		*value = bf_vmx_efer(vcpu);
	else if (msr == MSR_IA32_PAT && bf_vmx_caps.pat)
		*value = bf_hw_vmread(VMCS_GUEST_IA32_PAT);
	else
		return BF_PASS;
	return BF_SKIP;
}

int bf_vmx_write_msr(struct bf_vcpu *vcpu, uint32_t msr, uint64_t value)
{
	const struct vmx_msr *m = find(msr);

	if (msr == MSR_IA32_BIOS_UPDT_TRIG)
		return refuse_microcode(vcpu);
	if (msr == MSR_IA32_EFER)
		return bf_vmx_set_efer(vcpu, value) ? BF_INJECT : BF_SKIP;
	if (msr == MSR_IA32_PAT && bf_vmx_caps.pat)
		return write_pat(value);
	if (!m)
		return BF_PASS;
	if (!valid(m, value))
		return BF_INJECT;
	bf_hw_vmwrite(m->field, m->kind == MSR_WORD ? (uint32_t)value : value);
	return BF_SKIP;
}
