/* SPDX-License-Identifier: MIT */
/* Accesses of a guest to memory, as second-level tables see them. */
#include <bfmock/vmx.h>
#include <bfvmm/s2.h>
#include <bfvmm/s2_through.h>
#include "backend.h"

#define EXIT_EPT_VIOLATION 48
#define EXIT_NPF           0x400
#define FIELD_LINEAR       0x640a

/* Exit qualification (SDM volume 3, table 28-7). */
#define EPT_LINEAR 0x080u
#define EPT_FINAL  0x100u

/* EXITINFO1 (APM volume 2, 15.25.6). */
#define NPF_P     0x01u
#define NPF_W     0x02u
#define NPF_US    0x04u
#define NPF_FETCH 0x10u
#define NPF_FINAL (1ull << 32)
#define NPF_WALK  (1ull << 33)

#define NPT_P  0x1u
#define NPT_W  0x2u
#define NPT_NX (1ull << 63)

static bool intel(void)
{
	return mock.profile->vendor == MOCK_INTEL;
}

uint32_t mock_s2_rights(struct bf_vcpu *vcpu, uint64_t gpa)
{
	uint32_t level;
	uint64_t entry = bf_s2_lookup_in(bf_s2_active(vcpu), gpa, &level);

	if (intel())
		return entry & BF_S2_RWX;
	if (!(entry & NPT_P))
		return 0;
	return BF_S2_READ | (entry & NPT_W ? BF_S2_WRITE : 0) | (entry & NPT_NX ? 0 : BF_S2_EXEC);
}

static uint64_t ept_qualification(const struct bf_s2_access *access)
{
	return access->kind | (access->gva_valid || access->walk ? EPT_LINEAR : 0) |
	       (access->walk ? 0 : EPT_FINAL);
}

static uint64_t npf_info(struct bf_vcpu *vcpu, const struct bf_s2_access *access)
{
	return (mock_s2_rights(vcpu, access->gpa) ? NPF_P : 0) | NPF_US |
	       (access->kind == BF_S2_WRITE || access->walk ? NPF_W : 0) |
	       (access->kind == BF_S2_EXEC ? NPF_FETCH : 0) | (access->walk ? NPF_WALK : NPF_FINAL);
}

struct mock_result mock_s2_fault(struct bf_vcpu *vcpu, const struct bf_s2_access *access,
				 uint64_t vectoring)
{
	struct mock_exit exit = {.reason = intel() ? EXIT_EPT_VIOLATION : EXIT_NPF,
				 .gpa = access->gpa,
				 .vectoring = vectoring};

	exit.qualification = intel() ? ept_qualification(access) : npf_info(vcpu, access);
	if (intel())
		mock_vmcs_set(FIELD_LINEAR, access->gva);
	return mock_guest_exit(vcpu, &exit);
}

struct mock_result mock_access(struct bf_vcpu *vcpu, uint64_t gpa, uint32_t kind)
{
	struct bf_s2_access access = {
		.gpa = gpa, .gva = gpa, .gva_valid = true, .kind = (uint8_t)kind};

	if (mock_s2_rights(vcpu, gpa) & kind)
		return (struct mock_result){.rip = bf_vcpu_get(vcpu, BF_RIP)};
	return mock_s2_fault(vcpu, &access, 0);
}
