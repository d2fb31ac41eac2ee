/* SPDX-License-Identifier: MIT */
/* MSRs: a table per CPU; what is not in it faults, as do values that the manuals reserve. */
#include <stddef.h>
#include <bfvmm/msr.h>
#include "model.h"

#define VM_CR_SVMDIS         0x10
#define FEATURE_CONTROL_LOCK 0x1
#define FEATURE_CONTROL_VMX  0x4
#define MSR_APERF            0xe8
#define MSR_CSTAR            0xc0000083
#define MSR_TSC_AUX          0xc0000103
#define MSR_SYSCFG           0xc0010010
#define MSR_UCODE_REV        0x8b
#define MSR_S_CET            0x6a2
#define MSR_PL0_SSP          0x6a4
#define MSR_SSP_TABLE        0x6a8
#define VENDOR_BOTH          -1

struct msr_default {
	uint32_t number;
	int vendor;
	uint32_t feature;
	bool read_only;
	uint64_t value;
};

static const struct msr_default defaults[] = {
	{MSR_IA32_TSC, VENDOR_BOTH, 0, false, 0x1000},
	{MSR_IA32_APIC_BASE, VENDOR_BOTH, 0, false, 0xfee00900},
	{MSR_IA32_FEATURE_CONTROL, MOCK_INTEL, 0, false,
	 FEATURE_CONTROL_LOCK | FEATURE_CONTROL_VMX},
	{MSR_UCODE_REV, VENDOR_BOTH, 0, false, 0x100000000},
	{MSR_APERF, VENDOR_BOTH, 0, false, 0},
	{MSR_IA32_MTRRCAP, VENDOR_BOTH, MOCK_MTRR, true, 0x508},
	{MSR_IA32_MTRR_DEF_TYPE, VENDOR_BOTH, MOCK_MTRR, false, 0xc06},
	{MSR_IA32_SYSENTER_CS, VENDOR_BOTH, 0, false, 0x10},
	{MSR_IA32_SYSENTER_ESP, VENDOR_BOTH, 0, false, 0xffff888000001000},
	{MSR_IA32_SYSENTER_EIP, VENDOR_BOTH, 0, false, 0xffffffff81001000},
	{MSR_IA32_DEBUGCTL, VENDOR_BOTH, 0, false, 0},
	{MSR_IA32_PAT, VENDOR_BOTH, 0, false, 0x0407050600070106},
	{MSR_IA32_XSS, VENDOR_BOTH, MOCK_XSAVES, false, 0},
	{MSR_IA32_EFER, VENDOR_BOTH, 0, false, EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE},
	{MSR_IA32_STAR, VENDOR_BOTH, 0, false, 0x0023001000000000},
	{MSR_IA32_LSTAR, VENDOR_BOTH, 0, false, 0xffffffff81002000},
	{MSR_CSTAR, VENDOR_BOTH, 0, false, 0xffffffff81003000},
	{MSR_IA32_FMASK, VENDOR_BOTH, 0, false, 0x257fd5},
	{MSR_IA32_FS_BASE, VENDOR_BOTH, 0, false, 0x7fff00001000},
	{MSR_IA32_GS_BASE, VENDOR_BOTH, 0, false, 0xffff888000002000},
	{MSR_IA32_KERNEL_GS_BASE, VENDOR_BOTH, 0, false, 0x7fff00002000},
	{MSR_TSC_AUX, VENDOR_BOTH, MOCK_RDTSCP, false, 0},
	{MSR_SYSCFG, MOCK_AMD, 0, false, 0},
	{MSR_S_CET, VENDOR_BOTH, MOCK_EXOTIC, false, 0},
	{MSR_PL0_SSP, VENDOR_BOTH, MOCK_EXOTIC, false, 0},
	{MSR_SSP_TABLE, VENDOR_BOTH, MOCK_EXOTIC, false, 0},
	{MSR_VM_CR, MOCK_AMD, MOCK_VIRT, false, 0},
	{MSR_VM_HSAVE_PA, MOCK_AMD, MOCK_VIRT, false, 0},
};

struct mock_msr *mock_msr_find(uint32_t number)
{
	struct mock_cpu *cpu = mock_this();

	for (uint32_t i = 0; i < cpu->msr_count; i++)
		if (cpu->msr[i].number == number)
			return &cpu->msr[i];
	return NULL;
}

void mock_msr_add(uint32_t number, uint64_t value, bool read_only)
{
	struct mock_cpu *cpu = mock_this();
	struct mock_msr *msr = mock_msr_find(number);

	if (!msr && cpu->msr_count == MOCK_MSRS)
		mock_fault("no room for MSR 0x%x", number);
	if (!msr)
		msr = &cpu->msr[cpu->msr_count++];
	*msr = (struct mock_msr){number, read_only, value};
}

static void for_each_cpu(void (*fn)(uint32_t number, uint64_t value), uint32_t number,
			 uint64_t value)
{
	uint32_t now = mock.cpu;

	for (uint32_t i = 0; i < mock.cpu_count; i++) {
		mock.cpu = i;
		fn(number, value);
	}
	mock.cpu = now;
}

