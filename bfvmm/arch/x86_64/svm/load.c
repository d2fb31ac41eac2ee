/* SPDX-License-Identifier: MIT */
/* From the state of a CPU to a VMCB. */
#include <bfhw/hw.h>
#include <bfhw/phys.h>
#include <bfvmm/mem.h>
#include <bfvmm/msr.h>
#include <svm/svm.h>

#define MSR_LAST_BRANCH_FROM 0x1dbu /* and TO, LASTEXCPFROM, LASTEXCPTO */
#define S_CET_SH_STK_EN      1ull
#define ASID_CONTROL_VM      1

#define LOAD_SEGMENT(v, member, segment)                                                           \
	do {                                                                                       \
		(v)->member##_selector = (segment)->selector;                                      \
		(v)->member##_attrib = bf_svm_attrib((segment)->access);                           \
		(v)->member##_limit = (segment)->limit;                                            \
		(v)->member##_base = (segment)->base;                                              \
	} while (0)

/*
 * The type of a TSS that is in use, busy by the manual. Some implementations leave it "available"
 * and want to find it so: go by the VMM's own, which VMSAVE has just put there.
 */
static void load_tr(union bf_vmcb *v, const struct bf_state *s)
{
	uint16_t type = v->tr_attrib & BF_AR_TYPE;

	LOAD_SEGMENT(v, tr, &s->tr);
	v->tr_attrib = (uint16_t)((v->tr_attrib & ~BF_AR_TYPE) | type);
}

static void load_segments(union bf_vmcb *v, const struct bf_state *s)
{
	LOAD_SEGMENT(v, es, &s->seg[BF_SEG_ES]);
	LOAD_SEGMENT(v, cs, &s->seg[BF_SEG_CS]);
	LOAD_SEGMENT(v, ss, &s->seg[BF_SEG_SS]);
	LOAD_SEGMENT(v, ds, &s->seg[BF_SEG_DS]);
	LOAD_SEGMENT(v, fs, &s->seg[BF_SEG_FS]);
	LOAD_SEGMENT(v, gs, &s->seg[BF_SEG_GS]);
	LOAD_SEGMENT(v, ldtr, &s->ldtr);
	load_tr(v, s);
	v->gdtr_base = s->gdtr_base;
	v->gdtr_limit = s->gdtr_limit;
	v->idtr_base = s->idtr_base;
	v->idtr_limit = s->idtr_limit;
	v->cpl = s->seg[BF_SEG_CS].selector & 3;
}

static void load_registers(union bf_vmcb *v, const struct bf_state *s)
{
	v->rip = s->rip;
	v->rsp = s->rsp;
	v->rflags = s->rflags;
	v->cr0 = s->cr0;
	v->cr2 = s->cr2;
	v->cr3 = s->cr3;
	v->cr4 = s->cr4;
	v->efer = s->efer | EFER_SVME;
	v->dr6 = s->dr6;
	v->dr7 = s->dr7;
	v->g_pat = s->pat;
	v->dbgctl = s->debugctl;
	v->sysenter_cs = s->sysenter_cs;
	v->sysenter_esp = s->sysenter_esp;
	v->sysenter_eip = s->sysenter_eip;
}

/* With LBR virtualization the branch records come from the VMCB: start with the machine's. */
static void load_branches(union bf_vmcb *v)
{
	static const enum svm_field fields[] = {SVM_BR_FROM, SVM_BR_TO, SVM_LASTEXCPFROM,
						SVM_LASTEXCPTO};
	uint64_t value;

	v->lbr_virtualization = SVM_LBR_ENABLE_BIT;
	for (uint32_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (bf_hw_rdmsr_safe(MSR_LAST_BRANCH_FROM + i, &value))
			bf_vmcb_write(v, fields[i], value);
}

/* State that newer CPUs switch though nobody asked for it. */
static void load_extras(union bf_vmcb *v)
{
	uint64_t value;

	if (bf_svm_caps.spec_ctrl && bf_hw_rdmsr_safe(MSR_SPEC_CTRL, &value))
		v->spec_ctrl = value;
	if (!bf_svm_caps.shadow_stack)
		return;
	if (bf_hw_rdmsr_safe(MSR_IA32_S_CET, &value))
		v->s_cet = value;
	if (bf_hw_rdmsr_safe(MSR_IA32_INTERRUPT_SSP_TABLE, &value))
		v->isst_addr = value;
}

static int check_shadow_stack(const union bf_vmcb *v, struct bf_report *report)
{
	if (!(v->cr4 & CR4_CET) || !(v->s_cet & S_CET_SH_STK_EN))
		return 0;
	return bf_report(report, BF_ENOTSUP, "S_CET", v->s_cet,
			 "a kernel that runs on a shadow stack cannot be taken over: boot it "
			 "without supervisor shadow stacks");
}

static void load_controls(struct bf_vcpu *vcpu)
{
	union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	const struct bf_vm *vm = vcpu->vm;
	struct bf_svm_vm *maps = vm->arch;

	bf_svm_intercept_base(vcpu);
	v->iopm_base_pa = bf_virt_to_phys(maps->iopm);
	v->msrpm_base_pa = bf_virt_to_phys(maps->msrpm);
	v->guest_asid = ASID_CONTROL_VM;
	if (bf_svm_caps.npt && vm->s2_root) {
		v->np_enable = SVM_NP_ENABLE_BIT;
		v->n_cr3 = vm->s2_root;
	}
	if (bf_svm_caps.lbrv)
		load_branches(v);
}

int bf_svm_vcpu_load(struct bf_vcpu *vcpu, const struct bf_state *state, struct bf_report *report)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);

	/* VMSAVE also takes the MSRs that no struct bf_state holds: STAR … KERNEL_GS_BASE. */
	bf_hw_vmsave(svm->vmcb_pa);
	bf_hw_vmsave(svm->host_pa);
	load_segments(&svm->vmcb, state);
	load_registers(&svm->vmcb, state);
	load_extras(&svm->vmcb);
	load_controls(vcpu);
	bf_svm_caps.live_cr4 |= state->cr4;
	bf_svm_caps.live_efer |= state->efer;
	svm->host_pat = bf_hw_rdmsr(MSR_IA32_PAT);
	svm->vcpu = vcpu;
	svm->handler = bf_svm_caps.nrip ? bf_svm_exit_nrip : bf_svm_exit_decode;
	svm->soft_seq = svm->invalid_seq = UINT64_MAX - 1;
	/* Nothing that the CPU may have cached of this page or this ASID is ours. */
	bf_svm_dirty(vcpu, SVM_CLEAN_ALL);
	svm->vmcb.tlb_control = SVM_TLB_FLUSH_ALL;
	return check_shadow_stack(&svm->vmcb, report);
}
