/* SPDX-License-Identifier: MIT */
/* A probe runs something whose outcome the machine decides and prints it as "name: outcome". */
#ifndef BEHAVE_PROBE_H
#define BEHAVE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Registers that an instruction probe prints when the instruction went through. */
enum {
	SHOW_RAX = 1 << 0,
	SHOW_RBX = 1 << 1,
	SHOW_RCX = 1 << 2,
	SHOW_RDX = 1 << 3,
	SHOW_RSI = 1 << 4,
	SHOW_RDI = 1 << 5,
	SHOW_ZF = 1 << 6,
};

struct probe {
	const char *name;
	void (*run)(const struct probe *probe);
	const char *code;    /* machine code, for probes that run some; may contain NUL */
	unsigned int length; /* of code, in bytes */
	unsigned int show;   /* SHOW_* */
	uint64_t rax, rcx, rdx;
	const void *arg;     /* what the probe's function wants it to be */
	unsigned int option; /* likewise */
};

struct probe_group {
	const char *name;
	const struct probe *probes;
	unsigned int count;
	bool only_by_name; /* left out of a run of all */
};

/* CODE("bytes") gives the code and length members, without the string's own NUL. */
#define CODE(bytes) .code = (bytes), .length = sizeof(bytes) - 1

#define PROBE_GROUP(group)                                                                         \
	const struct probe_group group_##group = {#group, probes,                                  \
						  sizeof(probes) / sizeof(probes[0]), false}

extern const struct probe_group group_virt, group_privileged, group_tables, group_user,
	group_interrupt, group_state, group_io, group_msr, group_msr_write, group_cpuid,
	group_prefix, group_place, group_compat, group_step, group_ptrace, group_hwbreak,
	group_shadow, group_memory, group_code, group_hazard;

/* Prints one line. Every name is printed once in a run. */
void report(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Runs probe->code once with the standard registers and reports the events (insn.c). */
void probe_insn(const struct probe *probe);

/* The CPU that every probe runs on. */
extern unsigned int probe_cpu;

#endif
