/* SPDX-License-Identifier: MIT */
/*
 * Whether firmware lets software switch virtualization on. Best known from each CPU's own
 * register; where that cannot be read, Linux knows for the first CPU.
 */
#include "require.h"

#include <bfabi/ioctl.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

/* Intel SDM volume 3, 24.7. */
#define FEATURE_CONTROL_LOCK        (1U << 0)
#define FEATURE_CONTROL_OUTSIDE_SMX (1U << 2)
/* AMD APM volume 2, 15.30.1. */
#define VM_CR_LOCK    (1U << 3)
#define VM_CR_SVM_OFF (1U << 4)

struct vendor {
	const char *msr;
	const char *setting; /* as firmware calls it */
	const char *(*refuses)(uint64_t value);
};

static const char *intel_refuses(uint64_t value)
{
	if ((value & FEATURE_CONTROL_LOCK) && !(value & FEATURE_CONTROL_OUTSIDE_SMX))
		return "locked with VMXON outside SMX switched off";
	return NULL;
}

static const char *amd_refuses(uint64_t value)
{
	if (!(value & VM_CR_SVM_OFF))
		return NULL;
	return value & VM_CR_LOCK ? "SVM is switched off (SVMDIS) and locked"
				  : "SVM is switched off (SVMDIS)";
}

static const struct vendor intel = {"IA32_FEATURE_CONTROL",
				    "Intel Virtualization Technology (VT-x, VMX)", intel_refuses};
static const struct vendor amd = {"VM_CR", "SVM Mode (AMD-V)", amd_refuses};

static void add_setup_remedy(struct bfm_finding *finding, const struct bfm_facts *facts,
			     const struct vendor *vendor)
{
	if (facts->cpu.under_hypervisor)
		bfm_text_printf(&finding->remedy,
				"switch nested virtualization on in the hypervisor outside");
	else
		bfm_text_printf(&finding->remedy,
				"switch \"%s\" on in the firmware setup, save, then switch the "
				"machine off and on",
				vendor->setting);
}

/* What to do about an MSR that cannot be read. */
static const char *access_remedy(int error)
{
	if (error == ENOENT || error == ENXIO || error == ENODEV)
		return "load the MSR driver and check again: modprobe msr";
	if (error == EACCES || error == EPERM)
		return "check again as root";
	return "see the kernel's log";
}

/* Without the register, the kernel's list of CPU flags is a witness; for SVM only since 6.7. */
static enum bfm_answer kernel_says(const struct bfm_facts *facts)
{
	const struct bfm_kernel_facts *kernel = &facts->kernel;

	if (facts->cpu.vmx)
		return kernel->sees_vmx;
	if (kernel->sees_svm != BFM_YES)
		return kernel->sees_svm;
	return kernel->major > 6 || (kernel->major == 6 && kernel->minor >= 7) ? BFM_YES
									       : BFM_UNKNOWN;
}

static void judge_without_msr(const struct bfm_facts *facts, const struct vendor *vendor,
			      uint32_t at, struct bfm_finding *finding)
{
	const char *remedy = access_remedy(facts->firmware[at].error);

	switch (kernel_says(facts)) {
	case BFM_YES:
		bfm_found(finding, BFM_MET, "the kernel finds it switched on");
		break;
	case BFM_NO:
		bfm_found(finding, BFM_UNMET, "the kernel finds it switched off");
		add_setup_remedy(finding, facts, vendor);
		break;
	default:
		bfm_found(finding, BFM_UNCLEAR, "CPU %" PRIu32 ": %s cannot be read",
			  facts->cpu_number[at], vendor->msr);
		bfm_text_add(&finding->remedy, remedy);
	}
}

static void judge_cpus(const struct bfm_facts *facts, const struct vendor *vendor,
		       struct bfm_finding *finding)
{
	uint32_t unread = UINT32_MAX;

	for (uint32_t i = 0; i < facts->cpus && i < BF_MAX_CPUS; i++) {
		uint64_t value = facts->firmware[i].value;

		if (facts->firmware[i].error) {
			unread = unread == UINT32_MAX ? i : unread;
		} else if (vendor->refuses(value)) {
			bfm_found(finding, BFM_UNMET, "CPU %" PRIu32 ": %s = 0x%" PRIx64 ": %s",
				  facts->cpu_number[i], vendor->msr, value, vendor->refuses(value));
			add_setup_remedy(finding, facts, vendor);
			return;
		}
	}
	if (unread != UINT32_MAX)
		judge_without_msr(facts, vendor, unread, finding);
	else
		bfm_found(finding, BFM_MET,
			  "%s allows it on every CPU (CPU %" PRIu32 ": 0x%" PRIx64 ")", vendor->msr,
			  facts->cpu_number[0], facts->firmware[0].value);
}

static void judge_nothing(struct bfm_finding *finding)
{
	bfm_found(finding, BFM_UNCLEAR, "the CPUs cannot be found out");
	bfm_text_add(&finding->remedy, "mount /sys");
}

void bfm_judge_firmware(const struct bfm_facts *facts, struct bfm_finding *finding)
{
	if (facts->driver.state == BF_STATE_RUNNING)
		bfm_found(finding, BFM_MET, "a VMM runs now, so virtualization is on");
	else if (!facts->cpus)
		judge_nothing(finding);
	else if (facts->cpu.vmx)
		judge_cpus(facts, &intel, finding);
	else if (facts->cpu.svm)
		judge_cpus(facts, &amd, finding);
	else
		bfm_found(finding, BFM_UNMET,
			  "there is nothing to switch on without VT-x or AMD-V");
}
