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
#define NPT_MAPPED  (1ull << 52) /* the CPU ignores it: mapped, but without any right */
#define NPT_NX      (1ull << 63)
#define NPT_ADDRESS 0x000ffffffffff000ull

/* What can be reached can be read: no entry does for a page that must not. */
static uint32_t granted(uint32_t access)
{
	return access & BF_S2_READ ? access & BF_S2_RWX : 0;
}

static uint64_t leaf(uint64_t pa, uint32_t level, uint32_t access, enum bf_memtype type)
{
	uint64_t entry = pa | (level > 1 ? NPT_PS : 0);

	(void)type;
	if (!granted(access))
		return entry | NPT_MAPPED;
	/* A and D are set, so that the CPU need not write to the tables. */
	return entry | NPT_P | NPT_US | NPT_A | NPT_D | (access & BF_S2_WRITE ? NPT_RW : 0) |
	       (access & BF_S2_EXEC ? 0 : NPT_NX);
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
	.granted = granted,
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

/* All tables of a guest share its ASID. */
void bf_svm_s2_root(struct bf_vcpu *vcpu, uint64_t root)
{
	if (!bf_svm(vcpu)->vmcb.np_enable)
		return;
	bf_svm_write(vcpu, SVM_N_CR3, root);
	bf_svm_flush(vcpu);
}

/* EXITINFO1 of a nested page fault (APM volume 2, 15.25.6). */
#define NPF_WRITE (1ull << 1)
#define NPF_FETCH (1ull << 4)
#define NPF_WALK  (1ull << 33)

void bf_svm_decode_s2(struct bf_vcpu *vcpu, struct bf_s2_access *access)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	uint64_t info = v->exitinfo1;

	*access = (struct bf_s2_access){
		.gpa = v->exitinfo2,
		.walk = info & NPF_WALK,
		.kind = info & NPF_FETCH   ? BF_S2_EXEC
			: info & NPF_WRITE ? BF_S2_WRITE
					   : BF_S2_READ,
	};
}
