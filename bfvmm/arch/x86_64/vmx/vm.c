/* SPDX-License-Identifier: MIT */
/* What a VM and a vCPU own: MSR bitmaps and control blocks. */
#include <stddef.h>
#include <bfhw/phys.h>
#include <bfhw/this_cpu.h>
#include <bfvmm/mem.h>
#include <bfvmm/msr.h>
#include <bfvmm/report.h>
#include <vmx/vmx.h>

#define POOL_REMEDY "the page pool is used up: load with a larger one (bfm load --pool)"

/* A bitmap has four parts of 1 KiB: reads of low and high MSRs, then writes (SDM 25.6.9). */
#define PART      1024u
#define READS     0u
#define WRITES    (2 * PART)
#define PART_MSRS (8 * PART)
#define BITMAPS   4u /* by bit 0: all reads exit, bit 1: all writes exit */

/* Low MSRs whose writes exit always: they are not the guest's to write, see msr.c. */
static const uint32_t trapped_writes[] = {MSR_IA32_BIOS_UPDT_TRIG};

static void fill(uint8_t *bitmap, uint32_t which)
{
	for (uint32_t i = 0; i < sizeof(trapped_writes) / sizeof(trapped_writes[0]); i++)
		bitmap[WRITES + trapped_writes[i] / 8] |= 1u << trapped_writes[i] % 8;
	if (which & 1)
		memset(bitmap + READS, 0xff, 2 * PART);
	if (which & 2)
		memset(bitmap + WRITES, 0xff, 2 * PART);
}

int bf_vmx_vm_create(struct bf_vm *vm, struct bf_report *report)
{
	uint8_t *bitmaps = bf_pages_alloc(BITMAPS);

	if (!bitmaps)
		return bf_report(report, BF_ENOMEM, "MSR bitmaps", 0, POOL_REMEDY);
	for (uint32_t i = 0; i < BITMAPS; i++)
		fill(bitmaps + i * BF_PAGE_SIZE, i);
	vm->arch = bitmaps;
	return 0;
}

void bf_vmx_vm_destroy(struct bf_vm *vm)
{
	bf_pages_free(vm->arch, BITMAPS);
	vm->arch = NULL;
}

uint64_t bf_vmx_msr_bitmap(const struct bf_vm *vm, bool all_reads, bool all_writes)
{
	uint32_t which = (all_reads ? 1u : 0) | (all_writes ? 2u : 0);

	return bf_virt_to_phys(vm->arch) + which * BF_PAGE_SIZE;
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
