/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The boot ABI: what a loader hands to the VMM image.
 *
 * Who fills a field is said in brackets: [loader] the OS-specific loader, [layout] the common
 * code in bfdrivers/common, [vmm] the VMM. The VMM reads the fields of the others once, at
 * BF_OP_INIT, into memory of its own: the control VM can write this page later.
 */
#ifndef BFABI_BOOT_H
#define BFABI_BOOT_H

#include <bfabi/error.h>
#include <bfabi/layout.h>
#include <bfabi/types.h>

#define BF_BOOT_MAGIC   0x544f4f424d564642UL /* "BFVMBOOT" */
#define BF_BOOT_VERSION 2

#define BF_CMDLINE_BYTES 512
#define BF_MAX_REGIONS   256
#define BF_MAX_EXTENTS   512

enum bf_loader_kind {
	BF_LOADER_LINUX = 1,
	BF_LOADER_EFI,
	BF_LOADER_WINDOWS,
	BF_LOADER_TEST
};

enum bf_region_type {
	BF_REGION_RAM = 1,
	BF_REGION_RESERVED
};

/** One range of the machine's memory map, sorted by address, no overlaps. */
struct bf_region {
	uint64_t pa;
	uint64_t bytes;
	uint32_t type; /**< enum bf_region_type */
	uint32_t reserved;
};

/** What the loader asks of the VMM when it switches a CPU into it. */
enum bf_op {
	BF_OP_INIT = 1, /**< once, on the first CPU: memory, extensions, control VM */
	BF_OP_START,    /**< on every CPU: become a vCPU of the control VM; returns as its guest */
	BF_OP_FINI,     /**< once, after every CPU is bare again: extensions' last words */
};

/** One CPU of the machine. */
struct bf_boot_cpu {
	uint32_t apic_id; /**< [loader] */
	uint32_t reserved;
	uint64_t switch_va; /**< [layout] its struct bf_switch, same address in both worlds */
};

struct bf_boot {
	uint64_t magic;   /**< [layout] BF_BOOT_MAGIC */
	uint32_t version; /**< [layout] BF_BOOT_VERSION */
	uint32_t size;    /**< [layout] sizeof(struct bf_boot) */

	uint32_t loader;                /**< [loader] enum bf_loader_kind */
	uint32_t cpu_count;             /**< [loader] CPUs with a record below */
	uint64_t rsdp_pa;               /**< [loader] ACPI RSDP, 0 if unknown */
	uint64_t vmm_cr3;               /**< [layout] root of the VMM's page tables */
	uint64_t log_level;             /**< [loader] enum bf_log_level: drop records above it */
	uint64_t apic_pa;               /**< [loader] what is mapped at BF_VA_APIC, 0 if nothing */
	char cmdline[BF_CMDLINE_BYTES]; /**< [loader] "key=value …", NUL-terminated */

	uint32_t region_count; /**< [loader] */
	uint32_t pool_count;   /**< [layout] */
	uint32_t owned_count;  /**< [layout] */
	uint32_t reserved;
	struct bf_region regions[BF_MAX_REGIONS]; /**< [loader] memory map */
	struct bf_extent pool[BF_MAX_EXTENTS];    /**< [layout] free pages for the VMM */
	struct bf_extent owned[BF_MAX_EXTENTS];   /**< [layout] all that the control VM must not
						       see: image, tables, stacks, log, pool */

	struct bf_boot_cpu cpus[BF_MAX_CPUS];
	struct bf_report report; /**< [vmm] why the last operation failed */
};

#endif
