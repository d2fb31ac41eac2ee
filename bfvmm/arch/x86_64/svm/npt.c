/* SPDX-License-Identifier: MIT */
/*
 * Nested page tables (APM volume 2, 15.25): ordinary long-mode tables, as deep as the VMM's own.
 * Every access through them counts as a user access. Memory types come from the MTRRs and the
 * guest's PAT, as on the bare machine, when the entries say write-back.
 */
#include <stddef.h>
#include <bfhw/hw.h>
#include <bfvmm/msr.h>
#include <svm/svm.h>

#define NPT_P       (1ull << 0)
#define NPT_RW      (1ull << 1)
#define NPT_US      (1ull << 2)
#define NPT_A       (1ull << 5)
#define NPT_D       (1ull << 6)
#define NPT_PS      (1ull << 7)
#define NPT_NX      (1ull << 63)
#define NPT_ADDRESS 0x000ffffffffff000ull

static uint64_t leaf(uint64_t pa, uint32_t level, uint32_t access, enum bf_memtype type)
{
	(void)type;
	/* What can be reached can be read: no entry does for a page that must not. */
	if (!(access & BF_S2_READ))
		return 0;
	/* A and D are set, so that the CPU need not write to the tables. */
	return pa | NPT_P | NPT_US | NPT_A | NPT_D | (level > 1 ? NPT_PS : 0) |
	       (access & BF_S2_WRITE ? NPT_RW : 0) | (access & BF_S2_EXEC ? 0 : NPT_NX);
}

static uint64_t table(uint64_t pa)
{
	return pa | NPT_P | NPT_RW | NPT_US | NPT_A;
}

static bool present(uint64_t entry)
{
	return entry & NPT_P;
}

static bool is_leaf(uint64_t entry, uint32_t level)
{
	return level == 1 || (entry & NPT_PS);
}

static uint64_t address(uint64_t entry, uint32_t level)
{
	uint64_t low = is_leaf(entry, level) ? (1ull << (3 + 9 * level)) - 1 : 0;

	return entry & NPT_ADDRESS & ~low;
}

static struct bf_s2_format format = {
	.leaf = leaf,
	.table = table,
	.present = present,
	.is_leaf = is_leaf,
	.address = address,
};

const struct bf_s2_format *bf_svm_s2_format(void)
{
	if (!bf_svm_caps.npt)
		return NULL;
	format.levels = bf_hw_read_cr4() & CR4_LA57 ? 5 : 4;
	format.leaf_levels = bf_svm_caps.page_1g ? 3 : 2;
	return &format;
}
