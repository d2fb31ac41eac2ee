/* SPDX-License-Identifier: MIT */
/*
 * Lets the VMM guest_access read and write this process by its addresses, and compares with what
 * the kernel and the CPU say of them. Prints verdict lines as a machine test does.
 */
#include "check.h"
#include "cpu.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE    4096ul
#define KERNEL  ((void *)0xffffffff81000000)
#define NOWHERE ((void *)0x8000000000000000)

/* Error codes of page faults. */
enum {
	PF_PRESENT = 1,
	PF_WRITE = 2,
	PF_USER = 4,
	PF_KEY = 32
};

#define KEY_NO_ACCESS 1

/* Pages that are there; an even number of each byte value would hide a missing byte. */
static uint8_t *pages(unsigned int count)
{
	uint8_t *at = map_pages(count);

	for (unsigned long i = 0; i < count * PAGE; i++)
		at[i] = (uint8_t)(i * 7 + i / 251);
	return at;
}

static bool added(const uint8_t *at, unsigned long from, unsigned long to, uint8_t number)
{
	for (unsigned long i = from; i < to; i++)
		if (at[i] != (uint8_t)(i * 7 + i / 251 + number))
			return false;
	return true;
}

static void copies(void)
{
	static const struct {
		unsigned long first, bytes;
	} rows[] = {{0, 1}, {100, 300}, {PAGE - 3, 7}, {PAGE - 1, PAGE + 2}, {5, 3 * PAGE - 9}};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned long end = rows[i].first + rows[i].bytes;
		uint8_t *at = pages(3);
		struct answer a = call(OP_ADD_1, at + rows[i].first, rows[i].bytes);

		check(!a.status && added(at, 0, rows[i].first, 0) &&
			      added(at, rows[i].first, end, 1) && added(at, end, 3 * PAGE, 0),
		      "%lu bytes from byte %lu of a page are read and written", rows[i].bytes,
		      rows[i].first);
		munmap(at, 3 * PAGE);
	}
}

static void expect_fault(const void *from, uint64_t bytes, unsigned int vector, unsigned int error,
			 const void *address, const char *text)
{
	struct answer a = call(OP_ADD_1, from, bytes);

	check(a.status == EFAULT_GUEST && a.ebx == vector && a.edx == error &&
		      a.r8 == (uint64_t)address,
	      "%s: vector %u, error code %#x at %p (found: status %d, %u, %#x, %#llx)", text,
	      vector, error, address, a.status, a.ebx, a.edx, (unsigned long long)a.r8);
}

static void faults(void)
{
	uint8_t *at = pages(3);
	struct answer a;

	munmap(at + PAGE, PAGE);
	expect_fault(at + PAGE + 5, 4, 14, PF_USER, at + PAGE + 5, "an unmapped page");
	expect_fault(at + PAGE - 8, 16, 14, PF_USER, at + PAGE, "half in an unmapped page");
	check(added(at, 0, PAGE, 0), "and nothing is written to the other half");
	mprotect(at, PAGE, PROT_READ);
	expect_fault(at + 9, 4, 14, PF_USER | PF_WRITE | PF_PRESENT, at + 9, "a read-only page");
	check(added(at, 0, PAGE, 0), "it is as it was");
	mprotect(at, PAGE, PROT_NONE);
	expect_fault(at, 4, 14, PF_USER, at, "a page with no rights");
	expect_fault(NOWHERE, 4, 13, 0, NOWHERE, "an address that is not canonical");
	/* Where the kernel hides its pages from user mode, this one is not even there. */
	a = call(OP_ADD_1, KERNEL, 4);
	check(a.status == EFAULT_GUEST && a.ebx == 14 && (a.edx & ~PF_PRESENT) == PF_USER &&
		      a.r8 == (uint64_t)KERNEL,
	      "the kernel's memory is not a user's");
}

