/* SPDX-License-Identifier: MIT */
/* Instructions and events of a guest, up to the point where they exit or do not. */
#include <string.h>
#include <bfhw/phys.h>
#include <bfvmm/defaults.h>
#include <bfvmm/event.h>
#include "backend.h"

#define REX_R        0x44
#define OPERAND_SIZE 0x66

static const struct mock_backend *backend(void)
{
	return mock.profile->vendor == MOCK_INTEL ? &mock_vmx_backend : &mock_svm_backend;
}

static const char *const names[MOCK_INSTRUCTIONS] = {
	[MOCK_CPUID] = "CPUID",
	[MOCK_RDMSR] = "RDMSR",
	[MOCK_WRMSR] = "WRMSR",
	[MOCK_XSETBV] = "XSETBV",
	[MOCK_HYPERCALL] = "VMCALL or VMMCALL",
	[MOCK_VIRT_INSN] = "VMXON or VMRUN",
	[MOCK_INVD] = "INVD",
	[MOCK_WBINVD] = "WBINVD",
	[MOCK_RDTSC] = "RDTSC",
	[MOCK_RDTSCP_INSN] = "RDTSCP",
	[MOCK_RDPMC] = "RDPMC",
	[MOCK_HLT] = "HLT",
	[MOCK_PAUSE] = "PAUSE",
	[MOCK_MONITOR] = "MONITOR",
	[MOCK_MWAIT] = "MWAIT",
	[MOCK_INVLPG] = "INVLPG",
	[MOCK_IN] = "IN",
	[MOCK_OUT] = "OUT",
	[MOCK_MOV_FROM_CR] = "MOV from CR",
	[MOCK_MOV_TO_CR] = "MOV to CR",
	[MOCK_MOV_FROM_DR] = "MOV from DR",
	[MOCK_MOV_TO_DR] = "MOV to DR",
};

static struct mock_result delivered(struct bf_vcpu *vcpu, const struct mock_exception *x)
{
	return (struct mock_result){
		.injected = true,
		.type = BF_EVENT_EXCEPTION,
		.vector = x->vector,
		.has_error = bf_exception_has_error(x->vector),
		.error_code = x->error_code,
		.rip = bf_vcpu_get(vcpu, BF_RIP),
	};
}

static bool is_move(enum mock_instruction kind)
{
	return kind >= MOCK_MOV_FROM_CR && kind <= MOCK_MOV_TO_DR;
}

/* What ring 3 gets before any intercept is looked at. */
static bool privileged(enum mock_instruction kind)
{
	switch (kind) {
	case MOCK_CPUID:
	case MOCK_HYPERCALL:
	case MOCK_VIRT_INSN:
	case MOCK_RDTSC:
	case MOCK_RDTSCP_INSN:
	case MOCK_RDPMC:
	case MOCK_PAUSE:
		return false;
	case MOCK_XSETBV:
		return mock.profile->vendor == MOCK_AMD;
	default:
		return true;
	}
}

/* Writes the instruction to the guest's memory. @return its length */
static uint32_t place(struct bf_vcpu *vcpu, const struct mock_insn *insn)
{
	const struct mock_row *row = &backend()->rows[insn->kind];
	uint8_t *at = bf_phys_to_virt(bf_vcpu_get(vcpu, BF_RIP)), *start = at;

	if (is_move(insn->kind) && insn->number > 7)
		*at++ = REX_R;
	if ((insn->kind == MOCK_IN || insn->kind == MOCK_OUT) && insn->size == 2)
		*at++ = OPERAND_SIZE;
	memcpy(at, row->bytes, row->length);
	at += row->length;
	if (is_move(insn->kind))
		at[-1] |= (uint8_t)((insn->number & 7) << 3 | insn->gpr);
	if ((insn->kind == MOCK_IN || insn->kind == MOCK_OUT) && insn->size == 1)
		at[-1] &= 0xfe;
	return (uint32_t)(at - start);
}

struct mock_result mock_execute_insn(struct bf_vcpu *vcpu, const struct mock_insn *insn)
{
	const struct mock_row *row = &backend()->rows[insn->kind];
	struct mock_exit exit = {.reason = row->reason, .qualification = row->qualification};

	exit.length = place(vcpu, insn);
	mock_trace("CPU %u, RIP 0x%lx: %s, RAX 0x%lx, RCX 0x%lx", mock.cpu,
		   bf_vcpu_get(vcpu, BF_RIP), names[insn->kind], vcpu->regs.rax, vcpu->regs.rcx);
	if (privileged(insn->kind) && bf_vcpu_get(vcpu, BF_CPL))
		return delivered(vcpu, &(struct mock_exception){.vector = BF_VECTOR_GP});
	if (!backend()->exits(vcpu, insn))
		return mock_native(vcpu, insn, bf_vcpu_get(vcpu, BF_RIP) + exit.length);
	backend()->operands(vcpu, insn, &exit);
	return mock_guest_exit(vcpu, &exit);
}

struct mock_result mock_execute(struct bf_vcpu *vcpu, enum mock_instruction instruction)
{
	return mock_execute_insn(vcpu, &(struct mock_insn){.kind = instruction});
}

struct mock_result mock_raise(struct bf_vcpu *vcpu, const struct mock_exception *exception)
{
	struct mock_exit exit = {0};

	mock_trace("CPU %u, RIP 0x%lx: exception %u, error code 0x%x", mock.cpu,
		   bf_vcpu_get(vcpu, BF_RIP), exception->vector, exception->error_code);
	if (backend()->raise(vcpu, exception, &exit))
		return mock_guest_exit(vcpu, &exit);
	if (exception->vector == BF_VECTOR_PF)
		bf_vcpu_set(vcpu, BF_CR2, exception->address);
	return delivered(vcpu, exception);
}

struct mock_result mock_interrupt(struct bf_vcpu *vcpu, uint8_t vector)
{
	struct mock_exit exit = {0};

	mock_trace("CPU %u, RIP 0x%lx: interrupt 0x%x", mock.cpu, bf_vcpu_get(vcpu, BF_RIP),
		   vector);
	if (backend()->interrupt(vcpu, vector, &exit))
		return mock_guest_exit(vcpu, &exit);
	return (struct mock_result){
		.injected = true, .vector = vector, .rip = bf_vcpu_get(vcpu, BF_RIP)};
}
