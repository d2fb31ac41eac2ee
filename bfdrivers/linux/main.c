/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <linux/module.h>
#include "bareframe.h"

static const struct {
	int (*init)(void);
	void (*exit)(void);
} parts[] = {
	{control_init, control_exit},
	{cpus_init, cpus_exit},
	{power_init, power_exit},
	{device_init, device_exit},
};

static void exit_parts(int count)
{
	while (count--)
		parts[count].exit();
}

static int __init bareframe_init(void)
{
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(parts); i++) {
		int ret = parts[i].init();

		if (ret) {
			exit_parts(i);
			return ret;
		}
	}
	return 0;
}

static void __exit bareframe_exit(void)
{
	exit_parts(ARRAY_SIZE(parts));
}

module_init(bareframe_init);
module_exit(bareframe_exit);
MODULE_DESCRIPTION("Loader of the Bareframe VMM");
MODULE_VERSION(BAREFRAME_RELEASE);
MODULE_LICENSE("Dual MIT/GPL");
