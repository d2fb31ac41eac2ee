/* SPDX-License-Identifier: MIT */
/* The first entry, and entries that the CPU refuses. */
#include <bfvmm/panic.h>
#include <bfvmm/report.h>
#include <vmx/errors.h>
#include <vmx/vmx.h>

enum entry_failure {
	FAILED_GUEST_STATE = 33,
	FAILED_MSR_LOADING = 34,
	FAILED_MACHINE_CHECK = 41
};

static bool is_first(struct bf_vcpu *vcpu, uint64_t exits)
{
	return vcpu->exit_seq == bf_vmx_of(vcpu)->launch_seq + exits;
}

static const char *failure_name(uint8_t raw)
{
	switch (raw) {
	case FAILED_GUEST_STATE:
		return "invalid guest state";
	case FAILED_MSR_LOADING:
		return "MSR loading; the qualification is the number of the entry";
	case FAILED_MACHINE_CHECK:
		return "machine check";
	default:
		return "unknown reason";
	}
}

/* VMLAUNCH or VMRESUME has set a flag and no more. */
static void explain_refusal(struct bf_vcpu *vcpu, struct bf_report *report)
{
	uint64_t number = 0;

	if (bf_vmx_entry_check(vcpu, report))
		return;
	(void)bf_hw_vmread_safe(VMCS_VM_INSTRUCTION_ERROR, &number);
	bf_report(report, BF_EENTRY, "VM_INSTRUCTION_ERROR", number, "%s",
		  bf_vmx_error_name((uint32_t)number));
}

/* VM entry has got as far as the guest state, and come back as an exit. */
static void explain_failure(struct bf_vcpu *vcpu, struct bf_report *report)
{
	uint8_t raw = (uint8_t)bf_hw_vmread(VMCS_EXIT_REASON);

	if (raw == FAILED_GUEST_STATE && bf_vmx_entry_check(vcpu, report))
		return;
	bf_report(report, BF_EENTRY, "EXIT_QUALIFICATION", bf_hw_vmread(VMCS_EXIT_QUALIFICATION),
		  "VM entry failed: %s", failure_name(raw));
}

static _Noreturn void give_up(const char *what, const struct bf_report *report)
{
	bf_panic("%s: %s is 0x%lx: %s", what, report->what, report->value, report->rule);
}

/* Returns for the first entry: entry.S then goes back to bf_vmx_launch(). */
void bf_vmx_refused(struct bf_vcpu *vcpu)
{
	struct bf_report report = {0};

	if (is_first(vcpu, 0)) {
		bf_vmx_of(vcpu)->refused = true;
		return;
	}
	explain_refusal(vcpu, &report);
	give_up("VMRESUME failed", &report);
}

/*
 * 32-bit code that runs up to 4 GiB goes on at 0. Where a CPU saves 4 GiB at an exit there, VM
 * entry would not have it. An entry that has failed has changed nothing: what it was to inject is
 * still in place.
 */
static bool wrap_rip(struct bf_vcpu *vcpu)
{
	uint64_t rip = bf_hw_vmread(VMCS_GUEST_RIP);

	if (!(rip >> 32) || bf_vmx_in_64bit_code(vcpu))
		return false;
	bf_hw_vmwrite(VMCS_GUEST_RIP, (uint32_t)rip);
	return true;
}

/* The dispatch of this exit has counted it. Returns if another try is worth it. */
enum bf_verdict bf_vmx_entry_failed(struct bf_vcpu *vcpu)
{
	struct bf_report report = {0};

	if (is_first(vcpu, 1))
		bf_vmx_unwind(vcpu);
	if ((uint8_t)bf_hw_vmread(VMCS_EXIT_REASON) == FAILED_GUEST_STATE && wrap_rip(vcpu))
		return BF_DONE;
	explain_failure(vcpu, &report);
	give_up("VM entry failed", &report);
}

int bf_vmx_launch(struct bf_vcpu *vcpu, struct bf_report *report)
{
	bf_vmx_of(vcpu)->launch_seq = vcpu->exit_seq;
	bf_vmx_enter(vcpu);
	if (bf_vmx_of(vcpu)->refused)
		explain_refusal(vcpu, report);
	else
		explain_failure(vcpu, report);
	return report->code;
}
