/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* /dev/bareframe: takes a request's record in and out, and locks. */
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "bareframe.h"

static int open(struct inode *inode, struct file *file)
{
	return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

static void *copy_in(unsigned int number, const void __user *user)
{
	if (_IOC_DIR(number) & _IOC_WRITE)
		return memdup_user(user, _IOC_SIZE(number));
	return kzalloc(_IOC_SIZE(number), GFP_KERNEL) ?: ERR_PTR(-ENOMEM);
}

/* The number holds version and size of the record; the record says its size again. */
static bool size_fits(unsigned int number, const void *record)
{
	return !(_IOC_DIR(number) & _IOC_WRITE) || *(const u32 *)record == _IOC_SIZE(number);
}

static int run(const struct request *request, void *record)
{
	int ret;

	control_lock();
	ret = request->run(record);
	control_settle();
	control_unlock();
	return control_errno(ret);
}

static long ioctl(struct file *file, unsigned int number, unsigned long argument)
{
	const struct request *request = requests_find(number);
	void __user *user = (void __user *)argument;
	void *record;
	long ret;

	if (!request)
		return -ENOTTY;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	record = copy_in(number, user);
	if (IS_ERR(record))
		return PTR_ERR(record);
	ret = -EINVAL;
	if (size_fits(number, record)) {
		ret = run(request, record);
		if (copy_to_user(user, record, _IOC_SIZE(number)))
			ret = -EFAULT;
	}
	kfree(record);
	return ret;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = open,
	.unlocked_ioctl = ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = BF_DEVICE,
	.fops = &operations,
	.mode = 0600,
};

int device_init(void)
{
	return misc_register(&device);
}

void device_exit(void)
{
	misc_deregister(&device);
}
