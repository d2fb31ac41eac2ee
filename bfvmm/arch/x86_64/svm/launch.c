/* SPDX-License-Identifier: MIT */
/* The first entry of a vCPU. */
#include <stddef.h>
#include <bareframe/log.h>
#include <bfhw/hw.h>
#include <svm/entry.h>
#include <svm/exitcode.h>
#include <svm/svm.h>

#define AT(constant, member)                                                                       \
	_Static_assert(offsetof(struct bf_svm_vcpu, member) == (constant), "entry.h is stale")

AT(SVM_AT_EXITCODE, vmcb.exitcode);
AT(SVM_AT_RAX, vmcb.rax);
AT(SVM_AT_VMCB_PA, vmcb_pa);
AT(SVM_AT_HOST_PA, host_pa);
AT(SVM_AT_VCPU, vcpu);
AT(SVM_AT_HANDLER, handler);
AT(SVM_AT_LAUNCH_STACK, launch_stack);
_Static_assert(offsetof(struct bf_vcpu, regs) == 0, "entry.S pushes from the end of regs");

static void emit(const char *name, uint64_t value)
{
	bf_error("  %-40s 0x%016lx", name, value);
}

static int refused(struct bf_vcpu *vcpu, struct bf_report *report)
{
	union bf_vmcb *v = &bf_svm(vcpu)->vmcb;

	bf_error("vCPU %u: VMRUN fails", vcpu->index);
	bf_svm_dump(vcpu, emit);
	return bf_report(report, BF_EENTRY, "EXITCODE", v->exitcode,
			 "VMRUN refuses a VMCB that breaks no rule we know (VMEXIT_INVALID); its "
			 "fields are in the log");
}

int bf_svm_launch(struct bf_vcpu *vcpu, struct bf_report *report)
{
	/* NMIs wait from here to the entry, as they do after each exit. */
	bf_hw_clgi();
	if (vcpu->pending)
		bf_svm_pending(vcpu);
	bf_svm_enter(vcpu);
	return refused(vcpu, report);
}
