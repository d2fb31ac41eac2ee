/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Kernels whose syscore operations take an argument. */
#include <linux/syscore_ops.h>
#include "bareframe.h"

static int suspend(void *data)
{
	return power_suspend();
}

static void resume(void *data)
{
	power_resume();
}

static const struct syscore_ops ops = {
	.suspend = suspend,
	.resume = resume,
};

static struct syscore syscore = {
	.ops = &ops,
};

void syscore_init(void)
{
	register_syscore(&syscore);
}

void syscore_exit(void)
{
	unregister_syscore(&syscore);
}
