/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the machine does in ring 0, one line for each probe, the same in every run: bare and under
 * a hypervisor the lines must be identical, except those whose name begins with hv- or virt-.
 * The probes run when the module is loaded; /proc/bf_probe shows the lines, to root only.
 */
#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include "bf_probe.h"
#include "output.h"

static unsigned int cpu;
module_param(cpu, uint, 0400);
MODULE_PARM_DESC(cpu, "the CPU that the probes run on (0)");

bool bf_hazards;
module_param_named(hazards, bf_hazards, bool, 0400);
MODULE_PARM_DESC(hazards,
		 "also bad values of CR0, CR3, CR4, EFER, which QEMU does not survive (no)");

bool bf_invd;
module_param_named(invd, bf_invd, bool, 0400);
MODULE_PARM_DESC(invd, "also INVD, which loses data on a machine that has caches (no)");

static int run_probes(void *unused)
{
	static void (*const groups[])(void) = {
		probe_virt,       probe_step,      probe_shadow, probe_interrupts,  probe_loops,
		probe_nmi,        probe_msr,       probe_xcr,    probe_control,     probe_debug,
		probe_privileged, probe_registers, probe_state,  probe_breakpoints, probe_hazards,
	};
	bool enabled = xcr_enable();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(groups); i++)
		groups[i]();
	if (enabled)
		xcr_disable();
	return 0;
}

static int show(struct seq_file *file, void *unused)
{
	size_t length;
	const char *text = output(&length);

	seq_write(file, text, length);
	return 0;
}

static int __init bf_probe_init(void)
{
	int ret;

	if (!cpu_online(cpu))
		return -EINVAL;
	ret = traps_install();
	if (ret)
		return ret;
	ret = smp_call_on_cpu(cpu, run_probes, NULL, false);
	traps_remove();
	if (ret)
		return ret;
	return proc_create_single("bf_probe", 0400, NULL, show) ? 0 : -ENOMEM;
}

static void __exit bf_probe_exit(void)
{
	remove_proc_entry("bf_probe", NULL);
}

module_init(bf_probe_init);
module_exit(bf_probe_exit);
MODULE_DESCRIPTION("What the machine does in ring 0");
MODULE_LICENSE("Dual MIT/GPL");
