/* SPDX-License-Identifier: MIT */
/*
 * The emulator with any bytes, in any mode and state, on memory that faults here and there.
 *
 * Whatever it is given, it reads no byte behind the instruction, makes no access that was not
 * checked, changes nothing if it fails, and goes on behind what it took.
 */
#include <stdlib.h>
#include <string.h>
#include <bfvmm/emulate.h>
#include <bfvmm/msr.h>
#include <bfvmm/state.h>

#define MEMORY_BYTES 256u
#define INSN_MAX     15u

#define HOLDS(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

/* Taken from the front of the input; what follows is the instruction. */
struct input {
	uint8_t mode;     /* of the code segment, and which world */
	uint8_t fail_at;  /* the number of the callback that fails */
	uint8_t how;      /* and with what */
	uint8_t limit;    /* of iterations */
	uint8_t near[16]; /* registers: offsets into memory, or far away */
	uint16_t flags;
	uint8_t access, segment_limit;
	uint8_t port;
};

struct cpu {
	uint64_t gpr[16];
	uint64_t field[BF_FIELD_COUNT];
	uint8_t memory[MEMORY_BYTES];
	uint32_t callbacks, fail_at;
	int fail;
};

static uint64_t gpr(void *ctx, uint32_t number)
{
	HOLDS(number < 16);
	return ((struct cpu *)ctx)->gpr[number];
}

static void set_gpr(void *ctx, uint32_t number, uint64_t value)
{
	HOLDS(number < 16);
	((struct cpu *)ctx)->gpr[number] = value;
}

static uint64_t get(void *ctx, enum bf_field field)
{
	HOLDS(field < BF_FIELD_COUNT);
	return ((struct cpu *)ctx)->field[field];
}

static void set_rflags(void *ctx, uint64_t value)
{
	((struct cpu *)ctx)->field[BF_RFLAGS] = value;
}

static const struct bf_emu_cpu cpu_ops = {gpr, set_gpr, get, set_rflags};

static int called(struct cpu *cpu)
{
	return ++cpu->callbacks == cpu->fail_at ? cpu->fail : 0;
}

/* Memory repeats over all of the address space, but for an access that would leave it. */
static uint8_t *at(struct cpu *cpu, const struct bf_emu_access *access)
{
	HOLDS(access->size && access->size <= 16 && !(access->size & (access->size - 1)));
	return cpu->memory + access->va % (MEMORY_BYTES - 16);
}

static int check(void *ctx, struct bf_emu_access *access)
{
	(void)at(ctx, access);
	return called(ctx);
}

static int read(void *ctx, struct bf_emu_access *access)
{
	memcpy(access->value, at(ctx, access), access->size);
	return called(ctx);
}

static int write(void *ctx, struct bf_emu_access *access)
{
	int status = called(ctx);

	HOLDS(access->write);
	if (access->size < 8)
		HOLDS(access->value[0] >> 8 * access->size == 0);
	if (!status && access->locked)
		HOLDS(!memcmp(at(ctx, access), access->expected, access->size));
	if (!status)
		memcpy(at(ctx, access), access->value, access->size);
	return status;
}

static int in(void *ctx, uint16_t port, uint32_t size, uint32_t *value)
{
	(void)port;
	HOLDS(size == 1 || size == 2 || size == 4);
	*value = 0x12345678;
	return called(ctx);
}

static int out(void *ctx, uint16_t port, uint32_t size, uint32_t value)
{
	(void)port;
	HOLDS(size == 4 || value >> 8 * size == 0);
	return called(ctx);
}

static const struct bf_emu_bus bus = {check, read, write, in, out};

static void set_segments(struct cpu *cpu, const struct input *in)
{
	static const uint32_t code[] = {0x9b, 0x409b, 0x209b, 0x609b};

	for (int i = 0; i < BF_SEG_COUNT; i++) {
		cpu->field[BF_ES_ACCESS + i] = BF_AR_P | BF_AR_S | (in->access & 0xf) |
					       (in->access & 0x10 ? BF_AR_DB : 0) |
					       (in->access & 0x20 ? BF_AR_UNUSABLE : 0);
		cpu->field[BF_ES_LIMIT + i] =
			in->access & 0x40 ? in->segment_limit * 8u : 0xffffffffu;
		cpu->field[BF_ES_BASE + i] = in->access & 0x80 ? 0xffffff80ull * i : 0;
	}
	cpu->field[BF_CS_ACCESS] = code[in->mode & 3];
}

