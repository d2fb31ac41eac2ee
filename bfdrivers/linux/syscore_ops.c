/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Kernels whose syscore operations take no argument. */
#include <linux/syscore_ops.h>
#include "bareframe.h"

static struct syscore_ops ops = {
	.suspend = power_suspend,
	.resume = power_resume,
};

void syscore_init(void)
{
	register_syscore_ops(&ops);
}

void syscore_exit(void)
{
	unregister_syscore_ops(&ops);
}
