/* SPDX-License-Identifier: MIT */
/**
 * @file
 * An operating system and a VMM for the loader's common code to talk to, with failures to order.
 */
#ifndef BF_TEST_FAKE_OS_H
#define BF_TEST_FAKE_OS_H

#include <stdbool.h>
#include <stdint.h>
#include <bfload/loader.h>

#define FAKE_MEMORY (128UL << 20)
#define FAKE_BASE   0x1000000UL /**< its physical address */
#define FAKE_CPUS   4

struct fake_os {
	struct bf_machine machine;
	bool online[FAKE_CPUS];
	uint64_t next;      /**< first free byte of the memory */
	uint64_t gap;       /**< bytes left free between two extents */
	uint64_t max_pages; /**< an alloc() gives no more at once */
	uint64_t held;      /**< pages given and not got back */

	/* Failures. Counts from 1; 0 is never. */
	uint64_t fail_alloc;   /**< the n-th alloc() from now */
	uint64_t fail_on_cpu;  /**< the n-th on_cpu() */
	uint64_t fail_machine; /**< the n-th machine() */
	uint64_t fail_op;      /**< an enum bf_op … */
	uint32_t fail_cpu;     /**< … fails on this CPU */
	int64_t hc_abi;        /**< of the VMM's hypercalls */
	int fail_code;         /**< with this code */
	bool lie;              /**< it says 0, but the CPU stays bare */
	uint64_t refuse_stop;  /**< bit per CPU that will not go bare */
	bool vmxe[FAKE_CPUS];  /**< another hypervisor is there */
	uint64_t dead;         /**< bit per CPU that on_cpu() would wait for for ever */

	/* What happened. */
	uint32_t cpu; /**< that on_cpu() runs on */
	uint32_t inits, starts, stops, finis, allocs, hypercalls;
	bool vmm_up;
	char said[64];
};

extern struct fake_os fake;
extern const struct bf_loader_ops fake_ops;

void fake_reset(uint32_t cpus);

void *fake_va(uint64_t pa);

#endif
