/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Suspend and hibernation take all CPUs but one offline, which cpus.c hears of; what is left is
 * that one. Before a reboot, a power-off or a kexec all CPUs go back to the bare machine.
 */
#include <linux/limits.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include "bareframe.h"

/* On the last CPU, interrupts off, tasks frozen: no one else is there to lock out. */
int power_suspend(void)
{
	return control_errno(bf_loader_suspend(&bareframe));
}

void power_resume(void)
{
	if (bf_loader_resume(&bareframe))
		pr_err("%s: no VMM after resume: %s: %s\n", KBUILD_MODNAME, bareframe.report.what,
		       bareframe.report.rule);
	control_settle();
}

static int reboot(struct notifier_block *block, unsigned long event, void *data)
{
	control_lock();
	if (bareframe.state == BF_STATE_RUNNING && bf_loader_stop(&bareframe))
		pr_err("%s: the VMM did not stop for the reboot: %s: %s\n", KBUILD_MODNAME,
		       bareframe.report.what, bareframe.report.rule);
	control_settle();
	control_unlock();
	return NOTIFY_DONE;
}

/* First of all: the others should find the machine as it is. */
static struct notifier_block reboot_block = {
	.notifier_call = reboot,
	.priority = INT_MAX,
};

int power_init(void)
{
	int ret = register_reboot_notifier(&reboot_block);

	if (!ret)
		syscore_init();
	return ret;
}

void power_exit(void)
{
	syscore_exit();
	unregister_reboot_notifier(&reboot_block);
}
