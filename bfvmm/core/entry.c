/* SPDX-License-Identifier: MIT */
/* The image's entry point: a CPU arrives here from the world switch. */
#include <bfhw/this_cpu.h>
#include <bfvmm/entry.h>
#include <bfvmm/machine.h>
#include <bfvmm/report.h>
#include <bfvmm/tables.h>

static struct bf_pcpu pcpus[BF_MAX_CPUS];

static struct bf_pcpu *arrive(struct bf_switch *sw)
{
	struct bf_pcpu *pcpu = &pcpus[sw->cpu];

	pcpu->index = (uint32_t)sw->cpu;
	pcpu->sw = sw;
	pcpu->back = sw->back;
	atomic_store(&pcpu->halted, false);
	atomic_store(&pcpu->kicked, false);
	pcpu->stack_top = BF_VA_STACKS + sw->cpu * BF_STACK_WINDOW + BF_STACK_MAIN_TOP;
	bf_set_this_pcpu(pcpu);
	bf_tables_load(pcpu);
	return pcpu;
}

int64_t bf_vmm_entry(uint64_t boot_va, struct bf_switch *sw, uint64_t op)
{
	struct bf_boot *boot = (struct bf_boot *)boot_va;
	struct bf_pcpu *pcpu;

	if (sw->cpu >= BF_MAX_CPUS)
		return BF_ERANGE;
	pcpu = arrive(sw);
	if (boot->magic != BF_BOOT_MAGIC || boot->version != BF_BOOT_VERSION ||
	    boot->size != sizeof(*boot))
		return bf_report(&boot->report, BF_EVERSION, "bf_boot.version", boot->version,
				 "the VMM has boot ABI %u: use a loader of the same release",
				 BF_BOOT_VERSION);
	switch (op) {
	case BF_OP_INIT:
		return bf_machine_init(boot);
	case BF_OP_START:
		return bf_cpu_start(boot, pcpu);
	case BF_OP_FINI:
		return bf_machine_fini(boot);
	default:
		return bf_report(&boot->report, BF_EINVAL, "operation", op, "1 … 3 expected");
	}
}
