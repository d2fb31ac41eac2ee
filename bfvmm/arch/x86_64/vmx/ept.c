/* SPDX-License-Identifier: MIT */
/* Extended page tables: entry formats (SDM volume 3, "The Extended Page Table Mechanism"). */
#include <stddef.h>
#include <vmx/vmx.h>

#define EPT_READ       0x1ull
#define EPT_WRITE      0x2ull
#define EPT_EXEC       0x4ull
#define EPT_RWX        0x7ull
#define EPT_TYPE_SHIFT 3
#define EPT_LARGE      0x80ull
#define EPT_MAPPED     (1ull << 52) /* the CPU ignores it: mapped, but without any right */
#define EPT_ADDRESS    0x000ffffffffff000ull
#define EPT_LEVELS     4
#define EPTP_WALK      ((EPT_LEVELS - 1ull) << 3)

/* Writable but not readable is a misconfiguration, as is executable only on older CPUs. */
static uint32_t granted(uint32_t access)
{
	bool exec_only = bf_vmx_caps.ept_vpid & EPT_CAP_EXEC_ONLY;

	if (access & BF_S2_READ)
		return access & BF_S2_RWX;
	return exec_only ? access & BF_S2_EXEC : 0;
}

static uint64_t address(uint64_t entry, uint32_t level)
{
	uint64_t offset = (1ull << (BF_PAGE_SHIFT + 9 * (level - 1))) - 1;

	if (level > 1 && !(entry & EPT_LARGE))
		offset = 0;
	return entry & EPT_ADDRESS & ~offset;
}

static uint64_t leaf(uint64_t pa, uint32_t level, uint32_t access, enum bf_memtype type)
{
	uint64_t rights = granted(access);

	return pa | rights | (rights ? 0 : EPT_MAPPED) | (uint64_t)type << EPT_TYPE_SHIFT |
	       (level > 1 ? EPT_LARGE : 0);
}

static uint64_t table(uint64_t pa)
{
	return pa | EPT_RWX;
}

static bool present(uint64_t entry)
{
	return entry & EPT_RWX;
}

static bool is_leaf(uint64_t entry, uint32_t level)
{
	return level == 1 || (entry & EPT_LARGE);
}

static struct bf_s2_format format = {
	.levels = EPT_LEVELS,
	.typed = true,
	.granted = granted,
	.leaf = leaf,
	.table = table,
	.present = present,
	.is_leaf = is_leaf,
	.address = address,
};

const struct bf_s2_format *bf_vmx_s2_format(void)
{
	uint64_t cap = bf_vmx_caps.ept_vpid;

	if (!(bf_vmx_caps.use[VMX_PROC2] & VMX_PROC2_ENABLE_EPT))
		return NULL;
	format.leaf_levels = !(cap & EPT_CAP_2M) ? 1 : cap & EPT_CAP_1G ? 3 : 2;
	return &format;
}

/* Exit qualification for EPT violations (SDM volume 3, table 28-7). */
#define EPT_Q_WRITE  (1ull << 1)
#define EPT_Q_EXEC   (1ull << 2)
#define EPT_Q_LINEAR (1ull << 7)
#define EPT_Q_FINAL  (1ull << 8)

void bf_vmx_decode_s2(struct bf_vcpu *vcpu, struct bf_s2_access *access)
{
	uint64_t q = bf_hw_vmread(VMCS_EXIT_QUALIFICATION);

	(void)vcpu;
	*access = (struct bf_s2_access){
		.gpa = bf_hw_vmread(VMCS_GUEST_PHYSICAL_ADDRESS),
		.gva_valid = q & EPT_Q_LINEAR,
		.walk = (q & EPT_Q_LINEAR) && !(q & EPT_Q_FINAL),
		.kind = q & EPT_Q_EXEC    ? BF_S2_EXEC
			: q & EPT_Q_WRITE ? BF_S2_WRITE
					  : BF_S2_READ,
	};
	if (access->gva_valid)
		access->gva = bf_hw_vmread(VMCS_GUEST_LINEAR_ADDRESS);
}

uint64_t bf_vmx_eptp(uint64_t root)
{
	bool wb = bf_vmx_caps.ept_vpid & EPT_CAP_WB;

	return root | EPTP_WALK | (wb ? BF_MT_WB : BF_MT_UC);
}