static void set_one(uint32_t number, uint64_t value)
{
	struct mock_msr *msr = mock_msr_find(number);

	mock_msr_add(number, value, msr && msr->read_only);
}

void mock_msr_set(uint32_t number, uint64_t value)
{
	for_each_cpu(set_one, number, value);
}

static void remove_one(uint32_t number, uint64_t value)
{
	struct mock_msr *msr = mock_msr_find(number);

	(void)value;
	if (msr)
		*msr = mock_this()->msr[--mock_this()->msr_count];
}

void mock_msr_remove(uint32_t number)
{
	for_each_cpu(remove_one, number, 0);
}

/* The first MiB and eight variable ranges: WB but for the VGA hole. */
static void add_mtrrs(void)
{
	for (uint32_t i = 0; i < 8; i++) {
		mock_msr_add(MSR_IA32_MTRR_PHYSBASE0 + 2 * i, 0, false);
		mock_msr_add(MSR_IA32_MTRR_PHYSBASE0 + 2 * i + 1, 0, false);
		mock_msr_add(MSR_IA32_MTRR_FIX4K_C0000 + i, 0x0505050505050505, false);
	}
	mock_msr_add(MSR_IA32_MTRR_FIX64K_00000, 0x0606060606060606, false);
	mock_msr_add(MSR_IA32_MTRR_FIX16K_80000, 0x0606060606060606, false);
	mock_msr_add(MSR_IA32_MTRR_FIX16K_A0000, 0, false);
}

void mock_msr_reset(void)
{
	mock_this()->msr_count = 0;
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		const struct msr_default *d = &defaults[i];

		if (d->vendor != VENDOR_BOTH && d->vendor != (int)mock.profile->vendor)
			continue;
		if (!d->feature || mock_has(d->feature))
			mock_msr_add(d->number, d->value, d->read_only);
	}
	if (mock_has(MOCK_MTRR))
		add_mtrrs();
}

static bool canonical(uint64_t va)
{
	uint32_t unused = mock_this()->cr4 & CR4_LA57 ? 7 : 16;

	return (uint64_t)((int64_t)(va << unused) >> unused) == va;
}

static bool pat_valid(uint64_t pat)
{
	for (; pat; pat >>= 8)
		if ((pat & 0xff) > 7 || (pat & 0xff) == 2 || (pat & 0xff) == 3)
			return false;
	return true;
}

static bool efer_valid(uint64_t efer)
{
	uint64_t allowed = EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE;
	struct mock_msr *vm_cr = mock_msr_find(MSR_VM_CR);

	if (mock.profile->vendor == MOCK_AMD)
		allowed |= EFER_FFXSR | EFER_LMSLE;
	if (vm_cr && !(vm_cr->value & VM_CR_SVMDIS))
		allowed |= EFER_SVME;
	return !(efer & ~allowed);
}

static bool valid(const struct mock_msr *msr, uint64_t value)
{
	switch (msr->number) {
	case MSR_IA32_SYSENTER_ESP:
	case MSR_IA32_SYSENTER_EIP:
	case MSR_IA32_LSTAR:
	case MSR_IA32_FS_BASE:
	case MSR_IA32_GS_BASE:
	case MSR_IA32_KERNEL_GS_BASE:
		return canonical(value);
	case MSR_IA32_PAT:
		return pat_valid(value);
	case MSR_IA32_EFER:
		return efer_valid(value);
	case MSR_IA32_FEATURE_CONTROL:
		return !(msr->value & FEATURE_CONTROL_LOCK);
	case MSR_VM_HSAVE_PA:
		return !(value & ~BF_PAGE_MASK) && value < MOCK_MEMORY;
	default:
		return true;
	}
}

bool bf_hw_rdmsr_safe(uint32_t number, uint64_t *value)
{
	struct mock_msr *msr = mock_msr_find(number);
	bool ok = msr && mock.fault.rdmsr != number;

	mock.count.rdmsr++;
	*value = ok ? msr->value : 0;
	return ok;
}

bool bf_hw_wrmsr_safe(uint32_t number, uint64_t value)
{
	struct mock_msr *msr = mock_msr_find(number);
	bool ok = msr && !msr->read_only && mock.fault.wrmsr != number && valid(msr, value);

	mock.count.wrmsr++;
	if (ok)
		msr->value = value;
	return ok;
}

uint64_t bf_hw_rdmsr(uint32_t number)
{
	uint64_t value;

	if (!bf_hw_rdmsr_safe(number, &value))
		mock_fault("RDMSR of 0x%x raised #GP", number);
	return value;
}

void bf_hw_wrmsr(uint32_t number, uint64_t value)
{
	if (!bf_hw_wrmsr_safe(number, value))
		mock_fault("WRMSR of 0x%lx to 0x%x raised #GP", value, number);
}
