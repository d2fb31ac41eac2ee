/* SPDX-License-Identifier: MIT */
/*
 * Traces a process: the instruction CPUID with leaf 0x40000020 asks for the next ECX instructions
 * (its subleaf) to be traced; the log shows where each of them began.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bareframe/log.h>

#define LEAF_TRACE 0x40000020u
#define STEPS_MAX  1024u

/* What a vCPU traces now. */
struct trace {
	uint32_t wanted, count;
	uint64_t cr3; /* the process that asked */
	uint64_t rip[STEPS_MAX];
};

static struct bf_ext *self;

static enum bf_verdict on_request(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	struct trace *trace = bf_vcpu_data(self, vcpu);

	(void)ctx;
	trace->wanted = io->subleaf < STEPS_MAX ? io->subleaf : STEPS_MAX;
	trace->count = 0;
	trace->cr3 = bf_vcpu_get(vcpu, BF_CR3);
	if (trace->wanted)
		bf_vcpu_step(vcpu, true);
	io->eax = trace->wanted;
	io->ebx = io->ecx = io->edx = 0;
	return BF_SKIP;
}

static void show(const struct bf_vcpu *vcpu, const struct trace *trace)
{
	bf_info("single_step: vCPU %u, %u instructions:", bf_vcpu_index(vcpu), trace->count);
	for (uint32_t i = 0; i < trace->count; i++)
		bf_info("single_step: %4u 0x%lx", i, trace->rip[i]);
}

/* Behind each instruction: RIP is where the next one begins. */
static enum bf_verdict on_step(struct bf_vcpu *vcpu, struct bf_exit *exit, void *ctx)
{
	struct trace *trace = bf_vcpu_data(self, vcpu);

	(void)exit;
	(void)ctx;
	/* Handlers and other processes may come in between: they are not what was asked for. */
	if (bf_vcpu_get(vcpu, BF_CPL) != 3 || bf_vcpu_get(vcpu, BF_CR3) != trace->cr3)
		return BF_DONE;
	trace->rip[trace->count++] = bf_vcpu_get(vcpu, BF_RIP);
	if (trace->count < trace->wanted)
		return BF_DONE; /* go on stepping */
	show(vcpu, trace);
	return BF_PASS; /* nobody wants more: stepping ends */
}

static int init(struct bf_ext *ext)
{
	int status = bf_ext_vcpu_data(ext, sizeof(struct trace));

	self = ext;
	if (!status)
		status = bf_hook_cpuid(ext, BF_CONTROL_VM, BF_LEAF(LEAF_TRACE, LEAF_TRACE),
				       on_request, NULL, BF_PRIO_NORMAL, NULL);
	if (!status)
		status = bf_hook_exit(ext, BF_CONTROL_VM, BF_EXIT_SINGLE_STEP, on_step, NULL,
				      BF_PRIO_NORMAL, NULL);
	return status;
}

BF_EXTENSION(single_step, .version = "1.0", .license = "MIT", .init = init);
