/* SPDX-License-Identifier: MIT */
#include "cause.h"
#include "cpu.h"
#include "exits.h"
#include "rows.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

bool cause_cpuid(void)
{
	(void)cpuid(0, 0);
	return true;
}

bool cause_rdtsc(void)
{
	(void)rdtsc();
	return true;
}

bool cause_rdtscp(void)
{
	uint32_t a, c, d;

	if (!(cpuid(0x80000001, 0).edx >> 27 & 1))
		return false;
	__asm__ volatile("rdtscp" : "=a"(a), "=c"(c), "=d"(d)::"memory");
	return true;
}

bool cause_exception(void)
{
	pid_t child = fork();

	if (!child)
		__asm__ volatile("ud2");
	return child > 0 && waitpid(child, NULL, 0) == child;
}

/* The driver makes one for each reading. */
bool cause_hypercall(void)
{
	struct exits exits;

	return exits_read(&exits);
}

/* What has a deadline wakes idle CPUs; what is mapped and dropped makes page faults. */
bool cause_linux(void)
{
	const struct timespec pause = {.tv_nsec = 2000000};
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (unsigned int cpu = 0; cpu < cpu_slots(); cpu++) {
		if (!pin_to_cpu(cpu))
			continue;
		page[0] = 1;
		madvise(page, 4096, MADV_DONTNEED);
		nanosleep(&pause, NULL);
	}
	munmap(page, 4096);
	return pin_to_cpu(0);
}
