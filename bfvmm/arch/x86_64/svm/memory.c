/* SPDX-License-Identifier: MIT */
/* Pages of VMs and vCPUs. */
#include <stddef.h>
#include <bfhw/phys.h>
#include <bfvmm/mem.h>
#include <svm/svm.h>

#define VM_PAGES (sizeof(struct bf_svm_vm) / BF_PAGE_SIZE)

_Static_assert(sizeof(struct bf_svm_vm) % BF_PAGE_SIZE == 0, "maps are whole pages");
_Static_assert(sizeof(struct bf_svm_vcpu) <= BF_SVM_PAGES * BF_PAGE_SIZE, "BF_SVM_PAGES");

static int no_memory(struct bf_report *report, const char *what)
{
	return bf_report(report, BF_ENOMEM, what, 0,
			 "the page pool is used up: load with a larger one");
}

int bf_svm_vm_create(struct bf_vm *vm, struct bf_report *report)
{
	struct bf_svm_vm *svm = bf_pages_alloc(VM_PAGES);

	vm->arch = svm;
	if (!svm)
		return no_memory(report, "MSR and I/O permission maps");
	bf_svm_maps_init(svm);
	return 0;
}

void bf_svm_vm_destroy(struct bf_vm *vm)
{
	bf_pages_free(vm->arch, VM_PAGES);
	vm->arch = NULL;
}

void bf_svm_vcpu_destroy(struct bf_vcpu *vcpu)
{
	bf_pages_free(vcpu->arch, BF_SVM_PAGES);
	vcpu->arch = NULL;
}

int bf_svm_vcpu_create(struct bf_vcpu *vcpu, struct bf_report *report)
{
	struct bf_svm_vcpu *svm;

	/* After an INIT there was nobody left to destroy it (see window.c). */
	bf_svm_vcpu_destroy(vcpu);
	svm = bf_pages_alloc(BF_SVM_PAGES);
	vcpu->arch = svm;
	if (!svm)
		return no_memory(report, "VMCB");
	svm->vmcb_pa = bf_virt_to_phys(&svm->vmcb);
	svm->host_pa = bf_virt_to_phys(&svm->host);
	return 0;
}
