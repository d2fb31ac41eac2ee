/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The loader's state machine: one VMM image, on all CPUs or on none.
 *
 * No function here takes a lock: the loader serialises all calls and keeps the set of online CPUs
 * as it is during each, but for cpu_up and cpu_down, which are that change.
 *
 * Every function that can fail says why in @c loader->report, first zeroed, and returns the same
 * BF_E* code.
 */
#ifndef BFLOAD_LOADER_H
#define BFLOAD_LOADER_H

#include <bfabi/ioctl.h>
#include <bfload/layout.h>
#include <bfload/logread.h>

struct bf_loader {
	const struct bf_loader_ops *ops;
	void *os;
	uint32_t state; /**< enum bf_loader_state */
	uint32_t log_level;
	uint64_t starts; /**< successful ones since the image was loaded */
	uint64_t pool_bytes;
	char name[BF_NAME_BYTES];
	char cmdline[BF_CMDLINE_BYTES];
	struct bf_image image;
	struct bf_machine machine;
	struct bf_layout layout;
	struct bf_report report;  /**< of the call that returned last */
	struct bf_report failure; /**< the last failure, until a load or a start succeeds */
};

/** Makes a loader without an image. It is large: not for a stack. */
void bf_loader_init(struct bf_loader *loader, const struct bf_loader_ops *ops, void *os);

/**
 * Checks an image and lays it out. UNLOADED → LOADED.
 *
 * @param bytes   the ELF file; must stay as it is until bf_loader_unload(): each start lays the
 *                image out from it afresh
 * @param size    its size
 * @param options the user's choice; copied
 */
int bf_loader_load(struct bf_loader *loader, const void *bytes, uint64_t size,
		   const struct bf_load_options *options);

/**
 * Starts the VMM on every online CPU. LOADED → RUNNING. If one fails, all that have started are
 * stopped, and the report names the CPU.
 */
int bf_loader_start(struct bf_loader *loader);

/**
 * Takes every CPU back to the bare machine. RUNNING or SUSPENDED → LOADED. If a CPU refuses, the
 * others are bare and the state stays RUNNING: the call can be repeated.
 */
int bf_loader_stop(struct bf_loader *loader);

/** Gives the image's memory back. LOADED → UNLOADED. */
int bf_loader_unload(struct bf_loader *loader);

/**
 * Takes the online CPUs, of which there may be only one, to the bare machine, but keeps the VMM.
 * RUNNING → SUSPENDED; in any other state nothing is to be done.
 */
int bf_loader_suspend(struct bf_loader *loader);

/**
 * Puts the online CPUs back under the VMM. SUSPENDED → RUNNING, or LOADED if that fails; in any
 * other state nothing is to be done.
 */
int bf_loader_resume(struct bf_loader *loader);

/** A CPU has come online: starts the VMM on it if the others run it. */
int bf_loader_cpu_up(struct bf_loader *loader, uint32_t cpu);

/** A CPU is about to go offline: takes it back to the bare machine. */
int bf_loader_cpu_down(struct bf_loader *loader, uint32_t cpu);

/** Describes the loader. Fills all but @c size. Never fails. */
void bf_loader_status(const struct bf_loader *loader, struct bf_ioctl_status *status);

/**
 * Reads one page of log: from the VMM while it runs, else from the rings. Not in UNLOADED.
 * @param page @c from is read, all is written
 */
int bf_loader_log(struct bf_loader *loader, struct bf_log_page *page);

/**
 * Reads one CPU's statistics from the VMM. Only in RUNNING.
 * @param page @c cpu is read, all is written
 */
int bf_loader_stats(struct bf_loader *loader, struct bf_stats_page *page);

/**
 * Reads one page of the VMM's extensions and what they take. Only in RUNNING.
 * @param page @c first is read, all else is written
 */
int bf_loader_extensions(struct bf_loader *loader, struct bf_ext_page *page);

/** @return 1 if the CPU runs as a guest of the VMM */
int bf_loader_cpu_running(const struct bf_loader *loader, uint32_t cpu);

/** @return 1 if the VMM has halted the CPU in a panic: nothing can run there any more */
int bf_loader_cpu_halted(const struct bf_loader *loader, uint32_t cpu);

#endif
