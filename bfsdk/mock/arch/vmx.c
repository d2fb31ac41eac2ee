/* SPDX-License-Identifier: MIT */
/* Instead of vmx/entry.S: entries that do not run a guest, exits that a test made. */
#include <setjmp.h>
#include <stdio.h>
#include <bfhw/phys.h>
#include <bfmock/vmx.h>
#include <bfvmm/dispatch.h>
#include <bfvmm/event.h>
#include <vmx/vmx.h>
#include "backend.h"

#define FIELD_PIN           0x4000
#define FIELD_EXCEPTIONS    0x4004
#define FIELD_PF_MASK       0x4006
#define FIELD_PF_MATCH      0x4008
#define FIELD_ENTRY_INFO    0x4016
#define FIELD_ENTRY_ERROR   0x4018
#define FIELD_EXIT_REASON   0x4402
#define FIELD_EXIT_INFO     0x4404
#define FIELD_EXIT_ERROR    0x4406
#define FIELD_VECTORING     0x4408
#define FIELD_EXIT_LENGTH   0x440c
#define FIELD_QUALIFICATION 0x6400
#define FIELD_GPA           0x2400
#define FIELD_PENDING_DEBUG 0x6822
#define FIELD_RIP           0x681e
#define PIN_INTERRUPT       (1u << 0)
#define PIN_NMI             (1u << 3)
#define INFO_VALID          (1u << 31)
#define INFO_NMI            (INFO_VALID | BF_EVENT_NMI << 8 | BF_VECTOR_NMI)
#define INFO_ERROR          (1u << 11)
#define EXIT_INTERRUPT      1
#define PENDING_BS          (1u << 14)

static jmp_buf unwind[MOCK_CPUS];

void bf_vmx_exit_stub(void)
{
	mock_fault("the exit stub is no C function");
}

/* Back to the caller of bf_vmx_enter(). */
void bf_vmx_unwind(struct bf_vcpu *vcpu)
{
	(void)vcpu;
	longjmp(unwind[mock.cpu], 1);
}

/* As entry.S: VMRESUME first, which fails before the first VMLAUNCH. */
void bf_vmx_enter(struct bf_vcpu *vcpu)
{
	enum mock_entry entry;

	if (setjmp(unwind[mock.cpu]))
		return;
	while (atomic_load(&vcpu->pending))
		bf_vcpu_pending(vcpu);
	entry = mock_vmx_enter(false);
	if (entry == MOCK_ENTRY_REFUSED)
		entry = mock_vmx_enter(true);
	if (entry == MOCK_ENTRY_RUNS)
		mock_end(MOCK_ENTERED);
	if (entry == MOCK_ENTRY_REFUSED)
		bf_vmx_refused(vcpu);
	else
		bf_vmx_exit(vcpu);
}

static void set_if_there(uint32_t field, uint64_t value)
{
	if (mock_vmcs_has(field))
		mock_vmcs_set(field, value);
}

static void vmx_exit(struct bf_vcpu *vcpu, const struct mock_exit *e)
{
	mock_vmcs_set(FIELD_ENTRY_INFO, mock_vmcs_get(FIELD_ENTRY_INFO) & ~INFO_VALID);
	mock_vmcs_set(FIELD_EXIT_REASON, e->reason);
	mock_vmcs_set(FIELD_EXIT_LENGTH, e->length);
	mock_vmcs_set(FIELD_QUALIFICATION, e->qualification);
	mock_vmcs_set(FIELD_EXIT_INFO, e->interruption);
	mock_vmcs_set(FIELD_EXIT_ERROR, e->error_code);
	mock_vmcs_set(FIELD_VECTORING, e->vectoring);
	set_if_there(FIELD_GPA, e->gpa);
	mock_this()->nmi_blocked = e->interruption == INFO_NMI;
	bf_vmx_exit(vcpu);
	while (atomic_load(&vcpu->pending))
		bf_vcpu_pending(vcpu);
	if (mock_vmx_enter(false) == MOCK_ENTRY_REFUSED)
		bf_vmx_refused(vcpu);
	mock_this()->nmi_blocked = false;
}

static struct mock_exit vmx_nmi(struct bf_vcpu *vcpu)
{
	(void)vcpu;
	return (struct mock_exit){.interruption =
					  mock_vmcs_get(FIELD_PIN) & PIN_NMI ? INFO_NMI : 0};
}

/* A page fault has to match too (SDM volume 3, "Exception Bitmap"). */
static bool bitmap_wants(const struct mock_exception *x)
{
	bool set = mock_vmcs_get(FIELD_EXCEPTIONS) >> x->vector & 1;

	if (x->vector != BF_VECTOR_PF)
		return set;
	return set ==
	       ((x->error_code & mock_vmcs_get(FIELD_PF_MASK)) == mock_vmcs_get(FIELD_PF_MATCH));
}

static bool vmx_raise(struct bf_vcpu *vcpu, const struct mock_exception *x, struct mock_exit *exit)
{
	bool soft = x->vector == BF_VECTOR_BP || x->vector == BF_VECTOR_OF;
	uint32_t type = soft ? BF_EVENT_SOFT_EXCEPTION : BF_EVENT_EXCEPTION;

	(void)vcpu;
	if (!bitmap_wants(x))
		return false;
	exit->interruption = INFO_VALID | type << 8 | x->vector |
			     (bf_exception_has_error(x->vector) ? INFO_ERROR : 0);
	exit->error_code = x->error_code;
	exit->length = soft ? 1 : 0;
	exit->qualification = x->vector == BF_VECTOR_PF ? x->address : 0;
	return true;
}

static bool vmx_interrupt(struct bf_vcpu *vcpu, uint8_t vector, struct mock_exit *exit)
{
	(void)vcpu;
	exit->reason = EXIT_INTERRUPT;
	exit->interruption = INFO_VALID | vector;
	return mock_vmcs_get(FIELD_PIN) & PIN_INTERRUPT;
}

static void vmx_result(struct bf_vcpu *vcpu, struct mock_result *r)
{
	uint64_t info = mock_vmcs_get(FIELD_ENTRY_INFO);

	(void)vcpu;
	r->rip = mock_vmcs_get(FIELD_RIP);
	r->injected = info & INFO_VALID;
	r->vector = (uint8_t)info;
	r->type = info >> 8 & 7;
	r->has_error = info & INFO_ERROR;
	r->error_code = (uint32_t)mock_vmcs_get(FIELD_ENTRY_ERROR);
	r->debug_trap = mock_vmcs_get(FIELD_PENDING_DEBUG) & PENDING_BS;
}

const struct mock_backend mock_vmx_backend = {
	.rows = mock_vmx_rows,
	.exits = mock_vmx_exits,
	.operands = mock_vmx_operands,
	.raise = vmx_raise,
	.interrupt = vmx_interrupt,
	.nmi = vmx_nmi,
	.exit = vmx_exit,
	.result = vmx_result,
};
