/* SPDX-License-Identifier: MIT */
/* What this CPU has of AMD-V, and whether it lets us use it. */
#include <bfhw/hw.h>
#include <bfvmm/msr.h>
#include <svm/svm.h>

#define LEAF_STRUCTURED 7u
#define LEAF_MAX        0x80000000u
#define LEAF_FEATURES   0x80000001u
#define LEAF_ADDRESSES  0x80000008u
#define LEAF_SVM        0x8000000au
#define FEATURE_ECX_SVM (1u << 2)
#define FEATURE_EDX_1G  (1u << 26)

#define STRUCTURED_ECX_SHSTK (1u << 7)

/* CPUID 0x8000000a EDX */
#define SVM_NP             (1u << 0)
#define SVM_LBR_VIRT       (1u << 1)
#define SVM_NRIPS          (1u << 3)
#define SVM_VMCB_CLEAN     (1u << 5)
#define SVM_FLUSH_ASID     (1u << 6)
#define SVM_DECODE_ASSIST  (1u << 7)
#define SVM_VIRT_SPEC_CTRL (1u << 20)

#define VM_CR_LOCK   (1u << 3)
#define VM_CR_SVMDIS (1u << 4)

/* Groups of fields that we keep track of; those behind them are features that we do not use. */
#define CLEAN_USED (SVM_CLEAN_ALL & ~SVM_CLEAN_AVIC)

struct bf_svm_caps bf_svm_caps;

bool bf_svm_present(void)
{
	if (bf_hw_cpuid(LEAF_MAX, 0).eax < LEAF_SVM)
		return false;
	return bf_hw_cpuid(LEAF_FEATURES, 0).ecx & FEATURE_ECX_SVM;
}

static int allowed_by_firmware(struct bf_report *report)
{
	uint64_t vm_cr;

	/* A machine that is itself virtual may have no VM_CR: then nothing forbids SVM. */
	if (!bf_hw_rdmsr_safe(MSR_VM_CR, &vm_cr) || !(vm_cr & VM_CR_SVMDIS))
		return 0;
	return bf_report(report, BF_EFIRMWARE, "VM_CR.SVMDIS", vm_cr, "%s",
			 vm_cr & VM_CR_LOCK
				 ? "firmware has disabled SVM and locked that: enable \"SVM Mode\" "
				   "(AMD-V, virtualization) in the firmware's setup"
				 : "SVM is disabled but not locked: enable \"SVM Mode\" in the "
				   "firmware's setup, or clear bit 4 of MSR 0xc0010114");
}

static bool has_shadow_stacks(void)
{
	return bf_hw_cpuid(0, 0).eax >= LEAF_STRUCTURED &&
	       (bf_hw_cpuid(LEAF_STRUCTURED, 0).ecx & STRUCTURED_ECX_SHSTK);
}

static void learn(struct bf_svm_caps *caps)
{
	struct bf_hw_cpuid svm = bf_hw_cpuid(LEAF_SVM, 0);
	uint8_t pa_bits = bf_hw_cpuid(LEAF_ADDRESSES, 0).eax & 0xff;

	*caps = (struct bf_svm_caps){
		.npt = svm.edx & SVM_NP,
		.nrip = svm.edx & SVM_NRIPS,
		.decode_assist = svm.edx & SVM_DECODE_ASSIST,
		.lbrv = svm.edx & SVM_LBR_VIRT,
		.page_1g = bf_hw_cpuid(LEAF_FEATURES, 0).edx & FEATURE_EDX_1G,
		.flush = svm.edx & SVM_FLUSH_ASID ? SVM_TLB_FLUSH_ASID : SVM_TLB_FLUSH_ALL,
		.pa_bits = pa_bits ? pa_bits : 36,
		.clean = svm.edx & SVM_VMCB_CLEAN ? CLEAN_USED : 0,
		.asids = svm.ebx,
		.spec_ctrl = svm.edx & SVM_VIRT_SPEC_CTRL,
		.shadow_stack = has_shadow_stacks(),
	};
}

int bf_svm_setup(struct bf_report *report)
{
	int status = allowed_by_firmware(report);

	if (status)
		return status;
	learn(&bf_svm_caps);
	if (bf_svm_caps.asids < 2)
		return bf_report(report, BF_EFEATURE, "CPUID 0x8000000a EBX", bf_svm_caps.asids,
				 "at least 2 address-space identifiers are needed");
	return 0;
}
