/* SPDX-License-Identifier: MIT */
/* What a VM and a vCPU own: MSR bitmaps and control blocks. */
#include <stddef.h>
#include <bfhw/phys.h>
#include <bfhw/this_cpu.h>
#include <bfvmm/mem.h>
#include <bfvmm/report.h>
#include <vmx/vmx.h>

#define POOL_REMEDY "the page pool is used up: load with a larger one (bfm load --pool)"

#define VM_PAGES (sizeof(struct bf_vmx_vm) / BF_PAGE_SIZE)

_Static_assert(sizeof(struct bf_vmx_vm) % BF_PAGE_SIZE == 0, "bitmaps are whole pages");
_Static_assert(sizeof(struct bf_vmx_vcpu) <= BF_PAGE_SIZE, "bf_vmx_vcpu_create() has one page");

int bf_vmx_vm_create(struct bf_vm *vm, struct bf_report *report)
{
	vm->arch = bf_pages_alloc(VM_PAGES);
	if (!vm->arch)
		return bf_report(report, BF_ENOMEM, "MSR and I/O bitmaps", 0, POOL_REMEDY);
	bf_vmx_bitmaps_init(vm->arch);
	return 0;
}

void bf_vmx_vm_destroy(struct bf_vm *vm)
{
	bf_pages_free(vm->arch, VM_PAGES);
	vm->arch = NULL;
}

int bf_vmx_vcpu_create(struct bf_vcpu *vcpu, struct bf_report *report)
{
	struct bf_vmx_vcpu *v = bf_pages_alloc(1);
	void *vmcs = bf_pages_alloc(1);

	if (!v || !vmcs) {
		bf_pages_free(v, 1);
		bf_pages_free(vmcs, 1);
		return bf_report(report, BF_ENOMEM, "VMCS", 0, POOL_REMEDY);
	}
	v->vmcs = vmcs;
	vcpu->arch = v;
	return 0;
}

/* A CPU may write a VMCS back at any time until it is told to let go of it. */
static void let_go(const void *vmcs)
{
	struct bf_pcpu *pcpu = bf_this_pcpu();
	struct bf_vmx_cpu *cpu = pcpu->on ? pcpu->arch : NULL;
	uint64_t pa = bf_virt_to_phys(vmcs);

	if (!cpu || cpu->current != pa)
		return;
	(void)bf_hw_vmclear(pa);
	cpu->current = 0;
}

void bf_vmx_vcpu_destroy(struct bf_vcpu *vcpu)
{
	struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);

	if (!v)
		return;
	let_go(v->vmcs);
	bf_pages_free(v->vmcs, 1);
	bf_pages_free(v, 1);
	vcpu->arch = NULL;
}
