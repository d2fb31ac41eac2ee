/* SPDX-License-Identifier: MIT */
/*
 * Who writes this page? The guest names a page of its memory by hypercall; each write to it (or
 * read, or execution, if it says so) is counted by RIP and CPU from then on, until the guest has
 * had enough. Any program may ask: an extension for more than a demonstration would look at the
 * caller's ring first.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/guest.h>
#include <bareframe/hook.h>
#include <bareframe/log.h>
#include <bareframe/s2.h>

/* Arguments: an address in the page, and enum bf_s2_right, ORed, 0 for writes. 0 or an error. */
#define CALL_START 0x73320000u
#define CALL_STOP  0x73320001u
#define CALL_COUNT 0x73320002u /* result: accesses seen so far */

#define WRITERS 16u

/* What a CPU has seen. */
struct seen {
	struct {
		uint64_t rip, count;
	} writer[WRITERS];
	uint64_t others; /* from more places than there is room for */
	uint64_t total;
};

static struct bf_ext *self;
static struct bf_hook *hook;
static bool busy;

static void count_writer(struct seen *seen, uint64_t rip)
{
	for (uint32_t i = 0; i < WRITERS; i++) {
		if (seen->writer[i].count && seen->writer[i].rip != rip)
			continue;
		seen->writer[i].rip = rip;
		seen->writer[i].count++;
		return;
	}
	seen->others++;
}

static enum bf_verdict on_access(struct bf_vcpu *vcpu, struct bf_s2_access *access, void *ctx)
{
	struct seen *seen = bf_vcpu_data(self, vcpu);

	(void)access;
	(void)ctx;
	count_writer(seen, bf_vcpu_get(vcpu, BF_RIP));
	__atomic_store_n(&seen->total, seen->total + 1, __ATOMIC_RELEASE);
	return BF_PASS; /* the access happens */
}

static int start(struct bf_vcpu *vcpu, uint64_t address, uint64_t kinds)
{
	struct bf_translation page;
	int status = hook ? BF_EEXIST : 0;

	if (!status)
		status = bf_guest_translate(vcpu, address, BF_GUEST_READ, &page, NULL);
	if (!kinds)
		kinds = BF_S2_WRITE;
	if (!status && kinds > BF_S2_RWX)
		status = BF_EINVAL;
	if (!status)
		status = bf_hook_s2(self, NULL, BF_GPA_PAGE(page.gpa), (uint32_t)kinds, on_access,
				    NULL, BF_PRIO_NORMAL, &hook);
	return status;
}

static int stop(void)
{
	if (!hook)
		return BF_ENOENT;
	bf_unhook(hook);
	hook = NULL;
	return 0;
}

static uint64_t total(struct bf_vcpu *vcpu)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < bf_vcpu_count(vcpu); i++) {
		struct bf_vcpu *other = bf_vm_vcpu(bf_vcpu_vm(vcpu), i);
		struct seen *seen = other ? bf_vcpu_data(self, other) : NULL;

		sum += seen ? __atomic_load_n(&seen->total, __ATOMIC_ACQUIRE) : 0;
	}
	return sum;
}

static enum bf_verdict on_call(struct bf_vcpu *vcpu, struct bf_hypercall *call, void *ctx)
{
	(void)ctx;
	if (call->number == CALL_COUNT) {
		call->result = total(vcpu);
		return BF_SKIP;
	}
	/* Starting and stopping waits for all CPUs: one of them may be here meanwhile. */
	if (__atomic_exchange_n(&busy, true, __ATOMIC_ACQUIRE)) {
		call->result = (uint64_t)(int64_t)BF_EBUSY;
		return BF_SKIP;
	}
	call->result =
		(uint64_t)(int64_t)(call->number == CALL_START
					    ? start(vcpu, call->argument[0], call->argument[1])
					    : stop());
	__atomic_store_n(&busy, false, __ATOMIC_RELEASE);
	return BF_SKIP;
}

static void report(uint32_t cpu, const struct seen *seen)
{
	for (uint32_t i = 0; i < WRITERS && seen->writer[i].count; i++)
		bf_info("s2_watch: CPU %u RIP 0x%lx %lu times", cpu, seen->writer[i].rip,
			seen->writer[i].count);
	if (seen->others)
		bf_info("s2_watch: CPU %u elsewhere %lu times", cpu, seen->others);
}

static void on_stop(enum bf_life_event event, uint32_t cpu, void *ctx)
{
	(void)event;
	(void)cpu;
	(void)ctx;
	for (uint32_t i = 0; i < bf_cpu_count(); i++) {
		struct bf_vcpu *vcpu = bf_vm_vcpu(bf_vm_find(0), i);

		if (vcpu)
			report(i, bf_vcpu_data(self, vcpu));
	}
}

static int init(struct bf_ext *ext)
{
	int status = bf_s2_enable(ext);

	self = ext;
	hook = NULL;
	if (!status)
		status = bf_ext_vcpu_data(ext, sizeof(struct seen));
	if (!status)
		status = bf_hook_event(ext, BF_LIFE_VMM_STOP, on_stop, NULL, NULL);
	if (status)
		return status;
	return bf_hook_hypercall(ext, BF_CONTROL_VM, BF_HYPERCALL(CALL_START, CALL_COUNT), on_call,
				 NULL, BF_PRIO_NORMAL, NULL);
}

BF_EXTENSION(s2_watch, .version = "1.0", .license = "MIT", .init = init);
