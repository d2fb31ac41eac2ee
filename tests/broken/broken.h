/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Extensions that do what no extension may do: what the VMM promises to contain.
 *
 * Each has a file of its own and is compiled unchanged for images and for the mock machine. All of
 * them are in one image; its command line wakes one: "broken=NAME at=WHERE". Then the guest
 * executes CPUID with BROKEN_LEAF, or reads BROKEN_MSR, and the extension misbehaves.
 */
#ifndef BROKEN_H
#define BROKEN_H

#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bareframe/log.h>

#define BROKEN_LEAF 0x40000030u
#define BROKEN_MSR  0x1bu /* IA32_APIC_BASE */

/** CPUID of this leaf: the bystander's answer in EAX, in EBX its calls for the two above. */
#define BYSTANDER_LEAF   0x40000040u
#define BYSTANDER_ANSWER 0x600d600du

/** What is in front of a function that faults on purpose: on a machine no sanitizer is there. */
#define RAW __attribute__((noinline, no_sanitize("undefined"), no_sanitize("address")))

/** Misbehaves. @return a verdict, if it returns */
typedef enum bf_verdict (*broken_fn)(struct bf_ext *ext);

/**
 * Has @p act run where "at=" says, if the extension is the chosen one:
 *
 * | at= | where |
 * | --- | --- |
 * | cpuid | in a hook before CPUID, for BROKEN_LEAF (unless said otherwise) |
 * | post | in one after it |
 * | exit, every | in a hook on exits with that reason, on every exit; at that leaf |
 * | msr | in a hook on RDMSR of BROKEN_MSR |
 * | start, stop, end | in a life-cycle hook: a CPU starts, stops, the VMM has stopped |
 * | init | at once |
 *
 * It also asks for RDTSC to exit, which shows whether its exits are given back.
 */
int broken_init(struct bf_ext *ext, const char *name, broken_fn act);

/** @return whether "broken=" names it. */
bool broken_chosen(const char *name);

/** The hook on RDTSC, and the one that runs @c act. */
extern struct bf_hook *broken_rdtsc, *broken_hook;

#define BROKEN(name_, act_)                                                                        \
	static int init(struct bf_ext *ext)                                                        \
	{                                                                                          \
		return broken_init(ext, #name_, act_);                                             \
	}                                                                                          \
	BF_EXTENSION(name_, .version = "1.0", .license = "MIT", .init = init)

#endif
