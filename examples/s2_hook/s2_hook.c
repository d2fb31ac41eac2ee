/* SPDX-License-Identifier: MIT */
/*
 * A hidden hook on code of the kernel, on all CPUs at once: reading the code shows the original
 * bytes, executing it runs a patched copy. Works the same on EPT and NPT, without pages that can
 * be executed but not read.
 *
 * The page cannot be executed in the base view. Execution that arrives there is let into a second
 * view, which has the patched copy in place of the page, and no other page that can be executed.
 * So it comes back as soon as anything else runs, be it the caller or the handler of an interrupt.
 * Only code of the page itself could read the copy.
 *
 * The guest says by hypercall what to patch. Any program may: an extension for more than a
 * demonstration would look at the caller's ring first.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/guest.h>
#include <bareframe/hook.h>
#include <bareframe/log.h>
#include <bareframe/s2.h>

#define CALL_START 0x73320010u /* arguments: guest-physical address, up to 8 bytes, how many */
#define CALL_STOP  0x73320011u
#define CALL_COUNT 0x73320012u /* result: arrivals at the page so far */

#define PAGE_SIZE 0x1000u
#define NO_PAGE   UINT64_MAX

static struct bf_ext *self;
static struct bf_view *view;
static struct bf_hook *arrive, *below, *above;
static uint8_t *copy;
static uint64_t shown; /* the page that the view has the copy of */
static uint64_t arrivals;
static bool busy;

static enum bf_verdict on_arrival(struct bf_vcpu *vcpu, struct bf_s2_access *access, void *ctx)
{
	(void)access;
	(void)ctx;
	__atomic_fetch_add(&arrivals, 1, __ATOMIC_RELAXED);
	bf_vcpu_set_view(vcpu, view);
	return BF_DONE; /* execute it again, there */
}

static enum bf_verdict on_leaving(struct bf_vcpu *vcpu, struct bf_s2_access *access, void *ctx)
{
	(void)access;
	(void)ctx;
	bf_vcpu_set_view(vcpu, bf_view_base());
	return BF_DONE;
}

static int hook_exec(struct bf_view *where, struct bf_range range, bf_s2_fn fn,
		     struct bf_hook **hook)
{
	return bf_hook_s2(self, where, range, BF_S2_EXEC, fn, NULL, BF_PRIO_NORMAL, hook);
}

static void unhook(struct bf_hook **hook)
{
	if (*hook)
		bf_unhook(*hook);
	*hook = NULL;
}

static void forget(void)
{
	unhook(&below);
	unhook(&above);
	if (shown != NO_PAGE)
		(void)bf_view_remap(view, shown, NULL);
	shown = NO_PAGE;
}

/* The view is for this page from now on. */
static int show(uint64_t page)
{
	int status = page && page + PAGE_SIZE ? 0 : BF_EINVAL;

	if (shown == page)
		return 0;
	forget();
	if (!status)
		status = bf_view_remap(view, page, copy);
	if (status)
		return status;
	shown = page;
	status = hook_exec(view, BF_GPA(0, page - 1), on_leaving, &below);
	if (!status)
		status = hook_exec(view, BF_GPA(page + PAGE_SIZE, UINT64_MAX), on_leaving, &above);
	if (status)
		forget();
	return status;
}

static int patch(struct bf_vm *vm, uint64_t gpa, uint64_t bytes, uint64_t count)
{
	uint64_t page = gpa & ~(uint64_t)(PAGE_SIZE - 1);
	int status;

	if (!count || count > sizeof(bytes) || gpa - page + count > PAGE_SIZE)
		return BF_EINVAL;
	status = bf_gpa_read(vm, page, copy, PAGE_SIZE);
	for (uint64_t i = 0; i < count; i++)
		copy[gpa - page + i] = (uint8_t)(bytes >> 8 * i);
	return status ? status : show(page);
}

static int start(struct bf_vcpu *vcpu, const uint64_t argument[4])
{
	int status = arrive ? BF_EEXIST : 0;

	if (!status)
		status = patch(bf_vcpu_vm(vcpu), argument[0], argument[1], argument[2]);
	if (!status)
		status = hook_exec(bf_view_base(), BF_GPA_PAGE(shown), on_arrival, &arrive);
	return status;
}

static int stop(void)
{
	if (!arrive)
		return BF_ENOENT;
	unhook(&arrive);
	return 0;
}

static enum bf_verdict on_call(struct bf_vcpu *vcpu, struct bf_hypercall *call, void *ctx)
{
	int status = BF_EBUSY;

	(void)ctx;
	if (call->number == CALL_COUNT) {
		call->result = __atomic_load_n(&arrivals, __ATOMIC_RELAXED);
		return BF_SKIP;
	}
	/* Starting and stopping waits for all CPUs: one of them may be here meanwhile. */
	if (!__atomic_exchange_n(&busy, true, __ATOMIC_ACQUIRE)) {
		status = call->number == CALL_START ? start(vcpu, call->argument) : stop();
		__atomic_store_n(&busy, false, __ATOMIC_RELEASE);
	}
	call->result = (uint64_t)(int64_t)status;
	return BF_SKIP;
}

static int init(struct bf_ext *ext)
{
	int status = bf_view_create(ext, &view);

	self = ext;
	arrive = below = above = NULL;
	shown = NO_PAGE;
	arrivals = 0;
	copy = bf_page_alloc();
	if (!status && !copy)
		status = BF_ENOMEM;
	if (status)
		return status;
	return bf_hook_hypercall(ext, BF_CONTROL_VM, BF_HYPERCALL(CALL_START, CALL_COUNT), on_call,
				 NULL, BF_PRIO_NORMAL, NULL);
}

BF_EXTENSION(s2_hook, .version = "1.0", .license = "MIT", .init = init);
