/* SPDX-License-Identifier: MIT */
/* Turning VMX on and off (SDM volume 3, "Enabling and Entering VMX Operation"). */
#include <stddef.h>
#include <bfhw/phys.h>
#include <bfvmm/mem.h>
#include <bfvmm/msr.h>
#include <bfvmm/report.h>
#include <vmx/vmx.h>

#define CPUID_1_ECX_VMX (1u << 5)

bool bf_vmx_present(void)
{
	return bf_hw_cpuid(1, 0).ecx & CPUID_1_ECX_VMX;
}

/* Whether firmware and other software leave VMX to us on this CPU. */
int bf_vmx_allowed(struct bf_report *report)
{
	uint64_t control = bf_hw_rdmsr(MSR_IA32_FEATURE_CONTROL);
	uint64_t cr4 = bf_hw_read_cr4();

	if ((control & FEATURE_CONTROL_LOCK) && !(control & FEATURE_CONTROL_OUTSIDE_SMX))
		return bf_report(report, BF_EFIRMWARE, "IA32_FEATURE_CONTROL", control,
				 "locked with VMX off: enable VT-x (Intel Virtualization "
				 "Technology) in the firmware setup, then power off and on");
	if (cr4 & CR4_VMXE)
		return bf_report(report, BF_EBUSY, "CR4.VMXE", cr4,
				 "VMX is on already: stop the other hypervisor and its VMs first");
	return 0;
}

static int check_world(const struct bf_pcpu *pcpu, struct bf_report *report)
{
	uint64_t cr4 = pcpu->sw ? pcpu->sw->world.cr4 : 0;

	if (!(cr4 & CR4_VMXE))
		return 0;
	return bf_report(report, BF_EBUSY, "CR4.VMXE", cr4,
			 "VMX is on already: stop the other hypervisor and its VMs first");
}

/* What follows from the MSRs, at the end of the structure, is the same then too. */
static bool same_caps(const struct bf_vmx_caps *caps)
{
	return !memcmp(caps, &bf_vmx_caps, offsetof(struct bf_vmx_caps, efer));
}

/* All CPUs run with the controls that the first one has offered. */
static int check_caps(struct bf_report *report)
{
	struct bf_vmx_caps caps;

	bf_vmx_caps_read(&caps);
	if (same_caps(&caps))
		return 0;
	return bf_report(report, BF_EFEATURE, "VMX capability MSRs", caps.basic,
			 "must be the same on all CPUs; update the firmware or its microcode");
}

static void unlock(void)
{
	uint64_t control = bf_hw_rdmsr(MSR_IA32_FEATURE_CONTROL);

	if (!(control & FEATURE_CONTROL_LOCK))
		bf_hw_wrmsr(MSR_IA32_FEATURE_CONTROL,
			    control | FEATURE_CONTROL_OUTSIDE_SMX | FEATURE_CONTROL_LOCK);
}

static int vmxon(struct bf_vmx_cpu *cpu, struct bf_report *report)
{
	*(uint32_t *)cpu->vmxon = (uint32_t)(bf_vmx_caps.basic & VMX_BASIC_REVISION);
	bf_hw_write_cr0((bf_hw_read_cr0() | bf_vmx_caps.cr0_fixed0) & bf_vmx_caps.cr0_fixed1);
	bf_hw_write_cr4(bf_hw_read_cr4() | bf_vmx_caps.cr4_fixed0);
	if (bf_hw_vmxon(bf_virt_to_phys(cpu->vmxon)))
		return 0;
	bf_hw_write_cr4(bf_hw_read_cr4() & ~CR4_VMXE);
	return bf_report(
		report, BF_EBUSY, "VMXON", bf_virt_to_phys(cpu->vmxon),
		"VMXON failed: stop the other hypervisor, or power the machine off and on");
}

static void release(struct bf_pcpu *pcpu)
{
	struct bf_vmx_cpu *cpu = pcpu->arch;

	pcpu->arch = NULL;
	bf_pages_free(cpu->vmxon, 1);
	bf_pages_free(cpu, 1);
}

static int allocate(struct bf_pcpu *pcpu, struct bf_report *report)
{
	struct bf_vmx_cpu *cpu = bf_pages_alloc(1);
	void *vmxon = bf_pages_alloc(1);

	if (!cpu || !vmxon) {
		bf_pages_free(cpu, 1);
		bf_pages_free(vmxon, 1);
		return bf_report(report, BF_ENOMEM, "VMXON region", 0,
				 "the page pool is used up: load with a larger one "
				 "(bfm load --pool)");
	}
	cpu->vmxon = vmxon;
	pcpu->arch = cpu;
	return 0;
}

int bf_vmx_cpu_on(struct bf_pcpu *pcpu, struct bf_report *report)
{
	int status = bf_vmx_allowed(report);

	if (!status)
		status = check_world(pcpu, report);
	if (!status)
		status = check_caps(report);
	if (!status)
		status = allocate(pcpu, report);
	if (status)
		return status;
	unlock();
	status = vmxon(pcpu->arch, report);
	if (status)
		release(pcpu);
	pcpu->on = !status;
	return status;
}

void bf_vmx_cpu_off(struct bf_pcpu *pcpu)
{
	if (!pcpu->on)
		return;
	bf_hw_vmxoff();
	bf_hw_write_cr4(bf_hw_read_cr4() & ~CR4_VMXE);
	pcpu->on = false;
	release(pcpu);
}
