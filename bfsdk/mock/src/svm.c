/* SPDX-License-Identifier: MIT */
/* The SVM instructions (APM volume 2, chapter 15). */
#include <string.h>
#include <bfhw/phys.h>
#include <bfvmm/msr.h>
#include <bfmock/svm.h>
#include "model.h"

/* What VMSAVE and VMLOAD move, by offset in the VMCB: FS, GS, LDTR, TR, the syscall MSRs. */
static const struct {
	uint16_t at, bytes;
} moved[] = {{0x440, 0x20}, {0x470, 0x10}, {0x490, 0x10}, {0x600, 0x40}};

static uint8_t *vmcb_at(uint64_t pa, const char *instruction)
{
	struct mock_msr *efer = mock_msr_find(MSR_IA32_EFER);

	if (!(efer->value & EFER_SVME))
		mock_fault("%s without EFER.SVME raised #UD", instruction);
	if (pa & ~BF_PAGE_MASK)
		mock_fault("%s of 0x%lx raised #GP", instruction, pa);
	return bf_phys_to_virt(pa);
}

static void move(uint8_t *to, const uint8_t *from)
{
	for (unsigned int i = 0; i < sizeof(moved) / sizeof(moved[0]); i++)
		memcpy(to + moved[i].at, from + moved[i].at, moved[i].bytes);
}

void bf_hw_vmsave(uint64_t pa)
{
	mock.count.vmsave++;
	move(vmcb_at(pa, "VMSAVE"), mock_this()->hidden);
}

void bf_hw_vmload(uint64_t pa)
{
	mock.count.vmload++;
	move(mock_this()->hidden, vmcb_at(pa, "VMLOAD"));
}

void bf_hw_stgi(void)
{
	mock_this()->gif = true;
	mock_nmi_take();
}

void bf_hw_clgi(void)
{
	mock_this()->gif = false;
}

uint64_t mock_vmcb_get(uint64_t pa, uint32_t offset, uint32_t bytes)
{
	uint64_t value = 0;

	memcpy(&value, (uint8_t *)bf_phys_to_virt(pa) + offset, bytes);
	return value;
}

void mock_vmcb_set(uint64_t pa, uint32_t offset, uint32_t bytes, uint64_t value)
{
	memcpy((uint8_t *)bf_phys_to_virt(pa) + offset, &value, bytes);
}

/* APM volume 2, "Canonicalization and Consistency Checks": those that hold for every VMM. */
bool mock_svm_enter(uint64_t pa)
{
	struct mock_msr *hsave = mock_msr_find(MSR_VM_HSAVE_PA);
	uint64_t efer, cr0;

	vmcb_at(pa, "VMRUN");
	if (!hsave->value)
		mock_fault("VMRUN without a host save area");
	if (mock_this()->gif)
		mock_fault("VMRUN with GIF set: an interrupt could hit the switch");
	efer = mock_vmcb_get(pa, MOCK_VMCB_EFER, 8);
	cr0 = mock_vmcb_get(pa, MOCK_VMCB_CR0, 8);
	return !mock_due(&mock.fault.entry) && (efer & EFER_SVME) && !(cr0 >> 32) &&
	       (!(cr0 & CR0_NW) || (cr0 & CR0_CD)) &&
	       (mock_vmcb_get(pa, MOCK_VMCB_INTERCEPT_MISC2, 4) & 1) &&
	       mock_vmcb_get(pa, MOCK_VMCB_ASID, 4);
}
