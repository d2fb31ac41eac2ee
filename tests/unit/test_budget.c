/* SPDX-License-Identifier: MIT */
/* What a default exit may cost. The instructions are counted on emulators, by ./bf bench exit. */
#include <bareframe/ext.h>
#include <bfmock/guest.h>
#include <bfvmm/hooks.h>
#include "test.h"

/* Reason, length, RIP, interruptibility, RFLAGS. */
#define VMREADS  5u
#define VMWRITES 1u

static struct mock_counts cost(struct bf_vcpu *vcpu)
{
	const bool intel = mock.profile->vendor == MOCK_INTEL;
	const struct mock_exit exit = {.reason = intel ? 10 : 0x72, .length = 2};

	vcpu->regs.rax = 2;
	mock_counts_reset();
	struct mock_result r = mock_guest_exit(vcpu, &exit);
	assert_int_equal(r.end, MOCK_RETURNED);
	assert_false(r.injected);
	return mock.count;
}

static struct bf_vcpu *start(const struct mock_profile *profile)
{
	mock_reset(profile, 1);
	assert_int_equal(mock_vmm_start(""), 0);
	/* Once to settle what the start has left pending; CPUID itself is at RIP. */
	mock_execute_cpuid(mock_vcpu(), 2, 0);
	bf_vcpu_set(mock_vcpu(), BF_RIP, MOCK_GUEST_RIP);
	return mock_vcpu();
}

static void expect_within(const struct mock_counts *c, const char *name, uint64_t cr_reads)
{
	assert_row(c->vmread <= VMREADS, name);
	assert_row(c->vmwrite <= VMWRITES, name);
	assert_row(c->cpuid == 1, name);
	assert_row(c->rdmsr + c->wrmsr + c->cr_write == 0, name);
	assert_row(c->cr_read == cr_reads, name);
	assert_row(c->page_alloc + c->page_free + c->in + c->out + c->pause == 0, name);
	assert_row(c->invept + c->invvpid + c->wbinvd + c->xsetbv == 0, name);
	/* The entry code's own: guest out and VMM in, and back. */
	assert_row(c->vmsave <= 1 && c->vmload <= 2, name);
}

static void default_cpuid(void **state)
{
	(void)state;
	for (uint32_t p = 0; mock_profiles[p]; p++) {
		struct mock_counts c = cost(start(mock_profiles[p]));

		expect_within(&c, mock_profiles[p]->name, 0);
		assert_int_equal(c.vmread, mock_profiles[p]->vendor == MOCK_INTEL ? VMREADS : 0);
	}
}

static const struct bf_extension descriptor = {.name = "under test"};
static struct bf_ext ext = {.descriptor = &descriptor};

static enum bf_verdict pass(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	(void)vcpu;
	(void)io;
	(void)ctx;
	return BF_PASS;
}

/* Hooks cost instructions; their guard keeps CR2, which may be the guest's. */
static void hooked_cpuid(void **state)
{
	(void)state;
	for (uint32_t p = 0; mock_profiles[p]; p++) {
		struct bf_vcpu *vcpu = start(mock_profiles[p]);
		struct mock_counts c;

		for (int i = 0; i < 8; i++)
			assert_int_equal(bf_hook_cpuid(&ext, BF_ALL_VMS, BF_LEAF_ALL, pass, NULL,
						       BF_PRIO_NORMAL, NULL),
					 0);
		mock_execute_cpuid(vcpu, 2, 0);
		bf_vcpu_set(vcpu, BF_RIP, MOCK_GUEST_RIP);
		c = cost(vcpu);
		expect_within(&c, mock_profiles[p]->name, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_cpuid),
		cmocka_unit_test(hooked_cpuid),
	};

	return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
