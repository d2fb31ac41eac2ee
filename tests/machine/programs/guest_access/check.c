/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE       4096ul
#define LOCAL_APIC ((void *)0xfee00000)
#define AT_ONCE    (16ul << 20)

static unsigned int failed;
static sigjmp_buf back;
static siginfo_t caught;

void check(bool good, const char *format, ...)
{
	va_list args;

	failed += !good;
	fputs(good ? "ok - " : "not ok - ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

unsigned int failures(void)
{
	return failed;
}

uint8_t *map_pages(unsigned int count)
{
	void *at = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);

	if (at == MAP_FAILED) {
		perror("guest_access: no memory");
		exit(71);
	}
	/* One page table entry a page, so that each can be on its own. */
	madvise(at, count * PAGE, MADV_NOHUGEPAGE);
	return at;
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	caught = *info;
	siglongjmp(back, 1);
}

void expect_signal(const void *from, uint64_t bytes, int code, const void *address,
		   const char *text)
{
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
	struct sigaction old;
	volatile int32_t status = 1;

	memset(&caught, 0, sizeof(caught));
	sigaction(SIGSEGV, &action, &old);
	if (!sigsetjmp(back, 1))
		status = call(OP_ADD_1_NOW, from, bytes).status;
	sigaction(SIGSEGV, &old, NULL);
	check(status == 1 && caught.si_signo == SIGSEGV && caught.si_code == code &&
		      caught.si_addr == address,
	      "%s raises SIGSEGV, code %d, at %p (found: status %d, %d at %p)", text, code, address,
	      status, caught.si_code, caught.si_addr);
}

static void scan_range(uint64_t first, uint64_t end, struct answer *sum)
{
	for (; first < end; first += AT_ONCE) {
		uint64_t bytes = end - first < AT_ONCE ? end - first : AT_ONCE;
		struct answer a = call(OP_SCAN, (void *)first, bytes);

		sum->status |= a.status;
		sum->r8 += a.r8;
		sum->r9 += a.r9;
		sum->r10 += a.r10;
	}
}

void scan_memory(void)
{
	FILE *map = fopen("/proc/iomem", "r");
	unsigned long first, last;
	struct answer sum = {0};
	char line[200];

	while (map && fgets(line, sizeof(line), map)) {
		if (line[0] != ' ' && strstr(line, "System RAM") &&
		    sscanf(line, "%lx-%lx", &first, &last) == 2)
			scan_range((first + PAGE - 1) & ~(PAGE - 1), (last + 1) & ~(PAGE - 1),
				   &sum);
	}
	if (map)
		fclose(map);
	check(!sum.status && !sum.r9 && sum.r8 && sum.r10 > sum.r8,
	      "RAM is the guest's (%llu pages), or the VMM's and not for the asking (%llu)",
	      (unsigned long long)sum.r10, (unsigned long long)sum.r8);
	sum = call(OP_SCAN, LOCAL_APIC, PAGE);
	check(sum.r9 == 1 && !sum.r8 && !sum.r10, "the local APIC is no RAM");
}
