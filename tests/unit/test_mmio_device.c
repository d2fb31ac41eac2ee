/* SPDX-License-Identifier: MIT */
/* The example mmio_device, at an address where the mock machine has memory. */
#include <bfhw/phys.h>
#include <bfmock/guest.h>
#include "test.h"

#define BASE 0x700000ul

static const struct mock_profile *const profiles[] = {&mock_intel, &mock_amd, &mock_amd_bare};

/* An instruction of four bytes that accesses a register by RBX. */
static uint64_t access_by(const char *bytes, uint64_t reg, uint32_t kind)
{
	struct bf_vcpu *vcpu = mock_vcpu();

	bf_vcpu_set(vcpu, BF_RIP, MOCK_GUEST_RIP);
	memcpy(bf_phys_to_virt(MOCK_GUEST_RIP), bytes, 4);
	vcpu->regs.rbx = BASE + reg;
	assert_true(mock_access(vcpu, BASE + reg, kind).exited);
	return vcpu->regs.rax;
}

static void use(void)
{
	struct bf_regs *regs = &mock_vcpu()->regs;

	assert_int_equal(access_by("\x8b\x03\x90\x90", 0, BF_S2_READ), 0x44464142);
	regs->rax = 0x105;
	access_by("\x48\x89\x03\x90", 8, BF_S2_WRITE);
	access_by("\x88\x03\x90\x90", 0x10, BF_S2_WRITE);
	assert_int_equal(access_by("\x48\x8b\x03\x90", 8, BF_S2_READ), 0x10a);
	assert_int_equal(access_by("\x48\x8b\x03\x90", 0x18, BF_S2_READ), 5);
	assert_int_equal(access_by("\x48\x8b\x03\x90", 0x800, BF_S2_READ), 0);
	assert_false(mock_access(mock_vcpu(), BASE + 0x1000, BF_S2_READ).exited);
}

static void device(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(profiles); i++) {
		mock_reset(profiles[i], 1);
		assert_int_equal(mock_vmm_start("base=0x700000"), 0);
		use();
		assert_int_equal(mock_vmm_stop(), 0);
	}
	mock_reset(&mock_amd, 1);
	assert_int_equal(mock_vmm_start("base=0x700001"), BF_EEXT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(device)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
