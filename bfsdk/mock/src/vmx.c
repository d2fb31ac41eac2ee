/* SPDX-License-Identifier: MIT */
/* The VMX instructions (SDM volume 3, "VMX Instruction Reference"). */
#include <stddef.h>
#include <bfhw/phys.h>
#include <bfvmm/msr.h>
#include "model.h"
#include "vmcs.h"

#define FEATURE_CONTROL_ON 5u

_Static_assert(sizeof(struct mock_vmcs) <= BF_PAGE_SIZE, "a VMCS is one page");

struct mock_vmcs *mock_vmcs_current(void)
{
	uint64_t pa = mock_this()->vmcs_pa;

	return pa == MOCK_NO_VMCS ? NULL : bf_phys_to_virt(pa);
}

/* VMfailValid, or VMfailInvalid where there is no VMCS to hold the number. */
static bool vm_fail(enum mock_vm_error error)
{
	struct mock_vmcs *vmcs = mock_vmcs_current();

	if (vmcs)
		*mock_vmcs_slot(vmcs, VMCS_INSTRUCTION_ERROR) = error;
	return false;
}

static void need_root(const char *instruction)
{
	if (!mock_this()->vmx_on)
		mock_fault("%s outside VMX operation raised #UD", instruction);
}

static bool page_ok(uint64_t pa)
{
	return !(pa & ~BF_PAGE_MASK) && pa < MOCK_MEMORY;
}

/* CR0 and CR4 must have the bits of FIXED0 and no others than those of FIXED1. */
static bool fixed_ok(uint64_t value, uint32_t fixed0, uint32_t fixed1)
{
	uint64_t must = mock_msr_find(fixed0)->value, may = mock_msr_find(fixed1)->value;

	return (value & must) == must && !(value & ~may);
}

bool bf_hw_vmxon(uint64_t pa)
{
	struct mock_cpu *cpu = mock_this();
	struct mock_msr *control = mock_msr_find(MSR_IA32_FEATURE_CONTROL);

	if (!mock_has(MOCK_VIRT) || !(cpu->cr4 & CR4_VMXE))
		mock_fault("VMXON raised #UD");
	if (cpu->vmx_on)
		return vm_fail(MOCK_VMERR_VMXON_IN_ROOT);
	if (!control || (control->value & FEATURE_CONTROL_ON) != FEATURE_CONTROL_ON ||
	    !fixed_ok(cpu->cr0, MSR_IA32_VMX_CR0_FIXED0, MSR_IA32_VMX_CR0_FIXED1) ||
	    !fixed_ok(cpu->cr4, MSR_IA32_VMX_CR4_FIXED0, MSR_IA32_VMX_CR4_FIXED1))
		mock_fault("VMXON raised #GP");
	if (mock_due(&mock.fault.vmxon) || !page_ok(pa) ||
	    *(uint32_t *)bf_phys_to_virt(pa) != MOCK_VMCS_REVISION)
		return false;
	cpu->vmx_on = true;
	cpu->vmxon_pa = pa;
	cpu->vmcs_pa = MOCK_NO_VMCS;
	return true;
}

void bf_hw_vmxoff(void)
{
	need_root("VMXOFF");
	mock_this()->vmx_on = false;
	mock_this()->vmcs_pa = MOCK_NO_VMCS;
}

bool bf_hw_vmclear(uint64_t pa)
{
	struct mock_cpu *cpu = mock_this();

	need_root("VMCLEAR");
	if (!page_ok(pa) || mock_due(&mock.fault.vmclear))
		return vm_fail(MOCK_VMERR_VMCLEAR_ADDRESS);
	if (pa == cpu->vmxon_pa)
		return vm_fail(MOCK_VMERR_VMCLEAR_VMXON);
	((struct mock_vmcs *)bf_phys_to_virt(pa))->launched = false;
	if (cpu->vmcs_pa == pa)
		cpu->vmcs_pa = MOCK_NO_VMCS;
	return true;
}

bool bf_hw_vmptrld(uint64_t pa)
{
	struct mock_cpu *cpu = mock_this();

	need_root("VMPTRLD");
	if (!page_ok(pa) || mock_due(&mock.fault.vmptrld))
		return vm_fail(MOCK_VMERR_VMPTRLD_ADDRESS);
	if (pa == cpu->vmxon_pa)
		return vm_fail(MOCK_VMERR_VMPTRLD_VMXON);
	if (((struct mock_vmcs *)bf_phys_to_virt(pa))->revision != MOCK_VMCS_REVISION)
		return vm_fail(MOCK_VMERR_VMPTRLD_REVISION);
	for (uint32_t i = 0; i < mock.cpu_count; i++)
		if (i != mock.cpu && mock.cpus[i].vmx_on && mock.cpus[i].vmcs_pa == pa)
			mock_fault("the VMCS at 0x%lx is active on CPU %u as well", pa, i);
	cpu->vmcs_pa = pa;
	return true;
}

