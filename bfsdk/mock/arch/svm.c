/* SPDX-License-Identifier: MIT */
/* Instead of svm/entry.S: entries that do not run a guest, exits that a test made. */
#include <bfhw/phys.h>
#include <bfmock/svm.h>
#include <svm/svm.h>
#include "backend.h"

#define VMCB_EXCP    0x008
#define VMCB_MISC1   0x00c
#define MISC1_NMI    (1u << 1)
#define MISC1_INTR   (1u << 0)
#define EXIT_EXCP0   0x40
#define EXIT_INTR    0x60
#define EXIT_NMI     0x61
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

static bool svm_raise(struct bf_vcpu *vcpu, const struct mock_exception *x, struct mock_exit *exit)
{
	exit->reason = EXIT_EXCP0 + x->vector;
	exit->qualification = x->error_code;
	exit->info2 = x->vector == BF_VECTOR_PF ? x->address : 0;
	return mock_vmcb_get(vmcb_of(vcpu), VMCB_EXCP, 4) >> x->vector & 1;
}

/* It stays pending: the VMM has to let it in. */
static bool svm_interrupt(struct bf_vcpu *vcpu, uint8_t vector, struct mock_exit *exit)
{
	(void)vector;
	exit->reason = EXIT_INTR;
	return mock_vmcb_get(vmcb_of(vcpu), VMCB_MISC1, 4) & MISC1_INTR;
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
	.rows = mock_svm_rows,
	.exits = mock_svm_exits,
	.operands = mock_svm_operands,
	.raise = svm_raise,
	.interrupt = svm_interrupt,
	.nmi = svm_nmi,
	.exit = svm_exit,
	.result = svm_result,
};
