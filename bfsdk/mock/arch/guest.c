/* SPDX-License-Identifier: MIT */
/* Instructions of a guest. */
#include <string.h>
#include <bfhw/phys.h>
#include "backend.h"

static const struct mock_backend *backend(void)
{
	return mock.profile->vendor == MOCK_INTEL ? &mock_vmx_backend : &mock_svm_backend;
}

struct bf_vcpu *mock_vcpu(void)
{
	if (!mock_this()->pcpu || !mock_this()->pcpu->vcpu)
		mock_fault("CPU %u runs no vCPU", mock.cpu);
	return mock_this()->pcpu->vcpu;
}

static const char *const ends[] = {
	[MOCK_HALTED] = "a panic",
	[MOCK_ENTERED] = "another guest runs",
	[MOCK_LEFT] = "the CPU is bare again",
	[MOCK_FAULTED] = mock_fault_text,
};

struct exiting {
	struct bf_vcpu *vcpu;
	const struct mock_exit *exit;
};

static void run_exit(void *ctx)
{
	struct exiting *e = ctx;

	backend()->exit(e->vcpu, e->exit);
}

static enum mock_end exit_once(struct bf_vcpu *vcpu, const struct mock_exit *exit)
{
	struct exiting e = {vcpu, exit};
	enum mock_end end;

	mock_this()->in_vmm++;
	end = mock_catch(run_exit, &e);
	mock_this()->in_vmm--;
	return end;
}

static bool exits(const struct mock_exit *exit)
{
	return exit->reason || exit->interruption;
}

/* An NMI that came while the VMM kept NMIs back comes now that it has entered the guest. */
static enum mock_end late_nmis(struct bf_vcpu *vcpu)
{
	enum mock_end end = MOCK_RETURNED;

	while (end == MOCK_RETURNED && mock_this()->nmi) {
		struct mock_exit exit = backend()->nmi(vcpu);

		mock_this()->nmi = exits(&exit) && mock.profile->vendor == MOCK_AMD;
		mock_this()->guest_nmis += !exits(&exit);
		if (exits(&exit))
			end = exit_once(vcpu, &exit);
	}
	return end;
}

bool mock_nmi_to_guest(void)
{
	struct bf_vcpu *vcpu = mock_vcpu();
	struct mock_exit exit = backend()->nmi(vcpu);

	if (exits(&exit))
		(void)late_nmis(vcpu);
	return exits(&exit);
}

static void say_result(struct bf_vcpu *vcpu, const struct mock_result *r)
{
	if (r->end != MOCK_RETURNED)
		mock_trace("  it does not come back: %s", ends[r->end]);
	else if (r->injected)
		mock_trace("  then event %u of type %u at RIP 0x%lx", r->vector, r->type, r->rip);
	else
		mock_trace("  then RIP 0x%lx, RAX 0x%lx", r->rip, vcpu->regs.rax);
}

struct mock_result mock_guest_exit(struct bf_vcpu *vcpu, const struct mock_exit *exit)
{
	struct mock_result result = {.exited = true};

	mock_trace("  CPU %u exits, raw 0x%x, qualification or EXITINFO1 0x%lx", mock.cpu,
		   exit->reason, exit->qualification);
	result.end = exit_once(vcpu, exit);
	if (result.end == MOCK_RETURNED)
		result.end = late_nmis(vcpu);
	mock_settle();
	if (result.end == MOCK_RETURNED)
		backend()->result(vcpu, &result);
	say_result(vcpu, &result);
	return result;
}
