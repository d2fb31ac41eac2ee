/* SPDX-License-Identifier: MIT */
/* How a CPU becomes a vCPU of the control VM, and how it goes back. */
#include <stddef.h>
#include <bareframe/log.h>
#include <bfhw/hw.h>
#include <bfvmm/apic.h>
#include <bfvmm/call.h>
#include <bfvmm/dispatch.h>
#include <bfvmm/hooks.h>
#include <bfvmm/machine.h>
#include <bfvmm/mem.h>
#include <bfvmm/msr.h>
#include <bfvmm/option.h>
#include <bfvmm/report.h>

#define VCPU_PAGES ((sizeof(struct bf_vcpu) + BF_PAGE_SIZE - 1) / BF_PAGE_SIZE)

typedef void (*back_fn)(struct bf_switch *sw, int64_t status);

static uint64_t fail_cpu;

void bf_cpu_options(void)
{
	fail_cpu = bf_option_number("fail_cpu", UINT64_MAX);
}

/* A way to see, on any machine, that a failing CPU takes all others back with it. */
static int injected_failure(const struct bf_pcpu *pcpu, struct bf_report *report)
{
	if (fail_cpu != pcpu->index)
		return 0;
	return bf_report(report, BF_EFAULTINJ, "fail_cpu", pcpu->index,
			 "the VMM's command line asks for this CPU to fail: drop the option");
}

static int check_apic(struct bf_report *report)
{
	if (!bf_kicks_on || !bf_apic_ready())
		return 0;
	return bf_report(report, BF_ENOTSUP, "IA32_APIC_BASE", bf_hw_rdmsr(MSR_IA32_APIC_BASE),
			 "an extension calls other CPUs, for which the local APIC has to be on, in "
			 "x2APIC mode or where it is on all other CPUs");
}

static struct bf_vcpu *new_vcpu(void)
{
	struct bf_vcpu *vcpu = bf_pages_alloc(VCPU_PAGES);

	if (vcpu && bf_ext_data_make_vcpu(vcpu)) {
		bf_pages_free(vcpu, VCPU_PAGES);
		return NULL;
	}
	return vcpu;
}

/*
 * A vCPU outlives its CPU's going offline, with its statistics and the data of extensions, until
 * the VMM stops.
 */
static struct bf_vcpu *make_vcpu(struct bf_pcpu *pcpu, struct bf_report *report)
{
	struct bf_vcpu *vcpu = bf_control_vm->vcpu[pcpu->index];

	if (!vcpu)
		vcpu = new_vcpu();
	if (!vcpu) {
		bf_report(report, BF_ENOMEM, "vCPU", 0,
			  "the page pool is used up: load with a larger one (bfm load --pool)");
		return NULL;
	}
	vcpu->regs = (struct bf_regs){0};
	vcpu->view = NULL;
	vcpu->through = false;
	vcpu->host_stack = pcpu->stack_top;
	vcpu->index = pcpu->index;
	vcpu->vm = bf_control_vm;
	vcpu->pcpu = pcpu;
	atomic_store(&vcpu->pending, 0);
	bf_control_vm->vcpu[pcpu->index] = vcpu;
	return vcpu;
}

static void set_running(struct bf_vcpu *vcpu, bool running)
{
	struct bf_pcpu *pcpu = vcpu->pcpu;

	pcpu->vcpu = running ? vcpu : NULL;
	pcpu->sw->running = running;
	if (running)
		vcpu->entered = bf_hw_rdtsc();
}

/* Everything between the CPU's virtualization being on and its first entry. */
static int enter(struct bf_vcpu *vcpu, struct bf_boot *boot)
{
	struct bf_pcpu *pcpu = vcpu->pcpu;
	struct bf_switch *sw = pcpu->sw;
	struct bf_state state;
	uint64_t nmi;
	int status;

	bf_state_capture(&state, &sw->world, sw->tmp_gdt, sw->world.gdtr.limit + 1u);
	status = bf_hv->vcpu_load(vcpu, &state, &boot->report);
	if (status)
		return status;
	bf_vcpu_set_intercepts(vcpu);
	status = bf_hv->entry_check(vcpu, &boot->report);
	if (status)
		return status;
	set_running(vcpu, true);
	bf_cpu_join(pcpu);
	bf_life_event(BF_LIFE_CPU_START, pcpu->index);
	nmi = sw->nmi_pending;
	if (nmi) {
		sw->nmi_pending = 0;
		bf_vcpu_pend(vcpu, BF_PENDING_NMI);
	}
	status = bf_hv->launch(vcpu, &boot->report);
	/* An entry that fails late has taken registers away, as an exit does. */
	bf_state_release(&state, &sw->world);
	bf_life_event(BF_LIFE_CPU_STOP, pcpu->index);
	bf_cpu_leave(pcpu);
	set_running(vcpu, false);
	/* It may be in the control block already, for a guest that never ran. */
	if (bf_vcpu_take(vcpu, BF_PENDING_NMI) || nmi)
		sw->nmi_pending = 1;
	return status;
}

static int start(struct bf_vcpu *vcpu, struct bf_boot *boot)
{
	int status = bf_hv->vcpu_create(vcpu, &boot->report);

	if (status)
		return status;
	status = enter(vcpu, boot);
	bf_hv->vcpu_destroy(vcpu);
	return status;
}

int bf_cpu_start(struct bf_boot *boot, struct bf_pcpu *pcpu)
{
	struct bf_report *report = &boot->report;
	int status = injected_failure(pcpu, report);
	struct bf_vcpu *vcpu;

	if (!status)
		status = check_apic(report);
	if (status)
		return status;
	if (!bf_control_vm || pcpu->vcpu)
		return bf_report(report, BF_ESTATE, "BF_OP_START", pcpu->index,
				 "needs BF_OP_INIT before it, and comes once a CPU");
	vcpu = make_vcpu(pcpu, report);
	if (!vcpu)
		return report->code;
	status = bf_hv->cpu_on(pcpu, report);
	if (!status) {
		status = start(vcpu, boot);
		bf_hv->cpu_off(pcpu);
	}
	vcpu->pcpu = NULL;
	return status;
}

_Noreturn void bf_cpu_stop(struct bf_vcpu *vcpu)
{
	struct bf_pcpu *pcpu = vcpu->pcpu;
	struct bf_switch *sw = pcpu->sw;
	struct bf_state state;

	bf_life_event(BF_LIFE_CPU_STOP, pcpu->index);
	bf_cpu_leave(pcpu);
	bf_hv->step(vcpu, false);
	bf_hv->vcpu_save(vcpu, &state);
	/* From here on an NMI belongs to the other world. */
	pcpu->vcpu = NULL;
	if (bf_vcpu_take(vcpu, BF_PENDING_NMI))
		sw->nmi_pending = 1;
	bf_hv->vcpu_destroy(vcpu);
	bf_hv->cpu_off(pcpu);
	bf_state_release(&state, &sw->world);
	vcpu->ran += bf_hw_rdtsc() - vcpu->entered;
	__atomic_store_n(&vcpu->pcpu, NULL, __ATOMIC_RELEASE);
	sw->running = 0;
	((back_fn)pcpu->back)(sw, 0);
	__builtin_unreachable();
}
