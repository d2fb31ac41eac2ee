/* SPDX-License-Identifier: MIT */
/* Fills a VMCS: controls and host state here, guest state in guest.c. */
#include <bfhw/phys.h>
#include <bfvmm/msr.h>
#include <bfvmm/report.h>
#include <bfvmm/tables.h>
#include <vmx/errors.h>
#include <vmx/vmx.h>

#define S_CET_SH_STK_EN 1ull

static void write_msr_lists(struct bf_vmx_vcpu *v)
{
	v->guest_efer.number = v->host_efer.number = MSR_IA32_EFER;
	v->host_efer.value = bf_hw_rdmsr(MSR_IA32_EFER);
	bf_hw_vmwrite(VMCS_ENTRY_MSR_LOAD_ADDRESS, bf_virt_to_phys(&v->guest_efer));
	bf_hw_vmwrite(VMCS_EXIT_MSR_STORE_ADDRESS, bf_virt_to_phys(&v->guest_efer));
	bf_hw_vmwrite(VMCS_EXIT_MSR_LOAD_ADDRESS, bf_virt_to_phys(&v->host_efer));
}

/* The fields that each of the controls in use brings with it. */
static void write_control_fields(struct bf_vcpu *vcpu)
{
	struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);
	uint32_t lists = bf_vmx_caps.efer ? 0 : 1;

	bf_hw_vmwrite(VMCS_PAGE_FAULT_ERROR_CODE_MASK, 0);
	bf_hw_vmwrite(VMCS_PAGE_FAULT_ERROR_CODE_MATCH, 0);
	bf_hw_vmwrite(VMCS_CR3_TARGET_COUNT, 0);
	if (v->ctl[VMX_PROC] & VMX_PROC_TSC_OFFSETTING)
		bf_hw_vmwrite(VMCS_TSC_OFFSET, 0);
	bf_hw_vmwrite(VMCS_ENTRY_INTERRUPTION_INFORMATION, 0);
	bf_hw_vmwrite(VMCS_ENTRY_MSR_LOAD_COUNT, lists);
	bf_hw_vmwrite(VMCS_EXIT_MSR_STORE_COUNT, lists);
	bf_hw_vmwrite(VMCS_EXIT_MSR_LOAD_COUNT, lists);
	if (lists)
		write_msr_lists(v);
	if (v->eptp)
		bf_hw_vmwrite(VMCS_EPT_POINTER, v->eptp);
	if (v->ctl[VMX_PROC2] & VMX_PROC2_ENABLE_VPID)
		bf_hw_vmwrite(VMCS_VIRTUAL_PROCESSOR_IDENTIFIER, bf_vmx_vpid(vcpu));
	if (v->ctl[VMX_PROC2] & VMX_PROC2_ENABLE_PCONFIG)
		bf_hw_vmwrite(VMCS_PCONFIG_EXITING_BITMAP, 0);
}

static void write_host_tables(struct bf_pcpu *pcpu)
{
	struct bf_host_tables tables;

	bf_host_tables(pcpu, &tables);
	bf_hw_vmwrite(VMCS_HOST_CS_SELECTOR, tables.cs);
	bf_hw_vmwrite(VMCS_HOST_SS_SELECTOR, tables.ss);
	bf_hw_vmwrite(VMCS_HOST_TR_SELECTOR, tables.tr);
	bf_hw_vmwrite(VMCS_HOST_DS_SELECTOR, 0);
	bf_hw_vmwrite(VMCS_HOST_ES_SELECTOR, 0);
	bf_hw_vmwrite(VMCS_HOST_FS_SELECTOR, 0);
	bf_hw_vmwrite(VMCS_HOST_GS_SELECTOR, 0);
	bf_hw_vmwrite(VMCS_HOST_FS_BASE, 0);
	bf_hw_vmwrite(VMCS_HOST_GS_BASE, 0);
	bf_hw_vmwrite(VMCS_HOST_TR_BASE, tables.tr_base);
	bf_hw_vmwrite(VMCS_HOST_GDTR_BASE, tables.gdt_base);
	bf_hw_vmwrite(VMCS_HOST_IDTR_BASE, tables.idt_base);
}

/*
 * The VMM executes the guest's XSETBV, for which it needs OSXSAVE. The guest's CET settings must
 * not bind the VMM, which has no ENDBR and no shadow stack.
 */
static uint64_t host_cr4(void)
{
	return (bf_hw_read_cr4() | (bf_vmx_caps.cr4_fixed1 & CR4_OSXSAVE)) & ~CR4_CET;
}

