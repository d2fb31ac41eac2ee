/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls of an extension's own, for programs in user space: 0x6563686f gives its first argument
 * back, 0x65636870 adds three up, 0x65636871 tells from which ring it was called. Others of the
 * range are refused with BF_ENOENT.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/hook.h>

#define CALL_FIRST 0x6563686fu /* "echo" */
#define CALL_LAST  0x656368ffu

enum call {
	CALL_ECHO,
	CALL_SUM,
	CALL_RING
};

static uint64_t answer(const struct bf_hypercall *io)
{
	switch (io->number - CALL_FIRST) {
	case CALL_ECHO:
		return io->argument[0];
	case CALL_SUM:
		return io->argument[0] + io->argument[1] + io->argument[2];
	case CALL_RING:
		return io->cpl;
	default:
		return (uint64_t)BF_ENOENT;
	}
}

/* BF_SKIP: the call has been answered, and the guest goes on behind it. */
static enum bf_verdict on_call(struct bf_vcpu *vcpu, struct bf_hypercall *io, void *ctx)
{
	(void)vcpu;
	(void)ctx;
	io->result = answer(io);
	return BF_SKIP;
}

static int init(struct bf_ext *ext)
{
	return bf_hook_hypercall(ext, BF_CONTROL_VM, BF_HYPERCALL(CALL_FIRST, CALL_LAST), on_call,
				 NULL, BF_PRIO_NORMAL, NULL);
}

BF_EXTENSION(hypercall_echo, .version = "1.0", .license = "MIT", .init = init);
