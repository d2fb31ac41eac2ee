/* SPDX-License-Identifier: MIT */
/* The emulator on a vCPU. */
#include <bfvmm/defaults.h>
#include <bfvmm/emulate.h>
#include <bfvmm/msr.h>

static uint64_t gpr(void *vcpu, uint32_t number)
{
	return bf_gpr_get(vcpu, number);
}

static void set_gpr(void *vcpu, uint32_t number, uint64_t value)
{
	bf_gpr_set(vcpu, number, value);
}

static uint64_t get(void *vcpu, enum bf_field field)
{
	return bf_hv->get(vcpu, field);
}

static void set_rflags(void *vcpu, uint64_t value)
{
	(void)bf_hv->set(vcpu, BF_RFLAGS, value);
}

const struct bf_emu_cpu bf_emu_vcpu = {
	.gpr = gpr,
	.set_gpr = set_gpr,
	.get = get,
	.set_rflags = set_rflags,
};

/*
 * With RF set, the instruction goes on without hitting the breakpoint on it a second time: as the
 * CPU has it between two iterations, and in what a fault pushes (SDM volume 3, 18.3.1.1).
 */
static void set_resume(struct bf_vcpu *vcpu)
{
	(void)bf_hv->set(vcpu, BF_RFLAGS, bf_hv->get(vcpu, BF_RFLAGS) | RFLAGS_RF);
}

static enum bf_verdict done(struct bf_vcpu *vcpu, const struct bf_emu *emu)
{
	bf_hv->advance_to(vcpu, emu->next_rip);
	if (!emu->finished)
		set_resume(vcpu);
	return BF_DONE;
}

static enum bf_verdict raise(struct bf_vcpu *vcpu, const struct bf_emu_fault *fault)
{
	if (fault->vector == BF_VECTOR_PF)
		(void)bf_hv->set(vcpu, BF_CR2, fault->address);
	set_resume(vcpu);
	bf_vcpu_inject(vcpu, (struct bf_event){.type = BF_EVENT_EXCEPTION,
					       .vector = fault->vector,
					       .has_error = fault->has_error,
					       .error_code = fault->error_code});
	return BF_INJECT;
}

enum bf_verdict bf_emu_verdict(struct bf_vcpu *vcpu, const struct bf_emu *emu, int status)
{
	switch (status) {
	case 0:
		return done(vcpu, emu);
	case BF_EFAULT:
		return raise(vcpu, &emu->fault);
	case BF_EINVAL:
	case BF_EMU_AGAIN:
		return BF_DONE;
	default:
		return BF_PASS;
	}
}
