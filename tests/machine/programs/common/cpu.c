/* SPDX-License-Identifier: MIT */
#include "cpu.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

bool pin_to_cpu(unsigned int cpu)
{
	cpu_set_t set;

	if (cpu >= CPU_SETSIZE) {
		errno = EINVAL;
		return false;
	}
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return !sched_setaffinity(0, sizeof(set), &set);
}

unsigned int cpu_slots(void)
{
	long slots = sysconf(_SC_NPROCESSORS_CONF);

	if (slots < 1)
		return 1;
	return slots > CPU_SETSIZE ? CPU_SETSIZE : (unsigned int)slots;
}

bool parse_number(const char *text, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	return !errno && end != text && !*end && *text != '-';
}