static uint64_t *slot_of(uint32_t encoding, const char *instruction)
{
	need_root(instruction);
	return mock_vmcs_current() ? mock_vmcs_slot(mock_vmcs_current(), encoding) : NULL;
}

static uint64_t cut(uint32_t encoding, uint64_t value)
{
	static const uint64_t masks[] = {0xffff, UINT64_MAX, 0xffffffff, UINT64_MAX};

	return value & masks[VMCS_WIDTH(encoding)];
}

static void store(uint64_t *slot, uint32_t encoding, uint64_t value)
{
	if (VMCS_HIGH(encoding))
		*slot = (*slot & 0xffffffff) | value << 32;
	else
		*slot = cut(encoding, value);
}

bool bf_hw_vmread_safe(uint64_t encoding, uint64_t *value)
{
	uint64_t *slot = slot_of((uint32_t)encoding, "VMREAD");

	mock.count.vmread++;
	*value = 0;
	if (!slot)
		return vm_fail(MOCK_VMERR_NO_SUCH_FIELD);
	*value = VMCS_HIGH(encoding) ? *slot >> 32 : *slot;
	return true;
}

bool bf_hw_vmwrite_safe(uint64_t encoding, uint64_t value)
{
	uint64_t *slot = slot_of((uint32_t)encoding, "VMWRITE");

	mock.count.vmwrite++;
	if (!slot)
		return vm_fail(MOCK_VMERR_NO_SUCH_FIELD);
	if (VMCS_READ_ONLY(encoding))
		return vm_fail(MOCK_VMERR_READ_ONLY);
	store(slot, (uint32_t)encoding, value);
	return true;
}

/* The VMM calls these two for fields that it knows to exist: anything else is a bug in it. */
uint64_t bf_hw_vmread(uint64_t encoding)
{
	uint64_t value;

	if (!bf_hw_vmread_safe(encoding, &value))
		mock_fault("VMREAD of 0x%lx failed: no such field, or no VMCS", encoding);
	return value;
}

void bf_hw_vmwrite(uint64_t encoding, uint64_t value)
{
	if (!bf_hw_vmwrite_safe(encoding, value))
		mock_fault("VMWRITE of 0x%lx failed: no such field, read-only, or no VMCS",
			   encoding);
}

void mock_vmcs_set(uint32_t encoding, uint64_t value)
{
	uint64_t *slot = slot_of(encoding, "mock_vmcs_set()");

	if (!slot)
		mock_fault("VMCS field 0x%x does not exist here", encoding);
	store(slot, encoding, value);
}

uint64_t mock_vmcs_get(uint32_t encoding)
{
	uint64_t *slot = slot_of(encoding, "mock_vmcs_get()");

	if (!slot)
		mock_fault("VMCS field 0x%x does not exist here", encoding);
	return *slot;
}

bool mock_vmcs_has(uint32_t encoding)
{
	struct mock_vmcs nowhere;

	return mock_vmcs_slot(&nowhere, encoding);
}

/* INVEPT and INVVPID take the types that IA32_VMX_EPT_VPID_CAP offers, else they fail. */
static bool inv_ok(uint64_t type, uint32_t shift)
{
	struct mock_msr *cap = mock_msr_find(MSR_IA32_VMX_EPT_VPID_CAP);

	return cap && type < 4 && (cap->value >> (shift + type) & 1);
}

bool bf_hw_invept(uint64_t type, uint64_t eptp)
{
	need_root("INVEPT");
	if (!mock_has(MOCK_EPT))
		mock_fault("INVEPT raised #UD");
	(void)eptp;
	mock.count.invept++;
	return inv_ok(type, 24) || vm_fail(MOCK_VMERR_INV_OPERAND);
}

bool bf_hw_invvpid(uint64_t type, uint64_t vpid, uint64_t va)
{
	need_root("INVVPID");
	if (!mock_has(MOCK_VPID))
		mock_fault("INVVPID raised #UD");
	(void)va;
	mock.count.invvpid++;
	return (inv_ok(type, 40) && vpid <= 0xffff && (vpid || type == 2)) ||
	       vm_fail(MOCK_VMERR_INV_OPERAND);
}