static void write_host(struct bf_vcpu *vcpu)
{
	write_host_tables(vcpu->pcpu);
	bf_hw_vmwrite(VMCS_HOST_CR0, bf_hw_read_cr0());
	bf_hw_vmwrite(VMCS_HOST_CR3, bf_hw_read_cr3());
	bf_hw_vmwrite(VMCS_HOST_CR4, host_cr4());
	bf_hw_vmwrite(VMCS_HOST_IA32_SYSENTER_CS, 0);
	bf_hw_vmwrite(VMCS_HOST_IA32_SYSENTER_ESP, 0);
	bf_hw_vmwrite(VMCS_HOST_IA32_SYSENTER_EIP, 0);
	/* The stub pushes the registers right below the member behind them. */
	bf_hw_vmwrite(VMCS_HOST_RSP, (uint64_t)&vcpu->host_stack);
	bf_hw_vmwrite(VMCS_HOST_RIP, (uint64_t)bf_vmx_exit_stub);
	if (bf_vmx_caps.efer)
		bf_hw_vmwrite(VMCS_HOST_IA32_EFER, bf_hw_rdmsr(MSR_IA32_EFER));
	if (bf_vmx_caps.pat)
		bf_hw_vmwrite(VMCS_HOST_IA32_PAT, bf_hw_rdmsr(MSR_IA32_PAT));
	if (!bf_vmx_caps.cet)
		return;
	bf_hw_vmwrite(VMCS_HOST_IA32_S_CET, 0);
	bf_hw_vmwrite(VMCS_HOST_SSP, 0);
	bf_hw_vmwrite(VMCS_HOST_IA32_INTERRUPT_SSP_TABLE, 0);
}

/* The CPU has forgotten the pointer of the shadow stack by now. */
static int check_shadow_stack(const struct bf_state *state, struct bf_report *report)
{
	uint64_t s_cet = 0;

	if (!(state->cr4 & CR4_CET) || !bf_hw_rdmsr_safe(MSR_IA32_S_CET, &s_cet) ||
	    !(s_cet & S_CET_SH_STK_EN))
		return 0;
	return bf_report(report, BF_ENOTSUP, "S_CET", s_cet,
			 "a kernel that runs on a shadow stack cannot be taken over: boot it "
			 "without supervisor shadow stacks");
}

static int make_current(struct bf_vcpu *vcpu, struct bf_report *report)
{
	struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);
	struct bf_vmx_cpu *cpu = vcpu->pcpu->arch;
	uint64_t pa = bf_virt_to_phys(v->vmcs);

	if (!bf_hw_vmclear(pa))
		return bf_report(report, BF_EENTRY, "VMCLEAR", pa, "%s", bf_vmx_last_error());
	*(uint32_t *)v->vmcs = (uint32_t)(bf_vmx_caps.basic & VMX_BASIC_REVISION);
	if (!bf_hw_vmptrld(pa))
		return bf_report(report, BF_EENTRY, "VMPTRLD", pa, "%s", bf_vmx_last_error());
	cpu->current = pa;
	return 0;
}

/* Nothing that an earlier run of the vCPU left behind counts; but hooks stay. */
static void reset(struct bf_vcpu *vcpu)
{
	struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);
	uint32_t use = bf_vmx_caps.use[VMX_PROC2];
	bool ept = (use & VMX_PROC2_ENABLE_EPT) && vcpu->vm->s2_root;

	v->eptp = ept ? bf_vmx_eptp(vcpu->vm->s2_root) : 0;
	v->unrestricted = ept && (use & VMX_PROC2_UNRESTRICTED_GUEST);
	v->moved_seq = UINT64_MAX;
	v->irq_window = v->nmi_late = v->refused = v->stepping = false;
	for (int i = 0; i < 4; i++)
		v->held[i] = 0;
	/* No control has this value: all get written. */
	for (int group = 0; group < VMX_GROUPS; group++)
		v->ctl[group] = UINT32_MAX;
}

int bf_vmx_vcpu_load(struct bf_vcpu *vcpu, const struct bf_state *state, struct bf_report *report)
{
	int status = check_shadow_stack(state, report);

	if (!status)
		status = make_current(vcpu, report);
	if (status)
		return status;
	reset(vcpu);
	bf_vmx_update_controls(vcpu);
	bf_hw_vmwrite(VMCS_ENTRY_CONTROLS, bf_vmx_caps.use[VMX_ENTRY]);
	write_control_fields(vcpu);
	write_host(vcpu);
	bf_vmx_guest_write(vcpu, state);
	bf_vmx_s2_flush(vcpu);
	bf_vmx_flush_vpid(vcpu);
	return 0;
}
