/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The control device: what bfm asks of a loader. The same records serve every OS.
 *
 * The device is for root alone. Every request is checked for version, size and state before
 * anything is touched.
 */
#ifndef BFABI_IOCTL_H
#define BFABI_IOCTL_H

#include <bfabi/boot.h>
#include <bfabi/hypercall.h>

#define BF_IOCTL_ABI 2
#define BF_DEVICE    "bareframe"

enum bf_loader_state {
	BF_STATE_UNLOADED, /**< no image */
	BF_STATE_LOADED,   /**< an image is laid out in memory, all CPUs bare */
	BF_STATE_RUNNING,  /**< all online CPUs under the VMM */
	BF_STATE_SUSPENDED /**< running, taken off the CPUs for a suspend */
};

struct bf_ioctl_version {
	uint32_t abi;  /**< out: BF_IOCTL_ABI */
	uint32_t boot; /**< out: BF_BOOT_VERSION */
	char text[56]; /**< out: the loader's release */
};

#define BF_NAME_BYTES   64
#define BF_IMAGE_MAX    (32UL << 20)
#define BF_POOL_DEFAULT (4UL << 20)

struct bf_ioctl_load {
	uint32_t size; /**< in: sizeof(struct bf_ioctl_load) */
	uint32_t log_level;
	uint64_t image;       /**< in: user address of the ELF file's bytes */
	uint64_t image_bytes; /**< in: 1 … BF_IMAGE_MAX */
	uint64_t pool_bytes;  /**< in: page pool for the VMM, 0 for BF_POOL_DEFAULT */
	char name[BF_NAME_BYTES];
	char cmdline[BF_CMDLINE_BYTES];
	struct bf_report report; /**< out: why it failed */
};

struct bf_ioctl_start {
	uint32_t size; /**< in: sizeof(struct bf_ioctl_start) */
	uint32_t reserved;
	struct bf_report report; /**< out: why it failed */
};

struct bf_ioctl_status {
	uint32_t size;         /**< in: sizeof(struct bf_ioctl_status) */
	uint32_t state;        /**< out: enum bf_loader_state */
	uint32_t cpus_online;  /**< out */
	uint32_t cpus_running; /**< out: CPUs under the VMM */
	uint64_t image_bytes;
	uint64_t memory_bytes; /**< out: all memory taken for the VMM */
	uint64_t starts;       /**< out: successful starts since the image was loaded */
	char name[BF_NAME_BYTES];
	char cmdline[BF_CMDLINE_BYTES];
	uint64_t running[BF_MAX_CPUS / 64]; /**< out: bit per CPU under the VMM */
	uint64_t online[BF_MAX_CPUS / 64];
	struct bf_report report; /**< out: the last failure, zeroed when the next start succeeds */
};

/** Log: works while running (by hypercall) and afterwards (from the rings). */
struct bf_ioctl_log {
	uint32_t size; /**< in: sizeof(struct bf_ioctl_log) */
	uint32_t reserved;
	struct bf_log_page page;
};

struct bf_ioctl_stats {
	uint32_t size; /**< in: sizeof(struct bf_ioctl_stats) */
	uint32_t reserved;
	struct bf_stats_page page;
};

/** Extensions of the VMM; only while it runs. */
struct bf_ioctl_extensions {
	uint32_t size; /**< in: sizeof(struct bf_ioctl_extensions) */
	uint32_t reserved;
	struct bf_ext_page page;
	struct bf_report report; /**< out: why it failed */
};

/* Linux request numbers; 0xbf is the type. */
#define BF_IOC_VERSION _IOR(0xbf, 0, struct bf_ioctl_version)
#define BF_IOC_LOAD    _IOWR(0xbf, 1, struct bf_ioctl_load)
#define BF_IOC_START   _IOWR(0xbf, 2, struct bf_ioctl_start)
#define BF_IOC_STOP    _IOWR(0xbf, 3, struct bf_ioctl_start)
#define BF_IOC_UNLOAD  _IOWR(0xbf, 4, struct bf_ioctl_start)
#define BF_IOC_STATUS  _IOWR(0xbf, 5, struct bf_ioctl_status)
#define BF_IOC_LOG     _IOWR(0xbf, 6, struct bf_ioctl_log)
#define BF_IOC_STATS   _IOWR(0xbf, 7, struct bf_ioctl_stats)

#define BF_IOC_EXTENSIONS _IOWR(0xbf, 8, struct bf_ioctl_extensions)

#endif
