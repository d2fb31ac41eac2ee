/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <linux/cpu.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/vmalloc.h>
#include <bfload/report.h>
#include "bareframe.h"

#define pr(level, text) printk(level KBUILD_MODNAME ": %s\n", text)

struct bf_loader bareframe;

static DEFINE_MUTEX(lock);
static void *image;
static bool held;

static void log_line(void *os, int level, const char *text)
{
	if (level == BF_LOG_ERROR)
		pr(KERN_ERR, text);
	else
		pr(KERN_INFO, text);
}

static const struct bf_loader_ops ops = {
	.alloc = memory_alloc,
	.free = memory_free,
	.to_va = memory_to_va,
	.to_pa = memory_to_pa,
	.machine = machine_describe,
	.cpu_online = cpus_online,
	.on_cpu = cpus_run,
	.log = log_line,
	.busy_remedy = "stop the virtual machines of KVM, VirtualBox or VMware, then unload their "
		       "modules (rmmod kvm_intel kvm_amd vboxdrv vmmon)",
};

/* In this order: hotplug callbacks hold the CPU lock when they come for ours. */
void control_lock(void)
{
	cpus_read_lock();
	mutex_lock(&lock);
}

void control_unlock(void)
{
	mutex_unlock(&lock);
	cpus_read_unlock();
}

void control_lock_hotplug(void)
{
	mutex_lock(&lock);
}

void control_unlock_hotplug(void)
{
	mutex_unlock(&lock);
}

void control_settle(void)
{
	bool running = bareframe.state == BF_STATE_RUNNING || bareframe.state == BF_STATE_SUSPENDED;

	if (running && !held)
		__module_get(THIS_MODULE);
	else if (held && !running)
		module_put(THIS_MODULE);
	held = running;
}

int control_errno(int code)
{
	switch (code) {
	case 0:
		return 0;
	case BF_ENOMEM:
		return -ENOMEM;
	case BF_EINVAL:
		return -EINVAL;
	case BF_ERANGE:
		return -ERANGE;
	case BF_EIMAGE:
	case BF_EVERSION:
		return -ENOEXEC;
	case BF_ESTATE:
	case BF_EBUSY:
		return -EBUSY;
	case BF_ENOENT:
		return -ENOENT;
	case BF_EFAULT:
		return -EFAULT;
	case BF_EPERM:
		return -EPERM;
	case BF_ENOVIRT:
	case BF_EFIRMWARE:
	case BF_EFEATURE:
	case BF_ENOTSUP:
		return -EOPNOTSUPP;
	default:
		return -EIO;
	}
}

int control_load(void *bytes, u64 size, const struct bf_load_options *options)
{
	int ret = bf_loader_load(&bareframe, bytes, size, options);

	if (!ret)
		image = bytes;
	return ret;
}

int control_unload(void)
{
	int ret = bf_loader_unload(&bareframe);

	if (ret)
		return ret;
	vfree(image);
	image = NULL;
	return 0;
}

int control_init(void)
{
	bf_loader_init(&bareframe, &ops, NULL);
	return 0;
}

/* No CPU runs the VMM: the module could not go. */
void control_exit(void)
{
	control_unload();
}
