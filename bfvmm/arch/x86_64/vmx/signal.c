/* SPDX-License-Identifier: MIT */
/*
 * INIT and SIPI, by which an operating system starts and stops its CPUs. VMX turns them into
 * exits; the vCPU goes through the states of the bare CPU (SDM volume 3, table 10-1).
 */
#include <bareframe/log.h>
#include <bfvmm/call.h>
#include <bfvmm/msr.h>
#include <vmx/vmx.h>

#define APIC_BASE_BSP 0x100ull
#define CR0_ET        0x10ull
#define CR0_CACHE     (CR0_CD | CR0_NW)
#define DR6_INIT      0xffff0ff0ull
#define DR7_INIT      0x400ull
#define RESET_RIP     0xfff0
#define RESET_CS      0xf000
#define RESET_CS_BASE 0xffff0000ull
#define LIMIT_64K     0xffff
#define AR_DATA16     0x93
#define AR_CODE16     0x9b
#define AR_LDT        0x82
#define AR_TSS16_BUSY 0x83
#define SIPI_VECTOR   0xff

#define SEGMENT(ar)                                                                                \
	{                                                                                          \
		.access = (ar), .limit = LIMIT_64K                                                 \
	}

/* Caching bits, PAT and the SYSENTER MSRs survive INIT. */
static void reset_state(struct bf_vcpu *vcpu, struct bf_state *state)
{
	*state = (struct bf_state){
		.rip = RESET_RIP,
		.rflags = RFLAGS_FIXED,
		.cr0 = CR0_ET | (bf_vmx_cr0(vcpu) & CR0_CACHE),
		.pat = bf_vmx_get(vcpu, BF_PAT),
		.dr6 = DR6_INIT,
		.dr7 = DR7_INIT,
		.sysenter_cs = bf_hw_vmread(VMCS_GUEST_IA32_SYSENTER_CS),
		.sysenter_esp = bf_hw_vmread(VMCS_GUEST_IA32_SYSENTER_ESP),
		.sysenter_eip = bf_hw_vmread(VMCS_GUEST_IA32_SYSENTER_EIP),
		.ldtr = SEGMENT(AR_LDT),
		.tr = SEGMENT(AR_TSS16_BUSY),
		.gdtr_limit = LIMIT_64K,
		.idtr_limit = LIMIT_64K,
	};
	for (int i = 0; i < BF_SEG_COUNT; i++)
		state->seg[i] = (struct bf_segment)SEGMENT(AR_DATA16);
	state->seg[BF_SEG_CS] = (struct bf_segment){.selector = RESET_CS,
						    .base = RESET_CS_BASE,
						    .limit = LIMIT_64K,
						    .access = AR_CODE16};
}

static void reset_registers(struct bf_vcpu *vcpu)
{
	vcpu->regs = (struct bf_regs){.rdx = bf_hw_cpuid(1, 0).eax};
	bf_vcpu_pend(vcpu, BF_PENDING_REGS);
	bf_hw_write_dr0(0);
	bf_hw_write_dr1(0);
	bf_hw_write_dr2(0);
	bf_hw_write_dr3(0);
}

static void drop_events(struct bf_vcpu *vcpu)
{
	struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);

	for (int i = 0; i < 4; i++)
		v->held[i] = 0;
	v->irq_window = v->nmi_late = false;
	bf_vmx_update_controls(vcpu);
}

static bool can_wait(void)
{
	return bf_vmx_caps.misc >> (VMX_MISC_ACTIVITY_SHIFT + VMX_WAIT_FOR_SIPI - 1) & 1;
}

enum bf_verdict bf_vmx_init_signal(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	bool first_cpu = bf_hw_rdmsr(MSR_IA32_APIC_BASE) & APIC_BASE_BSP;
	struct bf_state state;

	(void)exit;
	(void)ctx;
	if (!bf_vmx_of(vcpu)->unrestricted || !can_wait()) {
		bf_error("vCPU %u: INIT, but this CPU cannot run a guest in real mode: stop the "
			 "VMM before CPUs are started anew",
			 vcpu->index);
		return BF_STOP;
	}
	reset_state(vcpu, &state);
	bf_vmx_guest_write(vcpu, &state);
	reset_registers(vcpu);
	drop_events(vcpu);
	bf_vmx_flush_vpid(vcpu);
	/* The first CPU starts over at once, the others when they are told where: until then no
	 * NMI makes them exit. */
	if (!first_cpu)
		bf_cpu_park(vcpu->pcpu);
	bf_hw_vmwrite(VMCS_GUEST_ACTIVITY_STATE, first_cpu ? VMX_ACTIVE : VMX_WAIT_FOR_SIPI);
	return BF_DONE;
}

enum bf_verdict bf_vmx_sipi(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	uint64_t vector = bf_hw_vmread(VMCS_EXIT_QUALIFICATION) & SIPI_VECTOR;

	(void)exit;
	(void)ctx;
	bf_hw_vmwrite(VMCS_GUEST_CS_SELECTOR, vector << 8);
	bf_hw_vmwrite(VMCS_GUEST_CS_BASE, vector << 12);
	bf_hw_vmwrite(VMCS_GUEST_RIP, 0);
	/* Some CPUs block SMIs while they wait, and then refuse to enter with that. */
	bf_hw_vmwrite(VMCS_GUEST_INTERRUPTIBILITY_STATE, 0);
	bf_hw_vmwrite(VMCS_GUEST_ACTIVITY_STATE, VMX_ACTIVE);
	bf_cpu_join(vcpu->pcpu);
	return BF_DONE;
}
