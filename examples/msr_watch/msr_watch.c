/* SPDX-License-Identifier: MIT */
/*
 * Watches model-specific registers: who reads and writes them, how often, and with which value.
 * Options: msr=FIRST, count=N; unless told EFER, 0xc0000080.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bareframe/log.h>

#define MSR_EFER  0xc0000080u
#define COUNT_MAX 64u

struct watched {
	uint64_t reads, writes;
	uint64_t value, rip; /* of the last access */
};

static struct watched msrs[COUNT_MAX];
static uint64_t first, count;

/*
 * Behind the access: what was read is known, and what would have raised #GP does not get here. RIP
 * is still that of the instruction.
 */
static void note(struct bf_vcpu *vcpu, const struct bf_msr *io, uint64_t *counter)
{
	struct watched *w = &msrs[io->number - first];

	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&w->value, io->value, __ATOMIC_RELAXED);
	__atomic_store_n(&w->rip, bf_vcpu_get(vcpu, BF_RIP), __ATOMIC_RELAXED);
}

static enum bf_verdict on_read(struct bf_vcpu *vcpu, struct bf_msr *io, void *ctx)
{
	(void)ctx;
	note(vcpu, io, &msrs[io->number - first].reads);
	return BF_PASS;
}

static enum bf_verdict on_write(struct bf_vcpu *vcpu, struct bf_msr *io, void *ctx)
{
	(void)ctx;
	note(vcpu, io, &msrs[io->number - first].writes);
	return BF_PASS;
}

static void on_stop(enum bf_life_event event, uint32_t cpu, void *ctx)
{
	(void)event;
	(void)cpu;
	(void)ctx;
	for (uint32_t i = 0; i < count; i++)
		if (msrs[i].reads || msrs[i].writes)
			bf_info("msr_watch: MSR 0x%lx read %lu written %lu last 0x%lx at 0x%lx",
				first + i, msrs[i].reads, msrs[i].writes, msrs[i].value,
				msrs[i].rip);
}

static int init(struct bf_ext *ext)
{
	struct bf_range range;
	int status;

	first = bf_option_number("msr", MSR_EFER);
	count = bf_option_number("count", 1);
	if (!count || count > COUNT_MAX || first > UINT32_MAX - (count - 1)) {
		bf_error("msr_watch: msr=0x%lx count=%lu: 1 to %u of 32 bits can be watched", first,
			 count, COUNT_MAX);
		return BF_EINVAL;
	}
	for (uint32_t i = 0; i < count; i++)
		msrs[i] = (struct watched){0};
	range = BF_MSR(first, first + count - 1);
	status = bf_hook_msr_read_post(ext, BF_CONTROL_VM, range, on_read, NULL, BF_PRIO_NORMAL,
				       NULL);
	if (!status)
		status = bf_hook_msr_write_post(ext, BF_CONTROL_VM, range, on_write, NULL,
						BF_PRIO_NORMAL, NULL);
	return status ? status : bf_hook_event(ext, BF_LIFE_VMM_STOP, on_stop, NULL, NULL);
}

BF_EXTENSION(msr_watch, .version = "1.0", .license = "MIT", .init = init);
