/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls of a guest with any registers, from any ring and mode, about any page: nobody but
 * ring 0 of the control VM gets anything but #UD, an answer touches the caller's page alone, and
 * the VMM goes on.
 */
#include <bfhw/phys.h>
#include <bfmock/guest.h>
#include <bfvmm/ram.h>
#include "fuzz.h"

#define CALLS 8
#define PAGE  0x900000ul
#define STOP  BF_HC_STOP

static void start(uint32_t bits)
{
	uint32_t count = 0;

	while (mock_profiles[count])
		count++;
	mock_reset(mock_profiles[bits % count], 2);
	HOLDS(mock_vmm_start("") == 0);
	mock_cpu_switch(0);
}

static uint64_t page_of(struct fuzz_input *in)
{
	uint32_t choice = (uint32_t)fuzz_number(in, 1);

	switch (choice % 6) {
	case 0:
		return fuzz_number(in, 8);
	case 1:
		return MOCK_POOL_PA + (choice >> 3) * BF_PAGE_SIZE;
	case 2:
		return MOCK_MEMORY;
	case 3:
		return PAGE + choice;
	default:
		return PAGE;
	}
}

/* The pages around the caller's. */
static void check_around(void)
{
	for (uint32_t i = 0; i < 8; i++) {
		HOLDS(((uint64_t *)bf_phys_to_virt(PAGE))[-1 - (int)i] == 0);
		HOLDS(((uint64_t *)bf_phys_to_virt(PAGE + BF_PAGE_SIZE))[i] == 0);
	}
}

static void set_ring(struct bf_vcpu *vcpu, uint32_t ring)
{
	bf_vcpu_set(vcpu, BF_SS_ACCESS, 0xc093 | ring << 5);
	bf_vcpu_set(vcpu, BF_CPL, ring);
}

static void call(struct fuzz_input *in)
{
	static const uint32_t code[] = {0x209b, 0xc09b, 0x9b, 0x209b};
	struct bf_vcpu *vcpu = mock_vcpu();
	uint32_t bits = (uint32_t)fuzz_number(in, 1);
	uint64_t number = bits & 0x40 ? fuzz_number(in, 8) : BF_HC_BASE + (bits & 0x3f) % 7;
	uint64_t page = page_of(in);
	bool user = bits & 0x80;
	struct mock_result r;

	if (number == STOP)
		return;
	fuzz_take(in, bf_phys_to_virt(PAGE), 24);
	bf_vcpu_set(vcpu, BF_RIP, MOCK_GUEST_RIP);
	bf_vcpu_set(vcpu, BF_CS_ACCESS, code[fuzz_number(in, 1) % 4] | (user ? 0x60 : 0));
	set_ring(vcpu, user ? 3 : 0);
	r = mock_execute_hypercall(vcpu, number, page);
	HOLDS(r.end == MOCK_RETURNED);
	check_around();
	if (user)
		HOLDS(r.injected && r.vector == BF_VECTOR_UD && r.rip == MOCK_GUEST_RIP);
	if (!r.injected && page != PAGE && number != BF_HC_VERSION)
		HOLDS((int64_t)vcpu->regs.rax == BF_EFAULT ||
		      bf_control_memory(page, BF_PAGE_SIZE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};

	start((uint32_t)fuzz_number(&in, 1));
	for (uint32_t i = 0; i < CALLS && in.left; i++)
		call(&in);
	bf_vcpu_set(mock_vcpu(), BF_CS_ACCESS, 0x209b);
	set_ring(mock_vcpu(), 0);
	HOLDS(mock_vmm_stop() == 0);
	return 0;
}
