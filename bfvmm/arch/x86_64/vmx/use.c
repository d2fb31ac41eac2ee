/* SPDX-License-Identifier: MIT */
/* Which of the CPU's features are used: all that make a guest run as on the bare machine. */
#include <bfvmm/msr.h>
#include <bfvmm/report.h>
#include <vmx/vmx.h>

/*
 * Controls that are 1 where they can be. Those of instructions (RDTSCP, INVPCID, …) make the
 * instruction work in the guest; without them it raises #UD.
 */
static const uint32_t wanted[VMX_GROUPS] = {
	[VMX_PROC] = VMX_PROC_MSR_BITMAPS | VMX_PROC_SECONDARY_CONTROLS | VMX_PROC_TSC_OFFSETTING,
	[VMX_PROC2] = VMX_PROC2_ENABLE_EPT | VMX_PROC2_ENABLE_VPID | VMX_PROC2_UNRESTRICTED_GUEST |
		      VMX_PROC2_ENABLE_RDTSCP | VMX_PROC2_ENABLE_INVPCID | VMX_PROC2_ENABLE_XSAVES |
		      VMX_PROC2_ENABLE_USER_WAIT_AND_PAUSE | VMX_PROC2_ENABLE_PCONFIG,
	[VMX_EXIT] = VMX_EXIT_SAVE_DEBUG_CONTROLS | VMX_EXIT_HOST_ADDRESS_SPACE_SIZE,
	[VMX_ENTRY] = VMX_ENTRY_LOAD_DEBUG_CONTROLS,
};

/* Controls that are of use only together. */
static const struct {
	uint32_t exit, entry;
} efer = {VMX_EXIT_SAVE_EFER | VMX_EXIT_LOAD_EFER, VMX_ENTRY_LOAD_EFER},
  pat = {VMX_EXIT_SAVE_PAT | VMX_EXIT_LOAD_PAT, VMX_ENTRY_LOAD_PAT},
  cet = {VMX_EXIT_LOAD_CET, VMX_ENTRY_LOAD_CET};

/* What CPUID must not show of features that VMX knows about but does not let a guest use. */
struct bf_cpuid_mask bf_vmx_cpuid_masks[] = {
	{.leaf = 1},
	{.leaf = 7},
	{.leaf = 0x80000001u},
	{.leaf = UINT32_MAX},
};

#define CPUID_1_ECX_VMX_SMX  (1u << 5 | 1u << 6)
#define CPUID_7_EBX_INVPCID  (1u << 10)
#define CPUID_7_ECX_WAITPKG  (1u << 5)
#define CPUID_7_EDX_PCONFIG  (1u << 18)
#define CPUID_8_1_EDX_RDTSCP (1u << 27)

static bool ept_usable(uint64_t cap)
{
	return (cap & EPT_CAP_WALK_4) && (cap & (EPT_CAP_WB | EPT_CAP_UC)) &&
	       (cap & EPT_CAP_INVEPT) && (cap & (EPT_CAP_INVEPT_SINGLE | EPT_CAP_INVEPT_ALL));
}

static bool vpid_usable(uint64_t cap)
{
	return (cap & VPID_CAP_INVVPID) && (cap & (VPID_CAP_INVVPID_SINGLE | VPID_CAP_INVVPID_ALL));
}

static bool use_together(struct bf_vmx_caps *caps, uint32_t exit, uint32_t entry)
{
	if ((caps->may[VMX_EXIT] & exit) != exit || (caps->may[VMX_ENTRY] & entry) != entry)
		return false;
	caps->use[VMX_EXIT] |= exit;
	caps->use[VMX_ENTRY] |= entry;
	return true;
}

void bf_vmx_caps_use(struct bf_vmx_caps *caps)
{
	for (int group = 0; group < VMX_GROUPS; group++)
		caps->use[group] = (wanted[group] & caps->may[group]) | caps->must[group];
	if (!ept_usable(caps->ept_vpid))
		caps->use[VMX_PROC2] &= ~(VMX_PROC2_ENABLE_EPT | VMX_PROC2_UNRESTRICTED_GUEST);
	if (!vpid_usable(caps->ept_vpid))
		caps->use[VMX_PROC2] &= ~VMX_PROC2_ENABLE_VPID;
	caps->efer = use_together(caps, efer.exit, efer.entry);
	caps->pat = use_together(caps, pat.exit, pat.entry);
	caps->cet = use_together(caps, cet.exit, cet.entry);
}

static void hide_unusable(const struct bf_vmx_caps *caps)
{
	uint32_t use = caps->use[VMX_PROC2];
	struct bf_cpuid_mask *m = bf_vmx_cpuid_masks;

	m[0].clear_ecx = CPUID_1_ECX_VMX_SMX;
	m[1].clear_ebx = use & VMX_PROC2_ENABLE_INVPCID ? 0 : CPUID_7_EBX_INVPCID;
	m[1].clear_ecx = use & VMX_PROC2_ENABLE_USER_WAIT_AND_PAUSE ? 0 : CPUID_7_ECX_WAITPKG;
	m[1].clear_edx = use & VMX_PROC2_ENABLE_PCONFIG ? 0 : CPUID_7_EDX_PCONFIG;
	m[2].clear_edx = use & VMX_PROC2_ENABLE_RDTSCP ? 0 : CPUID_8_1_EDX_RDTSCP;
}

int bf_vmx_setup(struct bf_report *report)
{
	struct bf_vmx_caps *caps = &bf_vmx_caps;
	int status = bf_vmx_allowed(report);

	if (status)
		return status;
	bf_vmx_caps_read(caps);
	if (!(caps->may[VMX_EXIT] & VMX_EXIT_HOST_ADDRESS_SPACE_SIZE) ||
	    !(caps->may[VMX_ENTRY] & VMX_ENTRY_IA32E_MODE_GUEST))
		return bf_report(report, BF_EFEATURE, "IA32_VMX_EXIT_CTLS", caps->may[VMX_EXIT],
				 "64-bit hosts and guests are needed; this CPU has no such VMX");
	if (caps->basic & VMX_BASIC_PA_32)
		return bf_report(report, BF_EFEATURE, "IA32_VMX_BASIC", caps->basic,
				 "VMX structures above 4 GiB are needed (bit 48 clear)");
	hide_unusable(caps);
	return 0;
}
