/* SPDX-License-Identifier: MIT */
/* Page faults with their error codes, and much memory that keeps what was written to it. */
#include "probe.h"
#include "run.h"
#include "text.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define LARGE_AREA (32ul << 20)

/* probe->option is the protection of the second data page, probe->rdx an offset into the data. */
static void probe_fault(const struct probe *probe)
{
	struct regs regs = standard_regs();
	struct text text = {0};
	struct trace trace;

	memset(ARENA_DATA, 0x90, 2 * PAGE);
	mprotect(ARENA_DATA + PAGE, PAGE, (int)probe->option);
	regs.rdi += probe->rdx;
	regs.rsi = regs.rdi;
	run(probe->code, probe->length, &regs, &trace);
	mprotect(ARENA_DATA + PAGE, PAGE, PROT_READ | PROT_WRITE);
	text_add_trace(&text, &trace);
	report(probe->name, "%s", text.bytes);
}

static uint64_t pattern(size_t index)
{
	return (index + 1) * 0x9e3779b97f4a7c15ull;
}

static void fill(uint64_t *area, size_t count)
{
	for (size_t i = 0; i < count; i++)
		area[i] = pattern(i);
}

static size_t count_wrong(const uint64_t *area, size_t count)
{
	size_t wrong = 0;

	for (size_t i = 0; i < count; i++)
		wrong += area[i] != pattern(i);
	return wrong;
}

static uint64_t *map_large(void)
{
	void *area =
		mmap(NULL, LARGE_AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return area == MAP_FAILED ? NULL : area;
}

static void probe_large(const struct probe *probe)
{
	const size_t count = LARGE_AREA / sizeof(uint64_t);
	uint64_t *area = map_large();
	size_t wrong, dropped;

	if (!area) {
		report(probe->name, "no memory");
		return;
	}
	fill(area, count);
	wrong = count_wrong(area, count);
	madvise(area, LARGE_AREA / 2, MADV_DONTNEED);
	dropped = 0;
	for (size_t i = 0; i < count / 2; i++)
		dropped += area[i] != 0;
	munmap(area, LARGE_AREA);
	report(probe->name, "wrong %zu, not dropped %zu", wrong, dropped);
}

/* Parent and child write the same pages, each must keep its own. */
static void probe_copy_on_write(const struct probe *probe)
{
	const size_t count = LARGE_AREA / 4 / sizeof(uint64_t);
	uint64_t *area = map_large();
	int status = -1;
	pid_t child;

	if (!area) {
		report(probe->name, "no memory");
		return;
	}
	fill(area, count);
	child = fork();
	if (!child) {
		size_t wrong = count_wrong(area, count);

		memset(area, 0x5a, count * sizeof(*area));
		_exit(wrong ? 1 : 0);
	}
	waitpid(child, &status, 0);
	report(probe->name, "child %d, parent wrong %zu",
	       WIFEXITED(status) ? WEXITSTATUS(status) : -1, count_wrong(area, count));
	munmap(area, LARGE_AREA);
}

static void probe_remap(const struct probe *probe)
{
	const size_t half = LARGE_AREA / 2;
	uint64_t *area = map_large();
	uint64_t *moved;

	if (!area) {
		report(probe->name, "no memory");
		return;
	}
	fill(area, half / sizeof(*area));
	moved = mremap(area, half, LARGE_AREA * 2, MREMAP_MAYMOVE);
	if (moved == MAP_FAILED)
		report(probe->name, "no room");
	else
		report(probe->name, "wrong %zu", count_wrong(moved, half / sizeof(*moved)));
	munmap(moved == MAP_FAILED ? area : moved, half);
}

#define FAULT(title, protection, offset, bytes)                                                    \
	{                                                                                          \
		.name = title, .run = probe_fault, .option = protection, .rdx = offset,            \
		CODE(bytes)                                                                        \
	}

#define LOAD  "\x48\x8b\x07"
#define STORE "\x48\x89\x07"
#define JUMP  "\xff\xe7"

static const struct probe probes[] = {
	FAULT("read-mapped", PROT_READ, PAGE, LOAD),
	FAULT("read-protected", PROT_NONE, PAGE, LOAD),
	FAULT("read-unmapped", PROT_READ, 2 * PAGE, LOAD),
	FAULT("read-crossing", PROT_NONE, PAGE - 3, LOAD),
	FAULT("write-read-only", PROT_READ, PAGE, STORE),
	FAULT("write-protected", PROT_NONE, PAGE, STORE),
	FAULT("write-crossing", PROT_READ, PAGE - 3, STORE),
	FAULT("write-after-protect", PROT_READ | PROT_WRITE, PAGE, STORE),
	FAULT("add-read-only", PROT_READ, PAGE, "\x48\x01\x07"),
	FAULT("cmpxchg16b-read-only", PROT_READ, PAGE, "\xf0\x48\x0f\xc7\x0f"),
	FAULT("execute-data", PROT_READ, PAGE, JUMP),
	FAULT("execute-protected", PROT_NONE, PAGE, JUMP),
	FAULT("execute-crossing", PROT_READ | PROT_EXEC, 2 * PAGE - 1, JUMP),
	FAULT("push-to-protected", PROT_NONE, 2 * PAGE, "\x48\x89\xfc\x50"),
	{.name = "large-area", .run = probe_large},
	{.name = "copy-on-write", .run = probe_copy_on_write},
	{.name = "remap", .run = probe_remap},
};

PROBE_GROUP(memory);