/* What the kernel has promised, it makes when the fault is raised in earnest. */
static void faults_in_earnest(void)
{
	uint8_t *at = map_pages(3);
	struct answer a;
	int status = 0;
	pid_t child;

	expect_fault(at + 1, 4, 14, PF_USER, at + 1, "a page that nobody has touched");
	a = call(OP_ADD_1_NOW, at + PAGE - 2, PAGE + 4);
	check(!a.status && !at[PAGE - 3] && at[PAGE - 2] == 1 && at[2 * PAGE + 1] == 1 &&
		      !at[2 * PAGE + 2],
	      "raised, the fault brings the pages, and the instruction is executed again");
	child = fork();
	if (!child) {
		expect_fault(at + PAGE, 1, 14, PF_USER | PF_WRITE | PF_PRESENT, at + PAGE,
			     "a page that is shared until it is written");
		a = call(OP_ADD_1_NOW, at + PAGE, 1);
		check(!a.status && at[PAGE] == 2, "raised, the fault makes a copy");
		_exit(failures() ? 1 : 0);
	}
	check(waitpid(child, &status, 0) == child && !status, "the child has a copy");
	check(at[PAGE] == 1, "the parent has what it had");
}

static void signals(void)
{
	uint8_t *at = pages(2);

	munmap(at + PAGE, PAGE);
	expect_signal(at + PAGE - 2, 4, SEGV_MAPERR, at + PAGE, "an unmapped page");
	mprotect(at, PAGE, PROT_READ);
	expect_signal(at + 17, 1, SEGV_ACCERR, at + 17, "a read-only page");
	expect_signal(NOWHERE, 1, SI_KERNEL, NULL, "an address that is not canonical");
}

static uint64_t frame_of(const void *at)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entry = 0;

	if (fd < 0 || pread(fd, &entry, 8, (off_t)((uint64_t)at / PAGE * 8)) != 8)
		perror("guest_access: pagemap");
	close(fd);
	return entry & ((1ull << 55) - 1);
}

static void translates(void)
{
	uint8_t *at = pages(4);

	mprotect(at + PAGE, PAGE, PROT_READ);
	for (unsigned int i = 0; i < 4; i++) {
		uint32_t rights = RIGHT_READ | (i == 1 ? 0 : RIGHT_WRITE);
		struct answer a = call(OP_TRANSLATE, at + i * PAGE + i, 0);

		check(!a.status && a.r8 == frame_of(at + i * PAGE) * PAGE + i && a.ebx == rights,
		      "page %u is where the kernel says, with rights %u (found: %d, %#llx, %u)", i,
		      rights, a.status, (unsigned long long)a.r8, a.ebx);
	}
}

static void fetches(void)
{
	struct answer a = call(OP_FETCH, NULL, 0);

	check(!a.status && a.ebx == 15 && (a.r8 & 0xffff) == 0xa20f,
	      "the instruction at RIP is CPUID");
}

static void keys(void)
{
	uint8_t *at = pages(1);
	int key = pkey_alloc(0, 0);

	if (key < 0 || pkey_mprotect(at, PAGE, PROT_READ | PROT_WRITE, key)) {
		printf("skip - protection keys: the kernel has none here\n");
		return;
	}
	check(!call(OP_ADD_1, at, 4).status, "a page with a key");
	pkey_set(key, KEY_NO_ACCESS);
	expect_fault(at, 4, 14, PF_USER | PF_PRESENT | PF_KEY, at,
		     "a page whose key is taken away");
	pkey_set(key, 0);
	check(!call(OP_ADD_1, at, 4).status, "and given back");
}

static void counts(void)
{
	uint64_t before = 0, all = 0;

	for (unsigned int cpu = 0; cpu < cpu_slots(); cpu++) {
		if (!pin_to_cpu(cpu))
			continue;
		before = call(OP_COUNT, NULL, 0).r8;
		for (int i = 0; i < 10; i++)
			call(OP_FETCH, NULL, 0);
		check(call(OP_COUNT, NULL, 0).r8 == before + 11, "CPU %u has its own data", cpu);
		all += before + 11;
	}
	check(call(OP_COUNT, NULL, 0).r9 == all + 1, "the VM has the sum of all CPUs'");
}

int main(void)
{
	copies();
	faults();
	faults_in_earnest();
	signals();
	translates();
	fetches();
	keys();
	counts();
	scan_memory();
	return failures() ? 1 : 0;
}
