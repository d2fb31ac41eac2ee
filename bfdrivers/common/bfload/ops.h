/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What the common code asks of a loader: pages, addresses, CPUs. A unit test gives a fake.
 *
 * All calls into the common code are serialised by the loader. @c os is the loader's own.
 */
#ifndef BFLOAD_OPS_H
#define BFLOAD_OPS_H

#include <bfabi/boot.h>
#include <bfabi/switch.h>

/** The machine as the loader knows it. */
struct bf_machine {
	uint32_t loader;    /**< enum bf_loader_kind */
	uint32_t cpu_count; /**< CPUs that can ever be online, 1 … BF_MAX_CPUS */
	uint32_t la57;      /**< 1: the CPUs run with 5-level page tables */
	uint32_t pages_1g;  /**< 1: CPUID offers 1 GiB pages */
	uint32_t amd;       /**< 1: AMD-V, 0: VT-x */
	uint32_t region_count;
	uint64_t rsdp_pa; /**< 0 if unknown */
	uint64_t apic_pa; /**< page of the local APIC, 0 if the CPUs have none */
	uint32_t apic_id[BF_MAX_CPUS];
	struct bf_region regions[BF_MAX_REGIONS]; /**< sorted, no overlaps, page-aligned */
};

/** What prepare.c must know of the calling CPU. */
struct bf_host_cpu {
	const void *gdt;
	uint32_t gdt_limit;
	uint16_t cs;
	uint16_t tr;
	uint64_t cr4;
	uint64_t efer;
};

struct bf_loader_ops {
	/**
	 * Takes physically contiguous pages, mapped in the loader's world. May give fewer than
	 * asked for, at least one. @return 0 or BF_ENOMEM
	 */
	int (*alloc)(void *os, uint64_t pages, struct bf_extent *extent);
	/** Gives back what one alloc() returned. */
	void (*free)(void *os, const struct bf_extent *extent);
	/** @return where the loader sees @p pa of a page from alloc() */
	void *(*to_va)(void *os, uint64_t pa);
	/** Finds the page behind any kernel address, code too. @return 0 or BF_EFAULT */
	int (*to_pa)(void *os, const void *va, uint64_t *pa);
	/** Describes the machine. Called for each load and each start. @return 0 or BF_E* */
	int (*machine)(void *os, struct bf_machine *machine, struct bf_report *report);
	/** @return 1 if the CPU is online */
	int (*cpu_online)(void *os, uint32_t cpu);
	/**
	 * Runs @p fn on CPU @p cpu with interrupts off, and waits. @return 0, or BF_ECPU if it
	 * could not be run
	 */
	int (*on_cpu)(void *os, uint32_t cpu, void (*fn)(void *), void *arg);
	/** Tells the operator; may be NULL. @p level is an enum bf_log_level. */
	void (*log)(void *os, int level, const char *text);

	/** How to free the CPUs from another hypervisor on this OS; one sentence. */
	const char *busy_remedy;

	/*
	 * The machine itself. NULL in a loader: the code in switch.S and host_cpu.c. A unit test
	 * sets all of them.
	 */
	void (*host_cpu)(void *os, struct bf_host_cpu *cpu);
	int64_t (*switch_call)(void *os, struct bf_switch *sw, uint64_t op);
	int64_t (*switch_stop)(void *os, struct bf_switch *sw);
	int64_t (*switch_hypercall)(void *os, struct bf_switch *sw, uint64_t number, uint64_t arg);
	const void *switch_page; /**< NULL: bf_switch_page */
};

#endif
