/* SPDX-License-Identifier: MIT */
/*
 * Calls other CPUs when the guest asks for it by CPUID. ECX says how; EAX becomes the status, EBX
 * the number of CPUs that have run the function when the call returns.
 */
#include <stdatomic.h>
#include <stddef.h>
#include <bareframe/cpu.h>
#include <bareframe/ext.h>
#include <bareframe/hook.h>

#define LEAF 0x4000ca11u

enum how {
	EACH,
	EACH_LATER,
	MEET_ALL,
	MEET_CALLER,
	NEXT,
	NESTED
};

static _Atomic uint32_t ran_later;

static void count(uint32_t cpu, void *ctx)
{
	(void)cpu;
	atomic_fetch_add((_Atomic uint32_t *)ctx, 1);
}

/* From inside a call: everybody else has to be reachable there too. */
static void count_all(uint32_t cpu, void *ctx)
{
	(void)cpu;
	(void)bf_on_each_cpu(count, ctx, true);
}

static int next_cpu(_Atomic uint32_t *ran)
{
	uint32_t cpu = bf_cpu_this();

	do
		cpu = (cpu + 1) % bf_cpu_count();
	while (!bf_cpu_is_up(cpu));
	return bf_on_cpu(cpu, count, ran);
}

static int call(uint32_t how, _Atomic uint32_t *ran)
{
	switch (how) {
	case EACH:
		return bf_on_each_cpu(count, ran, true);
	case EACH_LATER:
		return bf_on_each_cpu(count, &ran_later, false);
	case MEET_ALL:
		return bf_rendezvous(count, ran, BF_RENDEZVOUS_ALL);
	case MEET_CALLER:
		return bf_rendezvous(count, ran, BF_RENDEZVOUS_CALLER);
	case NEXT:
		return next_cpu(ran);
	case NESTED:
		return bf_on_cpu(bf_cpu_this(), count_all, ran);
	default:
		return BF_EINVAL;
	}
}

static enum bf_verdict on_leaf(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	_Atomic uint32_t ran = 0;

	(void)vcpu;
	(void)ctx;
	io->eax = (uint32_t)call(io->subleaf, &ran);
	io->ebx = atomic_load(&ran);
	io->ecx = atomic_load(&ran_later);
	return BF_SKIP;
}

static int init(struct bf_ext *ext)
{
	int status = bf_cpu_calls_enable(ext);

	if (status)
		return status;
	return bf_hook_cpuid(ext, BF_CONTROL_VM, BF_LEAF(LEAF, LEAF), on_leaf, NULL, BF_PRIO_NORMAL,
			     NULL);
}

BF_EXTENSION(test_calls, .version = "1.0", .license = "MIT", .init = init);
