/* SPDX-License-Identifier: MIT */
/**
 * @file
 * As much of Linux as the requests of the control device need, for the host. The build makes the
 * headers of these names from it. User memory is one block; an address outside of it faults.
 */
#ifndef BF_FUZZ_KERNEL_H
#define BF_FUZZ_KERNEL_H

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <linux/ioctl.h>

typedef uint32_t u32;
typedef uint64_t u64;

struct inode;
struct file;

struct file_operations {
	void *owner;
	int (*open)(struct inode *inode, struct file *file);
	long (*unlocked_ioctl)(struct file *file, unsigned int number, unsigned long argument);
	void *compat_ioctl, *llseek;
};

struct miscdevice {
	int minor;
	const char *name;
	const struct file_operations *fops;
	unsigned int mode;
};

/** What the driver has registered. */
extern const struct file_operations *fuzz_device;

/** The block of user memory, and whether whoever asks is root. */
extern uint8_t *fuzz_user;
extern size_t fuzz_user_bytes;
extern bool fuzz_root;

#define __user
#define ARRAY_SIZE(array)    (sizeof(array) / sizeof((array)[0]))
#define ERR_PTR(code)        ((void *)(intptr_t)(code))
#define PTR_ERR(pointer)     ((long)(intptr_t)(pointer))
#define IS_ERR(pointer)      ((uintptr_t)(pointer) >= (uintptr_t)-4095)
#define u64_to_user_ptr(va)  ((void *)(uintptr_t)(va))
#define kzalloc(bytes, kind) calloc(1, bytes)
#define kfree(block)         free(block)
#define vmalloc(bytes)       malloc(bytes)
#define vfree(block)         free(block)
#define capable(right)       fuzz_root
#define noop_llseek          NULL
#define compat_ptr_ioctl     NULL
#define MISC_DYNAMIC_MINOR   255
#define THIS_MODULE          NULL

static inline bool fuzz_user_has(const void *at, size_t bytes)
{
	uintptr_t offset = (uintptr_t)at - (uintptr_t)fuzz_user;

	return offset <= fuzz_user_bytes && bytes <= fuzz_user_bytes - offset;
}

static inline unsigned long copy_from_user(void *to, const void *from, size_t bytes)
{
	if (!fuzz_user_has(from, bytes))
		return bytes;
	memcpy(to, from, bytes);
	return 0;
}

static inline unsigned long copy_to_user(void *to, const void *from, size_t bytes)
{
	if (!fuzz_user_has(to, bytes))
		return bytes;
	memcpy(to, from, bytes);
	return 0;
}

static inline void *memdup_user(const void *from, size_t bytes)
{
	void *copy = malloc(bytes);

	if (copy && !copy_from_user(copy, from, bytes))
		return copy;
	free(copy);
	return ERR_PTR(-EFAULT);
}

static inline int misc_register(const struct miscdevice *device)
{
	fuzz_device = device->fops;
	return 0;
}

static inline void misc_deregister(const struct miscdevice *device)
{
	(void)device;
}

#endif
