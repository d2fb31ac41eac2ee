/* SPDX-License-Identifier: MIT */
/* What the VMM logged, for a test that has failed. */
#include <stdio.h>
#include <string.h>
#include <bfvmm/log.h>
#include "model.h"

static struct bf_log_ring rings[MOCK_CPUS];

/* The linker sends the VMM's call here (--wrap): its log lies at an address we do not have. */
void __real_bf_log_init(void *memory, uint32_t count, enum bf_log_level level);
void __wrap_bf_log_init(void *memory, uint32_t count, enum bf_log_level level);

void __wrap_bf_log_init(void *memory, uint32_t count, enum bf_log_level level)
{
	(void)memory;
	memset(rings, 0, sizeof(rings));
	__real_bf_log_init(rings, count, level);
}

void mock_print_log(void)
{
	for (uint32_t cpu = 0; cpu < mock.cpu_count; cpu++)
		for (uint32_t i = 0; i < BF_LOG_SLOTS; i++) {
			const struct bf_log_record *r = &rings[cpu].slot[i];

			if (r->seq)
				fprintf(stderr, "[%u] %.*s\n", cpu, r->length, r->text);
		}
}
