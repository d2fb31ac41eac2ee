/* SPDX-License-Identifier: MIT */
/* SVM on and off on one CPU. */
#include <stddef.h>
#include <bfhw/hw.h>
#include <bfhw/phys.h>
#include <bfvmm/mem.h>
#include <bfvmm/msr.h>
#include <svm/svm.h>

#define CPUID_1_ECX_XSAVE (1u << 26)

/* What the machine had there before us; the control VM goes on reading and writing it. */
static uint64_t guest_hsave[BF_MAX_CPUS];

uint64_t *bf_svm_guest_hsave(const struct bf_pcpu *pcpu)
{
	return &guest_hsave[pcpu->index];
}

/* The VMM executes the guest's XSETBV; where firmware started it, nobody has set OSXSAVE yet. */
static void enable_xsetbv(void)
{
	if (bf_hw_cpuid(1, 0).ecx & CPUID_1_ECX_XSAVE)
		bf_hw_write_cr4(bf_hw_read_cr4() | CR4_OSXSAVE);
}

static int enable(struct bf_pcpu *pcpu, struct bf_report *report)
{
	uint64_t efer = bf_hw_rdmsr(MSR_IA32_EFER);

	if (efer & EFER_SVME)
		return bf_report(report, BF_EBUSY, "EFER.SVME", efer,
				 "SVM is in use: stop the other hypervisor's virtual machines and "
				 "unload it (for KVM: modprobe -r kvm_amd)");
	if (!bf_hw_wrmsr_safe(MSR_IA32_EFER, efer | EFER_SVME) ||
	    !(bf_hw_rdmsr(MSR_IA32_EFER) & EFER_SVME))
		return bf_report(report, BF_EFIRMWARE, "EFER.SVME", efer,
				 "the CPU does not let SVM be enabled: enable \"SVM Mode\" in the "
				 "firmware's setup");
	(void)bf_hw_rdmsr_safe(MSR_VM_HSAVE_PA, bf_svm_guest_hsave(pcpu));
	if (bf_hw_wrmsr_safe(MSR_VM_HSAVE_PA, bf_virt_to_phys(pcpu->arch)))
		return 0;
	bf_hw_wrmsr(MSR_IA32_EFER, efer);
	return bf_report(report, BF_EFEATURE, "VM_HSAVE_PA", bf_virt_to_phys(pcpu->arch),
			 "the CPU refuses the address of the host save area");
}

int bf_svm_cpu_on(struct bf_pcpu *pcpu, struct bf_report *report)
{
	int status;

	/* After an INIT there was nobody left to free it (see window.c). */
	bf_pages_free(pcpu->arch, 1);
	pcpu->arch = bf_pages_alloc(1);
	if (!pcpu->arch)
		return bf_report(report, BF_ENOMEM, "host save area", 0,
				 "the page pool is used up: load with a larger one");
	status = enable(pcpu, report);
	if (status) {
		bf_pages_free(pcpu->arch, 1);
		pcpu->arch = NULL;
	}
	pcpu->on = !status;
	if (!status)
		enable_xsetbv();
	return status;
}

void bf_svm_cpu_off(struct bf_pcpu *pcpu)
{
	if (!pcpu->on)
		return;
	pcpu->on = false;
	/* NMIs that came since the last exit are taken here, by the VMM's handler. */
	bf_hw_stgi();
	(void)bf_hw_wrmsr_safe(MSR_VM_HSAVE_PA, *bf_svm_guest_hsave(pcpu));
	bf_hw_wrmsr(MSR_IA32_EFER, bf_hw_rdmsr(MSR_IA32_EFER) & ~EFER_SVME);
	bf_pages_free(pcpu->arch, 1);
	pcpu->arch = NULL;
}
