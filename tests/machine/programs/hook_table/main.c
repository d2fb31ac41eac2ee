/* SPDX-License-Identifier: MIT */
/*
 * Goes through the rows of the VMM hook_table: sets each hook, has the guest do what it waits for,
 * and removes it. A line for each says whether the hook was called; whether it brought exits other
 * than its own; whether they were over when it was gone.
 */
#include "cpu.h"
#include "exits.h"
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEAF       0x4000f001u
#define NAME_BYTES 64u
#define PIECE      12u
#define TRIES      10
#define BF_ENOTSUP (-15)

/* Nobody has to hook these: the architecture, or the VMM for its own sake, makes them exit. */
#define FORCED_VMX                                                                                 \
	"CPUID,HYPERCALL,RDMSR,WRMSR,CR_WRITE,XSETBV,INVD,VIRT_INSTRUCTION,GETSEC,TASK_SWITCH,"    \
	"INIT,SIPI,TRIPLE_FAULT"
#define FORCED_SVM                                                                                 \
	"CPUID,HYPERCALL,RDMSR,WRMSR,CR_WRITE,XSETBV,INVD,VIRT_INSTRUCTION,TASK_SWITCH,INIT,"      \
	"TRIPLE_FAULT"

enum operation {
	OP_NAME,
	OP_SET,
	OP_CALLS,
	OP_REMOVE
};

static bool svm;
static unsigned int failed;

static struct cpuid_regs ask(uint32_t operation, uint32_t row, uint32_t detail)
{
	return cpuid(LEAF, operation | row << 8 | detail << 16);
}

static bool name_of(uint32_t row, char name[NAME_BYTES])
{
	memset(name, 0, NAME_BYTES);
	for (uint32_t i = 0; i < NAME_BYTES / PIECE; i++) {
		struct cpuid_regs r = ask(OP_NAME, row, i);

		memcpy(name + i * PIECE, &r.ebx, 4);
		memcpy(name + i * PIECE + 4, &r.ecx, 4);
		memcpy(name + i * PIECE + 8, &r.edx, 4);
	}
	return name[0];
}

static const char *vendor(void)
{
	return svm ? "SVM" : "VMX";
}

static void verdict(bool good, const char *name, const char *what, const char *detail)
{
	failed += !good;
	printf("%s - hook %s: %s%s%s\n", good ? "ok" : "not ok", name, what, detail ? ": " : "",
	       detail ? detail : "");
	printf("table: hook %-24s %s machine %s%s%s\n", name, vendor(), what, detail ? ": " : "",
	       detail ? detail : "");
}

/* @return 0, or the error that bf_do gave. */
static int in_ring0(const char *instruction)
{
	int fd = open("/proc/bf_do", O_WRONLY), error = 0;

	if (fd < 0 || write(fd, instruction, strlen(instruction)) < 0)
		error = errno;
	if (fd >= 0)
		close(fd);
	return error;
}

static bool cause(const struct row *row)
{
	return row->ring0 ? in_ring0(row->ring0) == 0 : row->cause();
}

/* CPUs learn of what others have changed at their next exit. */
static void exit_everywhere(void)
{
	for (unsigned int i = 0; i < cpu_slots(); i++)
		if (pin_to_cpu(i))
			(void)cpuid(0, 0);
	pin_to_cpu(0);
}

struct strangers {
	const char *own;
	char names[256];
};

static void collect(const char *name, uint64_t times, void *ctx)
{
	struct strangers *s = ctx;
	size_t used = strlen(s->names);

	if (exits_listed(s->own, name) || exits_listed(svm ? FORCED_SVM : FORCED_VMX, name))
		return;
	snprintf(s->names + used, sizeof(s->names) - used, " %s %lu", name, (unsigned long)times);
}

static struct strangers strangers_since(const struct exits *before, const char *own)
{
	struct strangers s = {.own = own};
	struct exits now;

	if (exits_read(&now))
		exits_since(before, &now, collect, &s);
	else
		snprintf(s.names, sizeof(s.names), "unknown exits");
	return s;
}

/* @return how often the hook was called */
static uint32_t provoke(const struct row *row)
{
	uint32_t calls = 0;

	for (int i = 0; i < TRIES && !calls; i++) {
		cause(row);
		cause_linux();
		calls = ask(OP_CALLS, 0, 0).eax;
	}
	return calls;
}

