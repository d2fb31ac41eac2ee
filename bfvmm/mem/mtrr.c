/* SPDX-License-Identifier: MIT */
#include <bfhw/hw.h>
#include <bfvmm/mem.h>
#include <bfvmm/msr.h>
#include <bfvmm/mtrr.h>

#define MTRRCAP_COUNT     0xffu
#define MTRRCAP_FIX       0x100u
#define DEF_TYPE_FIX      0x400u
#define DEF_TYPE_ENABLE   0x800u
#define PHYSMASK_VALID    0x800u
#define FIXED_END         0x100000UL
#define CPUID_1_EDX_MTRR  (1u << 12)
#define ADDRESS_BITS_LEAF 0x80000008u

static void read_fixed(struct bf_mtrr *mtrr)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < 11; i++) {
		uint32_t msr = i == 0  ? MSR_IA32_MTRR_FIX64K_00000
			       : i < 3 ? MSR_IA32_MTRR_FIX16K_80000 + i - 1
				       : MSR_IA32_MTRR_FIX4K_C0000 + i - 3;
		uint64_t types = bf_hw_rdmsr(msr);

		for (uint32_t byte = 0; byte < 8; byte++)
			mtrr->fixed[at++] = (uint8_t)(types >> (8 * byte));
	}
}

static void read_variable(struct bf_mtrr *mtrr, uint32_t count, uint64_t address_mask)
{
	for (uint32_t i = 0; i < count && i < BF_MTRR_VARIABLE; i++) {
		uint64_t base = bf_hw_rdmsr(MSR_IA32_MTRR_PHYSBASE0 + 2 * i);
		uint64_t mask = bf_hw_rdmsr(MSR_IA32_MTRR_PHYSBASE0 + 2 * i + 1);

		if (!(mask & PHYSMASK_VALID))
			continue;
		mask &= address_mask;
		mtrr->variable[mtrr->variable_count].base = base & mask;
		mtrr->variable[mtrr->variable_count].mask = mask;
		mtrr->variable[mtrr->variable_count].type = (uint8_t)base;
		mtrr->variable_count++;
	}
}

void bf_mtrr_read(struct bf_mtrr *mtrr)
{
	memset(mtrr, 0, sizeof(*mtrr));
	if (!(bf_hw_cpuid(1, 0).edx & CPUID_1_EDX_MTRR)) {
		mtrr->enabled = true;
		mtrr->default_type = BF_MT_WB;
		return;
	}

	uint64_t cap = bf_hw_rdmsr(MSR_IA32_MTRRCAP);
	uint64_t def = bf_hw_rdmsr(MSR_IA32_MTRR_DEF_TYPE);
	uint32_t bits = bf_hw_cpuid(ADDRESS_BITS_LEAF, 0).eax & 0xff;

	mtrr->enabled = def & DEF_TYPE_ENABLE;
	mtrr->fixed_enabled = (cap & MTRRCAP_FIX) && (def & DEF_TYPE_FIX);
	mtrr->default_type = (uint8_t)def;
	if (mtrr->fixed_enabled)
		read_fixed(mtrr);
	read_variable(mtrr, cap & MTRRCAP_COUNT, ((1UL << bits) - 1) & BF_PAGE_MASK);
}

static uint32_t fixed_index(uint64_t pa)
{
	if (pa < 0x80000)
		return (uint32_t)(pa >> 16);
	if (pa < 0xc0000)
		return 8 + (uint32_t)((pa - 0x80000) >> 14);
	return 24 + (uint32_t)((pa - 0xc0000) >> 12);
}

/* Overlaps: UC wins; WT over WB; anything else is undefined, and UC is the safe reading. */
static enum bf_memtype combine(enum bf_memtype a, enum bf_memtype b)
{
	if (a == b)
		return a;
	if ((a == BF_MT_WT && b == BF_MT_WB) || (a == BF_MT_WB && b == BF_MT_WT))
		return BF_MT_WT;
	return BF_MT_UC;
}

enum bf_memtype bf_mtrr_type(const struct bf_mtrr *mtrr, uint64_t pa)
{
	bool found = false;
	enum bf_memtype type = BF_MT_UC;

	if (!mtrr->enabled)
		return BF_MT_UC;
	if (mtrr->fixed_enabled && pa < FIXED_END)
		return mtrr->fixed[fixed_index(pa)];
	for (uint32_t i = 0; i < mtrr->variable_count; i++) {
		if ((pa & mtrr->variable[i].mask) != mtrr->variable[i].base)
			continue;
		type = found ? combine(type, mtrr->variable[i].type) : mtrr->variable[i].type;
		found = true;
	}
	return found ? type : mtrr->default_type;
}

/* Whether the mask tells addresses apart inside an aligned range that the base may touch. */
static bool splits(uint64_t base, uint64_t mask, uint64_t pa, uint64_t bytes)
{
	uint64_t inside = bytes - 1;

	return (mask & inside & BF_PAGE_MASK) && !((pa ^ base) & mask & ~inside);
}

bool bf_mtrr_uniform(const struct bf_mtrr *mtrr, uint64_t pa, uint64_t bytes, enum bf_memtype *type)
{
	*type = bf_mtrr_type(mtrr, pa);
	if (!mtrr->enabled || bytes <= BF_PAGE_SIZE)
		return true;
	if (mtrr->fixed_enabled && pa < FIXED_END)
		return false;
	for (uint32_t i = 0; i < mtrr->variable_count; i++)
		if (splits(mtrr->variable[i].base, mtrr->variable[i].mask, pa, bytes))
			return false;
	return true;
}
