/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/smp.h>
#include "bareframe.h"

static int hotplug_state;

int cpus_online(void *os, uint32_t cpu)
{
	return cpu < nr_cpu_ids && cpu_online(cpu);
}

int cpus_run(void *os, uint32_t cpu, void (*fn)(void *), void *arg)
{
	/* The last CPU before a suspend runs with interrupts off: no IPI there, and no need. */
	if (irqs_disabled()) {
		if (cpu != smp_processor_id())
			return BF_ECPU;
		fn(arg);
		return 0;
	}
	return smp_call_function_single(cpu, fn, arg, 1) ? BF_ECPU : 0;
}

static void complain(unsigned int cpu, const char *when)
{
	pr_err("%s: CPU %u, %s: %s: %s\n", KBUILD_MODNAME, cpu, when, bareframe.report.what,
	       bareframe.report.rule);
}

/* On the CPU itself. An error keeps it offline: all CPUs are under the VMM, or none. */
static int online(unsigned int cpu)
{
	int ret;

	control_lock_hotplug();
	ret = bf_loader_cpu_up(&bareframe, cpu);
	if (ret)
		complain(cpu, "coming online");
	control_unlock_hotplug();
	return control_errno(ret);
}

static int offline(unsigned int cpu)
{
	int ret;

	control_lock_hotplug();
	ret = bf_loader_cpu_down(&bareframe, cpu);
	if (ret)
		complain(cpu, "going offline");
	control_unlock_hotplug();
	return control_errno(ret);
}

int cpus_init(void)
{
	int ret =
		cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "bareframe:online", online, offline);

	if (ret < 0)
		return ret;
	hotplug_state = ret;
	return 0;
}

void cpus_exit(void)
{
	cpuhp_remove_state_nocalls(hotplug_state);
}