/* It has quirks of its own; its CPUs' brand is "QEMU Virtual CPU" or "QEMU TCG CPU". */
static bool on_qemu(void)
{
	return svm && cpuid(0x80000002, 0).eax == 0x554d4551;
}

static const char *why_deaf(const struct row *row, const char *name)
{
	if (!on_qemu())
		return NULL;
	return row_is_post(name) && row->qemu_post_deaf ? row->qemu_post_deaf : row->qemu_deaf;
}

static void run_hook(const char *name, const struct row *row)
{
	const char *deaf = why_deaf(row, name);
	struct strangers with, without;
	struct exits before, after;
	uint32_t calls;

	if (!exits_read(&before)) {
		verdict(false, name, "no exits to compare", NULL);
		return;
	}
	calls = provoke(row);
	with = strangers_since(&before, row->own);
	ask(OP_REMOVE, 0, 0);
	exit_everywhere();
	if (!exits_read(&after)) {
		verdict(false, name, "no exits to compare", NULL);
		return;
	}
	cause(row);
	cause_linux();
	without = strangers_since(&after, "");
	if (with.names[0])
		verdict(false, name, "brings exits that are not its own", with.names);
	else if (without.names[0])
		verdict(false, name, "leaves exits behind", without.names);
	else if (!calls && !deaf)
		verdict(false, name, "never called", NULL);
	else if (!calls)
		verdict(true, name, "impossible", deaf);
	else
		verdict(true, name, "pass", NULL);
}

/* @return why this vendor refuses the hook, or NULL. */
static const char *why_none(const struct row *row, const char *name)
{
	const char *none = svm ? row->svm_none : row->vmx_none;

	return !none && row_is_post(name) ? row->post_none : none;
}

static void run_row(uint32_t number, const char *name)
{
	const struct row *row = row_find(name);
	const char *none = row ? why_none(row, name) : NULL;
	int status;

	if (!row) {
		verdict(false, name, "this program does not know it", NULL);
		return;
	}
	if (!none && !row->mock_only && !cause(row)) {
		verdict(true, name, "impossible", "this CPU has no such instruction");
		return;
	}
	status = (int)ask(OP_SET, number, 0).eax;
	if (status == BF_ENOTSUP && none)
		verdict(true, name, "impossible", none);
	else if (status || none)
		verdict(false, name, status ? "refused" : "accepted", "not as the table says");
	else if (row->mock_only)
		verdict(true, name, "registers; caused on the mock alone", row->mock_only);
	else
		run_hook(name, row);
	if (!status)
		ask(OP_REMOVE, 0, 0);
}

static void say_exit(const char *name, uint64_t times, void *ctx)
{
	bool forced = exits_listed(svm ? FORCED_SVM : FORCED_VMX, name);

	(void)ctx;
	failed += !forced;
	printf("%s - without a hook, %s exits\n", forced ? "ok" : "not ok", name);
	printf("table: without a hook               %s %s %lu\n", vendor(), name,
	       (unsigned long)times);
}

/* While @load runs nothing exits but what has to. */
static int bare_exits(const char *load)
{
	struct exits before, after;

	if (!exits_read(&before) || system(load) || !exits_read(&after))
		return 1;
	exits_since(&before, &after, say_exit, NULL);
	return failed != 0;
}

static int usage(void)
{
	fputs("usage: hook_table [ROW...]       goes through all rows, or those named\n"
	      "       hook_table --load COMMAND  lists what exits meanwhile, without hooks\n",
	      stderr);
	return 64;
}

static bool chosen(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc == 1;
}

int main(int argc, char **argv)
{
	char name[NAME_BYTES];

	svm = cpuid(0, 0).ecx == 0x444d4163; /* "AuthenticAMD" */
	if (!pin_to_cpu(0))
		return 1;
	if (argc == 3 && !strcmp(argv[1], "--load"))
		return bare_exits(argv[2]);
	if (argc > 1 && argv[1][0] == '-')
		return usage();
	for (uint32_t row = 0; name_of(row, name); row++)
		if (chosen(name, argc, argv))
			run_row(row, name);
	return failed != 0;
}