static void set_state(struct cpu *cpu, const struct input *in)
{
	static const int codes[] = {BF_EFAULT, BF_EPERM, BF_EAGAIN, BF_ENOENT};

	memset(cpu, 0, sizeof(*cpu));
	for (uint32_t i = 0; i < 16; i++)
		cpu->gpr[i] = in->near[i] & 0x80 ? (uint64_t)in->near[i] << (in->near[i] & 63)
						 : in->near[i];
	cpu->field[BF_RIP] = in->mode & 0x40 ? 0xfffffff8 : 0x1000;
	cpu->field[BF_RFLAGS] = RFLAGS_FIXED | (in->flags & 0xfd5) |
				(in->mode & 0x08 ? RFLAGS_VM : 0) |
				(in->flags & 0x8000 ? RFLAGS_AC : 0);
	cpu->field[BF_EFER] = in->mode & 0x10 ? EFER_LMA : 0;
	cpu->field[BF_CR0] = (in->mode & 0x20 ? 0 : CR0_PE) | CR0_AM;
	cpu->field[BF_CR4] = in->flags & 0x4000 ? CR4_LA57 : 0;
	cpu->field[BF_CPL] = in->flags & 0x2000 ? 3 : 0;
	cpu->fail_at = in->fail_at;
	cpu->fail = codes[in->how & 3];
	set_segments(cpu, in);
}

/* What must not have changed has not. */
static void check_failure(const struct cpu *old, const struct cpu *now, const struct bf_emu *emu,
			  int status)
{
	HOLDS(status == BF_EAGAIN || status < 0);
	HOLDS(now->field[BF_RFLAGS] == old->field[BF_RFLAGS]);
	if (emu->iterations)
		return;
	HOLDS(!memcmp(now->gpr, old->gpr, sizeof(now->gpr)));
	HOLDS(!memcmp(now->memory, old->memory, sizeof(now->memory)));
	HOLDS(status != BF_EFAULT || emu->fault.vector < 32);
}

static void check_success(const struct cpu *old, const struct bf_emu *emu, uint32_t length)
{
	HOLDS(emu->length && emu->length <= length);
	if (!emu->finished)
		HOLDS(emu->iterations && emu->next_rip == old->field[BF_RIP]);
}

static void run_bytes(const struct input *in, const uint8_t *bytes, size_t count)
{
	uint32_t length = count < 2 * INSN_MAX ? (uint32_t)count : 2 * INSN_MAX;
	struct cpu cpu, old;
	struct bf_emu emu = {.cpu = &cpu_ops, .cpu_ctx = &cpu, .bus = &bus, .bus_ctx = &cpu};
	/* A block of its own: the sanitizer sees a read behind it. */
	uint8_t *own = malloc(length + !length);
	int status;

	HOLDS(own);
	memcpy(own, bytes, length);
	set_state(&cpu, in);
	emu.limit = in->limit % 16;
	old = cpu;
	status = bf_emulate(&emu, own, length);
	if (status)
		check_failure(&old, &cpu, &emu, status);
	else
		check_success(&old, &emu, length);
	free(own);
}

static void run_port(const struct input *in)
{
	const struct bf_io_access io = {
		.port = in->port,
		.size = 1 << in->port % 3,
		.write = in->how & 4,
		.string = in->how & 8,
		.rep = in->how & 16,
		.address_size = 2 << in->limit % 3,
		.segment = in->access % BF_SEG_COUNT,
		.length = 1 + in->limit % INSN_MAX,
	};
	struct cpu cpu, old;
	struct bf_emu emu = {.cpu = &cpu_ops, .cpu_ctx = &cpu, .bus = &bus, .bus_ctx = &cpu};
	int status;

	set_state(&cpu, in);
	emu.limit = in->limit;
	old = cpu;
	status = bf_emulate_io(&emu, &io);
	if (status)
		check_failure(&old, &cpu, &emu, status);
	else
		check_success(&old, &emu, INSN_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in;

	if (size < sizeof(in))
		return 0;
	memcpy(&in, data, sizeof(in));
	run_bytes(&in, data + sizeof(in), size - sizeof(in));
	run_port(&in);
	return 0;
}
