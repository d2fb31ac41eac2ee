/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <linux/cpumask.h>
#include <linux/efi.h>
#include <linux/mem_encrypt.h>
#include <linux/smp.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>
#include <asm/special_insns.h>
#include <bfload/report.h>
#include <bfload/switch.h>
#include "bareframe.h"

static int check(struct bf_report *report)
{
	if (sme_get_me_mask())
		return bf_report_set(report, BF_ENOTSUP, "memory encryption (SME)",
				     sme_get_me_mask(), "must be off: boot with mem_encrypt=off");
	if (nr_cpu_ids > BF_MAX_CPUS)
		return bf_report_set(report, BF_ERANGE, "number of possible CPUs", nr_cpu_ids,
				     "must not exceed 256: boot with nr_cpus=256");
	return 0;
}

static uint64_t rsdp(void)
{
	if (efi.acpi20 != EFI_INVALID_TABLE_ADDR)
		return efi.acpi20;
	return efi.acpi != EFI_INVALID_TABLE_ADDR ? efi.acpi : 0;
}

static void describe_cpus(struct bf_machine *machine)
{
	unsigned int i;

	machine->cpu_count = nr_cpu_ids;
	for (i = 0; i < nr_cpu_ids; i++) {
		if (cpu_possible(i))
			machine->apic_id[i] = cpu_physical_id(i);
	}
}

int machine_describe(void *os, struct bf_machine *machine, struct bf_report *report)
{
	int ret = check(report);

	if (ret)
		return ret;
	machine->loader = BF_LOADER_LINUX;
	machine->la57 = !!(native_read_cr4() & X86_CR4_LA57);
	machine->pages_1g = boot_cpu_has(X86_FEATURE_GBPAGES);
	machine->amd = boot_cpu_data.x86_vendor == X86_VENDOR_AMD ||
		       boot_cpu_data.x86_vendor == X86_VENDOR_HYGON;
	machine->rsdp_pa = rsdp();
	machine->apic_pa = boot_cpu_has(X86_FEATURE_APIC) ? bf_host_apic_pa() : 0;
	describe_cpus(machine);
	return ram_describe(machine, report);
}
