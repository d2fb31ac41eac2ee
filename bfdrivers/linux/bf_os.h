/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the common code needs of its environment: the Linux kernel.
 */
#ifndef BF_OS_H
#define BF_OS_H

#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>

#endif
