/* SPDX-License-Identifier: MIT */
/* Bounded loads that check themselves. */
#ifndef SYSLOAD_LOAD_H
#define SYSLOAD_LOAD_H

#include <stdint.h>

struct load {
	const char *name;
	/* Does the given number of rounds; returns the number of things that were wrong. */
	uint64_t (*run)(uint64_t rounds);
	uint64_t weight; /* rounds of this load for each round asked for */
};

uint64_t load_fork(uint64_t rounds);
uint64_t load_exec(uint64_t rounds);
uint64_t load_memory(uint64_t rounds);
uint64_t load_signal(uint64_t rounds);
uint64_t load_timer(uint64_t rounds);
uint64_t load_switch(uint64_t rounds);
uint64_t load_cpu(uint64_t rounds);

#endif
