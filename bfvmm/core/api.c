/* SPDX-License-Identifier: MIT */
/* The vCPU access that extensions have. */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bfvmm/machine.h>
#include <bfvmm/vcpu.h>

/* Exceptions that push an error code: 8, 10-14, 17, 21, 29, 30. */
#define VECTORS_WITH_ERROR_CODE 0x60227d00u

const struct bf_hv_ops *bf_hv;
struct bf_vm *bf_control_vm;

static uint32_t cpu_count;

uint32_t bf_cpu_count(void)
{
	return cpu_count;
}

void bf_cpu_count_set(uint32_t count)
{
	cpu_count = count;
}

struct bf_regs *bf_vcpu_regs(struct bf_vcpu *vcpu)
{
	bf_vcpu_pend(vcpu, BF_PENDING_REGS);
	return &vcpu->regs;
}

uint64_t bf_vcpu_get(struct bf_vcpu *vcpu, enum bf_field field)
{
	return bf_hv->get(vcpu, field);
}

int bf_vcpu_set(struct bf_vcpu *vcpu, enum bf_field field, uint64_t value)
{
	return bf_hv->set(vcpu, field, value);
}

int bf_vcpu_step(struct bf_vcpu *vcpu, bool on)
{
	bf_hv->step(vcpu, on);
	return 0;
}

uint32_t bf_vcpu_index(const struct bf_vcpu *vcpu)
{
	return vcpu->index;
}

uint32_t bf_vcpu_count(const struct bf_vcpu *vcpu)
{
	return vcpu->vm->vcpu_count;
}

struct bf_vm *bf_vcpu_vm(const struct bf_vcpu *vcpu)
{
	return vcpu->vm;
}

uint32_t bf_vm_id(const struct bf_vm *vm)
{
	return vm->id;
}

struct bf_vm *bf_vm_find(uint32_t id)
{
	return bf_control_vm && bf_control_vm->id == id ? bf_control_vm : NULL;
}

struct bf_vcpu *bf_vm_vcpu(const struct bf_vm *vm, uint32_t index)
{
	return index < BF_MAX_CPUS ? vm->vcpu[index] : NULL;
}

void bf_vcpu_inject(struct bf_vcpu *vcpu, struct bf_event event)
{
	vcpu->event = event;
}

void bf_vcpu_inject_exception(struct bf_vcpu *vcpu, uint8_t vector, uint32_t error_code)
{
	bf_vcpu_inject(vcpu,
		       (struct bf_event){
			       .type = BF_EVENT_EXCEPTION,
			       .vector = vector,
			       .has_error = vector < 32 && (VECTORS_WITH_ERROR_CODE >> vector & 1),
			       .error_code = error_code,
		       });
}
