/* SPDX-License-Identifier: MIT */
/* Instead of svm/entry.S: entries that do not run a guest, exits that a test made. */
#include <bfhw/phys.h>
#include <bfmock/svm.h>
#include <svm/svm.h>
#include "backend.h"

#define VMCB_MISC1   0x00c
#define VMCB_MSRPM   0x048
#define MISC1_NMI    (1u << 1)
#define EXIT_NMI     0x61
#define MISC1_CPUID  (1u << 18)
#define MISC1_INVD   (1u << 22)
#define MISC1_MSR    (1u << 28)
#define MISC2_XSETBV (1u << 13)
#define EVENT_VALID  (1ull << 31)
#define EVENT_ERROR  (1u << 11)
#define EXIT_INVALID UINT64_MAX
#define VECTOR_DB    1
#define NPF          0x400

static uint64_t vmcb_of(struct bf_vcpu *vcpu)
{
	return bf_svm(vcpu)->vmcb_pa;
}

void bf_svm_enter(struct bf_vcpu *vcpu)
{
	uint64_t pa = vmcb_of(vcpu);

	mock_vmcb_set(pa, MOCK_VMCB_RAX, 8, vcpu->regs.rax);
	bf_hw_vmload(pa);
	if (mock_svm_enter(pa))
		mock_end(MOCK_ENTERED);
	mock_vmcb_set(pa, MOCK_VMCB_EXITCODE, 8, EXIT_INVALID);
	bf_hw_vmload(bf_svm(vcpu)->host_pa);
}

/* Two bits an MSR, in three ranges of 2 KiB (APM volume 2, 15.11). */
static bool map_says(uint64_t pa, uint32_t msr, bool write)
{
	static const uint32_t bases[] = {0, 0xc0000000, 0xc0010000};
	const uint8_t *map = bf_phys_to_virt(mock_vmcb_get(pa, VMCB_MSRPM, 8));

	for (uint32_t i = 0; i < 3; i++) {
		uint32_t bit = 2 * (msr - bases[i]) + write;

		if (msr - bases[i] < 0x2000)
			return map[i * 2048 + bit / 8] >> bit % 8 & 1;
	}
	return true;
}

static bool exits(struct bf_vcpu *vcpu, enum mock_instruction instruction)
{
	uint64_t pa = vmcb_of(vcpu);
	uint64_t misc1 = mock_vmcb_get(pa, VMCB_MISC1, 4);

	switch (instruction) {
	case MOCK_CPUID:
		return misc1 & MISC1_CPUID;
	case MOCK_INVD:
		return misc1 & MISC1_INVD;
	case MOCK_RDMSR:
	case MOCK_WRMSR:
		return (misc1 & MISC1_MSR) &&
		       map_says(pa, (uint32_t)vcpu->regs.rcx, instruction == MOCK_WRMSR);
	case MOCK_XSETBV:
		return mock_vmcb_get(pa, MOCK_VMCB_INTERCEPT_MISC2, 4) & MISC2_XSETBV;
	default:
		return true;
	}
}

static void report(uint64_t pa, const struct mock_exit *e)
{
	uint64_t rip = mock_vmcb_get(pa, MOCK_VMCB_RIP, 8);

	mock_vmcb_set(pa, MOCK_VMCB_EXITCODE, 8, e->reason);
	mock_vmcb_set(pa, MOCK_VMCB_EXITINFO1, 8, e->qualification);
	mock_vmcb_set(pa, MOCK_VMCB_EXITINFO2, 8, e->reason == NPF ? e->gpa : e->info2);
	mock_vmcb_set(pa, MOCK_VMCB_EXITINTINFO, 8, e->vectoring);
	mock_vmcb_set(pa, MOCK_VMCB_EVENTINJ, 8, 0);
	mock_vmcb_set(pa, MOCK_VMCB_NRIP, 8,
		      mock_has(MOCK_NRIP) && e->length ? rip + e->length : 0);
}

static void svm_exit(struct bf_vcpu *vcpu, const struct mock_exit *e)
{
	uint64_t pa = vmcb_of(vcpu);

	report(pa, e);
	mock_this()->gif = false;
	bf_hw_vmsave(pa);
	bf_hw_vmload(bf_svm(vcpu)->host_pa);
	bf_svm(vcpu)->handler(vcpu);
	if (atomic_load(&vcpu->pending))
		bf_svm_pending(vcpu);
	mock_vmcb_set(pa, MOCK_VMCB_RAX, 8, vcpu->regs.rax);
	bf_hw_vmload(pa);
	if (!mock_svm_enter(pa))
		mock_fault("VMRUN refuses the VMCB");
}

static struct mock_exit svm_nmi(struct bf_vcpu *vcpu)
{
	bool on = mock_vmcb_get(vmcb_of(vcpu), VMCB_MISC1, 4) & MISC1_NMI;

	return (struct mock_exit){.reason = on ? EXIT_NMI : 0};
}

static void svm_result(struct bf_vcpu *vcpu, struct mock_result *r)
{
	uint64_t pa = vmcb_of(vcpu), event = mock_vmcb_get(pa, MOCK_VMCB_EVENTINJ, 8);

	r->rip = mock_vmcb_get(pa, MOCK_VMCB_RIP, 8);
	r->injected = event & EVENT_VALID;
	r->vector = (uint8_t)event;
	r->type = event >> 8 & 7;
	r->has_error = event & EVENT_ERROR;
	r->error_code = (uint32_t)(event >> 32);
	r->debug_trap = r->injected && r->type == BF_EVENT_EXCEPTION && r->vector == VECTOR_DB;
}

const struct mock_backend mock_svm_backend = {
	.instruction =
		{
			[MOCK_CPUID] = {0x72, 0, 2, {0x0f, 0xa2}},
			[MOCK_RDMSR] = {0x7c, 0, 2, {0x0f, 0x32}},
			[MOCK_WRMSR] = {0x7c, 1, 2, {0x0f, 0x30}},
			[MOCK_XSETBV] = {0x8d, 0, 3, {0x0f, 0x01, 0xd1}},
			[MOCK_HYPERCALL] = {0x81, 0, 3, {0x0f, 0x01, 0xd9}},
			[MOCK_VIRT_INSN] = {0x80, 0, 3, {0x0f, 0x01, 0xd8}},
			[MOCK_INVD] = {0x76, 0, 2, {0x0f, 0x08}},
		},
	.exits = exits,
	.nmi = svm_nmi,
	.exit = svm_exit,
	.result = svm_result,
};
