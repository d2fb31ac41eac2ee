/* SPDX-License-Identifier: MIT */
#include "require.h"

#include <bfabi/ioctl.h>
#include <inttypes.h>

#define MIB (1024.0 * 1024.0)

void bfm_judge_64bit(const struct bfm_facts *facts, struct bfm_finding *finding)
{
	if (facts->cpu.long_mode) {
		bfm_found(finding, BFM_MET, "%s", facts->cpu.vendor);
		return;
	}
	bfm_found(finding, BFM_UNMET, "%s: CPUID 0x80000001 lists no long mode", facts->cpu.vendor);
	bfm_text_add(&finding->remedy, "use a 64-bit CPU");
}

void bfm_judge_virtualization(const struct bfm_facts *facts, struct bfm_finding *finding)
{
	const struct bfm_cpu_facts *cpu = &facts->cpu;

	if (cpu->vmx || cpu->svm) {
		bfm_found(finding, BFM_MET, "%s", cpu->vmx ? "Intel VT-x" : "AMD-V (SVM)");
		return;
	}
	if (facts->driver.state == BF_STATE_RUNNING) {
		bfm_found(finding, BFM_MET, "taken by the VMM that runs now");
		return;
	}
	bfm_found(finding, BFM_UNMET, "%s: CPUID lists neither VMX nor SVM", cpu->vendor);
	if (cpu->under_hypervisor)
		bfm_text_printf(&finding->remedy,
				"this is a virtual machine: switch nested virtualization on in the "
				"hypervisor outside (%s)",
				cpu->hypervisor[0] ? cpu->hypervisor : "unnamed");
	else
		bfm_text_add(&finding->remedy,
			     "use a CPU with VT-x or AMD-V; some firmware hides it until "
			     "virtualization is switched on in its setup");
}

void bfm_judge_nesting(const struct bfm_facts *facts, struct bfm_finding *finding)
{
	const struct bfm_cpu_facts *cpu = &facts->cpu;
	const char *name = cpu->hypervisor[0] ? cpu->hypervisor : "one without a name";

	if (!cpu->under_hypervisor) {
		bfm_found(finding, BFM_NOTE, "none: this looks like a bare machine");
		return;
	}
	if (facts->driver.state == BF_STATE_RUNNING)
		bfm_found(finding, BFM_NOTE, "%s; that may be the VMM that runs now", name);
	else if (cpu->vmx || cpu->svm)
		bfm_found(finding, BFM_NOTE, "%s; it offers nested virtualization", name);
	else
		bfm_found(finding, BFM_NOTE,
			  "%s; it offers no nested virtualization (KVM: nested=1 and -cpu host)",
			  name);
}

/* A feature, by its bit in a word. */
struct feature {
	uint32_t mask;
	const char *name;
};

static const struct feature vmx_features[] = {
	{1U << 1, "EPT"},      {1U << 5, "VPID"},    {1U << 7, "unrestricted guest"},
	{1U << 12, "INVPCID"}, {1U << 20, "XSAVES"}, {0, NULL},
};

static const struct feature svm_features[] = {
	{1U << 0, "NPT"},
	{1U << 3, "next RIP"},
	{1U << 5, "clean bits"},
	{1U << 6, "flush by ASID"},
	{1U << 7, "decode assists"},
	{1U << 16, "vGIF"},
	{0, NULL},
};

static void list_features(struct bfm_text *text, const struct feature *feature, uint32_t word)
{
	const char *comma = "";

	for (; feature->name; feature++) {
		if (!(word & feature->mask))
			continue;
		bfm_text_printf(text, "%s%s", comma, feature->name);
		comma = ", ";
	}
	if (!*comma)
		bfm_text_add(text, "no optional feature");
}

static void judge_vmx_features(const struct bfm_facts *facts, struct bfm_finding *finding)
{
	/* The upper half of a control's MSR says which bits may be 1. */
	bool secondary = facts->vmx_primary.value >> 63;

	if (facts->vmx_primary.error || (secondary && facts->vmx_secondary.error)) {
		bfm_found(finding, BFM_NOTE, "IA32_VMX_PROCBASED_CTLS cannot be read");
		return;
	}
	bfm_found(finding, BFM_NOTE, "%s", "");
	list_features(&finding->message, vmx_features,
		      secondary ? (uint32_t)(facts->vmx_secondary.value >> 32) : 0);
}

void bfm_judge_features(const struct bfm_facts *facts, struct bfm_finding *finding)
{
	if (facts->cpu.vmx) {
		judge_vmx_features(facts, finding);
	} else if (facts->cpu.svm) {
		bfm_found(finding, BFM_NOTE, "%s", "");
		list_features(&finding->message, svm_features, facts->cpu.svm_leaf.edx);
		bfm_text_printf(&finding->message, "; %" PRIu32 " ASIDs", facts->cpu.svm_leaf.ebx);
	} else {
		bfm_found(finding, BFM_NOTE, "none without VT-x or AMD-V");
	}
}

void bfm_judge_count(const struct bfm_facts *facts, struct bfm_finding *finding)
{
	if (!facts->cpus) {
		bfm_found(finding, BFM_UNCLEAR, "the number of CPUs cannot be found out");
		bfm_text_add(&finding->remedy, "mount /sys");
		return;
	}
	if (facts->cpus_possible > BF_MAX_CPUS || facts->cpus > BF_MAX_CPUS) {
		bfm_found(finding, BFM_UNMET, "%" PRIu32 " online, up to %" PRIu32 " possible",
			  facts->cpus, facts->cpus_possible);
		bfm_text_printf(&finding->remedy,
				"Bareframe runs up to %d CPUs: boot with nr_cpus=%d", BF_MAX_CPUS,
				BF_MAX_CPUS);
		return;
	}
	bfm_found(finding, BFM_MET, "%" PRIu32 " online", facts->cpus);
	if (facts->cpus_possible > facts->cpus)
		bfm_text_printf(&finding->message, ", up to %" PRIu32 " possible",
				facts->cpus_possible);
}

/* The default pool, an image with its tables, and for each CPU stacks, log and control blocks. */
static uint64_t memory_needed(uint32_t cpus)
{
	return BF_POOL_DEFAULT + (8UL << 20) + cpus * (256UL << 10);
}

void bfm_judge_memory(const struct bfm_facts *facts, struct bfm_finding *finding)
{
	uint64_t needed = memory_needed(facts->cpus);
	double have = (double)facts->memory_free / MIB;

	if (!facts->memory_free) {
		bfm_found(finding, BFM_UNCLEAR, "the free memory cannot be found out");
		bfm_text_add(&finding->remedy, "mount /proc");
	} else if (facts->memory_free < needed) {
		bfm_found(finding, BFM_UNMET, "%.0f MiB free, a VMM takes about %.0f MiB", have,
			  (double)needed / MIB);
		bfm_text_add(&finding->remedy, "end some programs");
	} else {
		bfm_found(finding, BFM_MET, "%.0f MiB free, a VMM takes about %.0f MiB", have,
			  (double)needed / MIB);
	}
}
