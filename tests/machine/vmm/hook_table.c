/* SPDX-License-Identifier: MIT */
/*
 * Every hook there is, one at a time, set and removed by a program of the guest through CPUID
 * 0x4000f001: ECX has the operation, the row of the table and a detail. Each hook counts its calls
 * and passes everything on.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/hook.h>

#define LEAF       0x4000f001u
#define STEPS      8u  /* how far a row that steps goes */
#define NAME_BYTES 12u /* in three registers */

enum operation {
	OP_NAME, /* of the row: the detail counts pieces of 12 bytes; none behind the last row */
	OP_SET,  /* EAX becomes the status of the registration */
	OP_CALLS,
	OP_REMOVE
};

/* Rows: typed hooks of each family, before and after the default, but of CR each register's. */
struct row {
	const char *name;
	enum bf_hook_family family;
	enum bf_hook_stage stage;
	struct bf_range range;
};

#define CR_ROW(direction, TAG, n)                                                                  \
	{"cr" #n "_" #direction, BF_FAMILY_CR_##TAG, BF_HOOK_PRE, BF_CR(n, n)},                    \
	{                                                                                          \
		"cr" #n "_" #direction "_post", BF_FAMILY_CR_##TAG, BF_HOOK_POST, BF_CR(n, n)      \
	}
#define CR_ROWS(direction, TAG)                                                                    \
	CR_ROW(direction, TAG, 0), CR_ROW(direction, TAG, 2), CR_ROW(direction, TAG, 3),           \
		CR_ROW(direction, TAG, 4), CR_ROW(direction, TAG, 8)

static const struct row typed[] = {
#define X(name, TAG, io)                                                                           \
	{#name, BF_FAMILY_##TAG, BF_HOOK_PRE, BF_RANGE_ALL},                                       \
		{#name "_post", BF_FAMILY_##TAG, BF_HOOK_POST, BF_RANGE_ALL},
	BF_TYPED_HOOKS(X)
#undef X
		CR_ROWS(read, READ),
	CR_ROWS(write, WRITE),
};

#define TYPED     (sizeof(typed) / sizeof(typed[0]))
#define REASONS   (TYPED)                   /* then a hook on each reason */
#define EVERY     (REASONS + BF_EXIT_COUNT) /* then one on every exit */
#define ROW_COUNT (EVERY + 1)

static const char *const reasons[] = {
#define X(name, text) #name,
	BF_EXIT_REASONS(X)
#undef X
};

static struct bf_ext *self;
static struct bf_hook *handle;
static uint64_t calls;

static const char *name_of(uint32_t row)
{
	if (row < TYPED)
		return typed[row].name;
	if (row < EVERY)
		return reasons[row - REASONS];
	return row == EVERY ? "every_exit" : "";
}

static void name_piece(uint32_t row, uint32_t piece, struct bf_cpuid *io)
{
	uint32_t *words[] = {&io->ebx, &io->ecx, &io->edx};
	const char *name = name_of(row);
	uint32_t skipped = 0;

	io->eax = io->ebx = io->ecx = io->edx = 0;
	while (*name && skipped++ < piece * NAME_BYTES)
		name++;
	for (uint32_t i = 0; i < NAME_BYTES && *name; i++)
		*words[i / 4] |= (uint32_t)(uint8_t)*name++ << i % 4 * 8;
}

static enum bf_verdict on_typed(struct bf_vcpu *vcpu, void *io, void *ctx)
{
	(void)vcpu;
	(void)io;
	(void)ctx;
	__atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED);
	return BF_PASS;
}

static enum bf_verdict on_exit(struct bf_vcpu *vcpu, struct bf_exit *exit, void *ctx)
{
	uint64_t count = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);

	(void)vcpu;
	(void)ctx;
	return exit->reason == BF_EXIT_SINGLE_STEP && count < STEPS ? BF_DONE : BF_PASS;
}

static int set(struct bf_vcpu *vcpu, uint32_t row)
{
	const struct row *t = &typed[row];
	int status;

	calls = 0;
	if (row < TYPED)
		return bf_hook_typed(self, t->family, t->stage, BF_CONTROL_VM, t->range, on_typed,
				     NULL, BF_PRIO_NORMAL, &handle);
	if (row == EVERY)
		return bf_hook_every_exit(self, BF_CONTROL_VM, on_exit, NULL, BF_PRIO_NORMAL,
					  &handle);
	status = bf_hook_exit(self, BF_CONTROL_VM, row - REASONS, on_exit, NULL, BF_PRIO_NORMAL,
			      &handle);
	if (!status && row - REASONS == BF_EXIT_SINGLE_STEP)
		status = bf_vcpu_step(vcpu, true);
	return status;
}

static enum bf_verdict on_leaf(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	uint32_t operation = io->subleaf & 0xff, row = io->subleaf >> 8 & 0xff;

	(void)ctx;
	switch (operation) {
	case OP_NAME:
		name_piece(row, io->subleaf >> 16, io);
		break;
	case OP_SET:
		io->eax = row < ROW_COUNT ? (uint32_t)set(vcpu, row) : (uint32_t)BF_EINVAL;
		break;
	case OP_CALLS:
		io->eax = (uint32_t)__atomic_load_n(&calls, __ATOMIC_RELAXED);
		break;
	case OP_REMOVE:
		bf_unhook(handle);
		handle = NULL;
		break;
	}
	return BF_SKIP;
}

static int init(struct bf_ext *ext)
{
	self = ext;
	return bf_hook_cpuid(ext, BF_CONTROL_VM, BF_LEAF(LEAF, LEAF), on_leaf, NULL, BF_PRIO_FIRST,
			     NULL);
}

BF_EXTENSION(hook_table, .version = "1.0", .license = "MIT", .init = init);
