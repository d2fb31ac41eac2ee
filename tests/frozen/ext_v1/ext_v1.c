/* SPDX-License-Identifier: MIT */
/*
 * An extension of API version 1.0. FROZEN: see tests/frozen/README.md.
 *
 * Each leaf from LEAF on does another thing that the API promises.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bareframe/log.h>
#include <bareframe/vcpu.h>

#define LEAF      0x40000a00
#define HYPERCALL 0x1234

enum {
	LEAF_ANSWER,
	LEAF_EXCEPTION,
	LEAF_EVENT,
	LEAF_OTHER,
	LEAF_DONE,
	LEAF_READ_ONLY,
	LEAF_UNHOOK,
	LEAF_COUNT
};

struct per_cpu {
	uint32_t calls;
};

/* What happened, for whoever looks. */
uint32_t ext_v1_events[BF_LIFE_COUNT];

static struct per_cpu *cpus;
static struct bf_hook *post_hook;
static int unit; /* its address is a context */

static enum bf_verdict answer(struct bf_vcpu *vcpu, struct bf_cpuid *io)
{
	io->eax = (uint32_t)bf_option_number("v1_number", 7);
	io->ebx = bf_cpu_count();
	io->ecx = bf_vcpu_index(vcpu) | bf_vcpu_count(vcpu) << 16;
	io->edx = cpus[bf_vcpu_index(vcpu)].calls;
	return BF_SKIP;
}

static enum bf_verdict exception(struct bf_vcpu *vcpu, struct bf_cpuid *io)
{
	bf_vcpu_inject_exception(vcpu, BF_VECTOR_GP, io->subleaf);
	return BF_INJECT;
}

static enum bf_verdict event(struct bf_vcpu *vcpu, struct bf_cpuid *io)
{
	struct bf_event ud = {.type = BF_EVENT_EXCEPTION, .vector = BF_VECTOR_UD};

	(void)io;
	bf_vcpu_inject(vcpu, ud);
	return BF_INJECT;
}

static enum bf_verdict other(struct bf_vcpu *vcpu, struct bf_cpuid *io)
{
	(void)vcpu;
	io->leaf = 0;
	return BF_PASS;
}

static enum bf_verdict done(struct bf_vcpu *vcpu, struct bf_cpuid *io)
{
	struct bf_regs *regs = bf_vcpu_regs(vcpu);

	(void)io;
	regs->r15 = regs->r14 + 1;
	bf_vcpu_set(vcpu, BF_RIP, bf_vcpu_get(vcpu, BF_RIP) + 0x100);
	return BF_DONE;
}

static enum bf_verdict read_only(struct bf_vcpu *vcpu, struct bf_cpuid *io)
{
	io->eax = bf_vcpu_set(vcpu, BF_EXIT_QUALIFICATION, 0) == BF_EINVAL;
	io->ebx = io->ecx = io->edx = 0;
	return BF_SKIP;
}

static enum bf_verdict unhook(struct bf_vcpu *vcpu, struct bf_cpuid *io)
{
	(void)vcpu;
	io->eax = io->ebx = io->ecx = io->edx = 0;
	bf_unhook(post_hook);
	post_hook = NULL;
	return BF_SKIP;
}

static enum bf_verdict (*const leaves[])(struct bf_vcpu *vcpu, struct bf_cpuid *io) = {
	[LEAF_ANSWER] = answer, [LEAF_EXCEPTION] = exception, [LEAF_EVENT] = event,
	[LEAF_OTHER] = other,   [LEAF_DONE] = done,           [LEAF_READ_ONLY] = read_only,
	[LEAF_UNHOOK] = unhook,
};

static enum bf_verdict on_leaf(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	if (ctx != &unit)
		return BF_PASS;
	return leaves[io->leaf - LEAF](vcpu, io);
}

static enum bf_verdict on_any(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	(void)io;
	(void)ctx;
	cpus[bf_vcpu_index(vcpu)].calls++;
	return BF_PASS;
}

static enum bf_verdict after(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	(void)vcpu;
	(void)ctx;
	io->edx = ~io->edx;
	return BF_PASS;
}

static enum bf_verdict on_hypercall(struct bf_vcpu *vcpu, struct bf_exit *exit, void *ctx)
{
	struct bf_regs *regs = bf_vcpu_regs(vcpu);

	(void)ctx;
	if (exit->reason != BF_EXIT_HYPERCALL || regs->rax != HYPERCALL)
		return BF_PASS;
	regs->rax = regs->rdi + 1;
	return BF_SKIP;
}

static void on_life(enum bf_life_event event, uint32_t cpu, void *ctx)
{
	(void)ctx;
	ext_v1_events[event]++;
	bf_debug("ext_v1: event %u on CPU %u", event, cpu);
}

static int start(void)
{
	char text[16];
	int length = bf_option("v1_text", text, sizeof(text));

	if (length == BF_ENOENT)
		bf_warn("ext_v1: no v1_text");
	else
		bf_info("ext_v1: v1_text is %s, %d bytes", text, length);
	if (bf_option_number("v1_fail", 0)) {
		bf_error("ext_v1: told to fail");
		return BF_EINVAL;
	}
	cpus = bf_alloc(bf_cpu_count() * sizeof(*cpus));
	return cpus ? 0 : BF_ENOMEM;
}

static int init(struct bf_ext *ext)
{
	static const enum bf_life_event events[] = {BF_LIFE_CPU_START, BF_LIFE_CPU_STOP,
						    BF_LIFE_VMM_STOP};
	void *spare = bf_alloc(100000);
	int status = start();

	bf_free(spare);
	bf_free(NULL);
	for (uint32_t i = 0; i < sizeof(events) / sizeof(events[0]) && !status; i++)
		status = bf_hook_event(ext, events[i], on_life, NULL, NULL);
	if (!status)
		status = bf_hook_cpuid(ext, BF_ALL_VMS, BF_LEAF(LEAF, LEAF + LEAF_COUNT - 1),
				       on_leaf, &unit, BF_PRIO_NORMAL, NULL);
	if (!status)
		status = bf_hook_cpuid(ext, BF_CONTROL_VM, BF_LEAF_ALL, on_any, NULL, BF_PRIO_FIRST,
				       NULL);
	if (!status)
		status = bf_hook_cpuid_post(ext, BF_ALL_VMS, BF_LEAF(0, 0), after, NULL,
					    BF_PRIO_LAST, &post_hook);
	if (!status)
		status = bf_hook_exit(ext, BF_ALL_VMS, BF_EXIT_HYPERCALL, on_hypercall, NULL,
				      BF_PRIO_NORMAL, NULL);
	return status;
}

BF_EXTENSION(ext_v1, .version = "1.0", .license = "MIT", .init = init);
