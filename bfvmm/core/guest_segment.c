/* SPDX-License-Identifier: MIT */
/* From segment and offset to a linear address (SDM volume 3, 5.2 to 5.5; APM volume 2, 4.8). */
#include <bfvmm/guest.h>
#include <bfvmm/msr.h>
#include <bfvmm/vcpu.h>

/* Types of code and data segments. */
#define TYPE_CODE        0x8
#define TYPE_EXPAND_DOWN 0x4 /* of data */
#define TYPE_WRITABLE    0x2 /* of data */
#define TYPE_READABLE    0x2 /* of code */

struct access {
	uint64_t first, last; /* offsets */
	uint32_t kind;
};

static uint64_t field(struct bf_vcpu *vcpu, enum bf_field first, enum bf_seg segment)
{
	return bf_hv->get(vcpu, first + segment);
}

static bool type_allows(uint32_t rights, enum bf_seg segment, uint32_t kind)
{
	if (rights & BF_AR_UNUSABLE)
		return false;
	if (kind & BF_GUEST_FETCH)
		return segment == BF_SEG_CS;
	if (kind & BF_GUEST_WRITE)
		return !(rights & TYPE_CODE) && (rights & TYPE_WRITABLE);
	return !(rights & TYPE_CODE) || (rights & TYPE_READABLE);
}

static bool limit_allows(uint64_t limit, uint32_t rights, const struct access *a)
{
	uint64_t highest = rights & BF_AR_DB ? UINT32_MAX : UINT16_MAX;

	if ((rights & (TYPE_CODE | TYPE_EXPAND_DOWN)) == TYPE_EXPAND_DOWN)
		return a->first > limit && a->last <= highest;
	/* In a flat segment offsets wrap: CPUs are free to fault there, and some do. */
	return a->last <= limit || (limit == UINT32_MAX && a->first <= limit);
}

/* Real and virtual-8086 mode go by the limit alone. */
static bool legacy(struct bf_vcpu *vcpu, enum bf_seg segment, const struct access *a, uint64_t *gva)
{
	uint32_t rights = (uint32_t)field(vcpu, BF_ES_ACCESS, segment);
	bool protected =
		(bf_hv->get(vcpu, BF_CR0) & CR0_PE) && !(bf_hv->get(vcpu, BF_RFLAGS) & RFLAGS_VM);

	*gva = (uint32_t)(field(vcpu, BF_ES_BASE, segment) + a->first);
	if (protected && !type_allows(rights, segment, a->kind))
		return false;
	if (!protected)
		rights = TYPE_WRITABLE;
	return limit_allows(field(vcpu, BF_ES_LIMIT, segment), rights, a);
}

static bool flat(struct bf_vcpu *vcpu, enum bf_seg segment, const struct access *a, uint64_t *gva)
{
	struct bf_space space = {.cr4 = bf_hv->get(vcpu, BF_CR4), .efer = EFER_LMA};
	uint64_t base = segment >= BF_SEG_FS ? field(vcpu, BF_ES_BASE, segment) : 0;

	*gva = base + a->first;
	return bf_space_canonical(&space, *gva) && bf_space_canonical(&space, base + a->last);
}

int bf_guest_linear(struct bf_vcpu *vcpu, enum bf_seg segment, uint64_t offset, uint64_t bytes,
		    uint32_t access, uint64_t *gva, struct bf_guest_fault *fault)
{
	bool code64 = (bf_hv->get(vcpu, BF_EFER) & EFER_LMA) &&
		      (bf_hv->get(vcpu, BF_CS_ACCESS) & BF_AR_L);
	struct access a = {.first = code64 ? offset : (uint32_t)offset, .kind = access};

	if (!bytes || bytes > UINT32_MAX || segment >= BF_SEG_COUNT)
		return BF_EINVAL;
	a.last = a.first + bytes - 1;
	if ((code64 ? flat : legacy)(vcpu, segment, &a, gva))
		return 0;
	if (fault)
		*fault = (struct bf_guest_fault){
			.address = *gva,
			.vector = segment == BF_SEG_SS ? BF_VECTOR_SS : BF_VECTOR_GP,
		};
	return BF_EFAULT;
}
