/* SPDX-License-Identifier: MIT */
/* What user space can do to make a CPU exit. Each returns false if this CPU has no such thing. */
#ifndef HOOK_TABLE_CAUSE_H
#define HOOK_TABLE_CAUSE_H

#include <stdbool.h>

bool cause_cpuid(void);
bool cause_rdtsc(void);
bool cause_rdtscp(void);
bool cause_exception(void);
bool cause_hypercall(void);

#endif
