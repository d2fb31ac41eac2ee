/* SPDX-License-Identifier: MIT */
/*
 * Has the VMM s2_hook patch the kernel's function for system calls that do not exist, and calls it
 * on all CPUs, with the hook on and off.
 */
#include "hypercall.h"
#include "team.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALL_START 0x73320010u
#define CALL_STOP  0x73320011u
#define CALL_COUNT 0x73320012u

#define FUNCTION     "__x64_sys_ni_syscall"
#define FUNCTION_MAX 48
#define NO_SYSCALL   180 /* nfsservctl: gone for long */
#define REDIRECTED   4242

static struct {
	uint64_t calls, rounds;
	uint64_t gpa; /* of the constant to patch */
	uint64_t missed, stray, refused, total;
} work = {.rounds = 1};

static uint64_t symbol(const char *name)
{
	FILE *file = fopen("/proc/kallsyms", "r");
	uint64_t address = 0, at;
	char line[256], found[128];

	while (file && !address && fgets(line, sizeof(line), file))
		if (sscanf(line, "%" SCNx64 " %*c %127s", &at, found) == 2 && !strcmp(found, name))
			address = at;
	if (file)
		fclose(file);
	return address;
}

/* Where the kernel's text is in physical memory. */
static uint64_t text_physical(void)
{
	FILE *file = fopen("/proc/iomem", "r");
	uint64_t start = 0, at;
	char line[256];

	while (file && !start && fgets(line, sizeof(line), file))
		if (strstr(line, "Kernel code") && sscanf(line, "%" SCNx64 "-", &at) == 1)
			start = at;
	if (file)
		fclose(file);
	return start;
}

static bool read_in(int file, uint64_t va, void *to, size_t bytes)
{
	Elf64_Ehdr head;
	Elf64_Phdr part;

	if (pread(file, &head, sizeof(head), 0) != sizeof(head))
		return false;
	for (unsigned int i = 0; i < head.e_phnum; i++) {
		off_t at = (off_t)(head.e_phoff + i * sizeof(part));

		if (pread(file, &part, sizeof(part), at) != sizeof(part))
			return false;
		if (part.p_type == PT_LOAD && va >= part.p_vaddr &&
		    va + bytes <= part.p_vaddr + part.p_memsz)
			return pread(file, to, bytes, (off_t)(part.p_offset + va - part.p_vaddr)) ==
			       (ssize_t)bytes;
	}
	return false;
}

/* Reads the kernel's memory by its own addresses. */
static bool read_kernel(uint64_t va, void *to, size_t bytes)
{
	int file = open("/proc/kcore", O_RDONLY);
	bool done = file >= 0 && read_in(file, va, to, bytes);

	if (file >= 0)
		close(file);
	return done;
}

static void print_bytes(const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		printf("%02x", bytes[i]);
	putchar('\n');
}

/* mov $-ENOSYS,%rax: the constant is behind the first three bytes. */
static bool find_constant(uint64_t *va, uint8_t code[FUNCTION_MAX])
{
	static const uint8_t wanted[] = {0x48, 0xc7, 0xc0, (uint8_t)-ENOSYS, 0xff, 0xff, 0xff};
	uint64_t function = symbol(FUNCTION);

	if (!function || !read_kernel(function, code, FUNCTION_MAX)) {
		printf("hook_call: cannot read %s at 0x%" PRIx64 "\n", FUNCTION, function);
		return false;
	}
	for (size_t i = 0; i + sizeof(wanted) <= FUNCTION_MAX; i++)
		if (!memcmp(code + i, wanted, sizeof(wanted))) {
			*va = function + i + 3;
			return true;
		}
	printf("hook_call: %s is not as expected: ", FUNCTION);
	print_bytes(code, FUNCTION_MAX);
	return false;
}

static bool find_target(uint64_t *va, uint8_t code[FUNCTION_MAX])
{
	uint64_t text = symbol("_text"), physical = text_physical();

	if (!find_constant(va, code))
		return false;
	work.gpa = *va - text + physical;
	if (text && physical)
		return true;
	puts("hook_call: cannot find the kernel's text");
	return false;
}

static void calls(bool on)
{
	uint64_t redirected = 0, *wrong = on ? &work.missed : &work.stray;

	for (uint64_t i = 0; i < work.calls; i++)
		redirected += syscall(NO_SYSCALL) == REDIRECTED;
	__atomic_add_fetch(&work.total, work.calls, __ATOMIC_RELAXED);
	__atomic_add_fetch(wrong, on ? work.calls - redirected : redirected, __ATOMIC_RELAXED);
}

static void half_round(unsigned int number, bool on)
{
	if (!number)
		work.refused +=
			hypercall(on ? CALL_START : CALL_STOP, work.gpa, REDIRECTED, 4) != 0;
	team_meet();
	calls(on);
	team_meet();
}

static void run(unsigned int number, void *ctx)
{
	(void)ctx;
	for (uint64_t i = 0; i < work.rounds; i++) {
		half_round(number, true);
		half_round(number, false);
	}
}

/* Whether the code still reads as it was, while the hook is on. */
static bool reads_original(uint64_t va, const uint8_t *code)
{
	uint8_t now[FUNCTION_MAX];
	bool same;

	work.refused += hypercall(CALL_START, work.gpa, REDIRECTED, 4) != 0;
	same = syscall(NO_SYSCALL) == REDIRECTED &&
	       read_kernel(symbol(FUNCTION), now, sizeof(now)) && !memcmp(now, code, sizeof(now));
	work.refused += hypercall(CALL_STOP, 0, 0, 0) != 0;
	(void)va;
	return same;
}

static bool parse(int argc, char **argv)
{
	int i = 1;

	if (argc == 4 && !strcmp(argv[1], "--rounds") && parse_number(argv[2], &work.rounds))
		i = 3;
	return i + 1 == argc && parse_number(argv[i], &work.calls);
}

int main(int argc, char **argv)
{
	uint8_t code[FUNCTION_MAX];
	unsigned int team;
	bool original;
	uint64_t va;

	if (!parse(argc, argv)) {
		fputs("usage: hook_call [--rounds N] CALLS\n", stderr);
		return 64;
	}
	if (!find_target(&va, code))
		return 1;
	team = team_run(run, NULL);
	original = reads_original(va, code);
	printf("cpus %u rounds %llu calls %llu missed %llu stray %llu read %s\n", team,
	       (unsigned long long)work.rounds, (unsigned long long)work.total,
	       (unsigned long long)work.missed, (unsigned long long)work.stray,
	       original ? "original" : "CHANGED");
	if (work.refused)
		printf("refused %llu\n", (unsigned long long)work.refused);
	return team && original && !work.missed && !work.stray && !work.refused ? 0 : 1;
}
