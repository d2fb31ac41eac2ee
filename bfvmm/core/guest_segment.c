/* SPDX-License-Identifier: MIT */
/* From segment and offset to a linear address (SDM volume 3, 5.2 to 5.5; APM volume 2, 4.8). */
#include <bfvmm/guest.h>
#include <bfvmm/segment.h>
#include <bfvmm/vcpu.h>

static uint64_t field(struct bf_vcpu *vcpu, enum bf_field first, enum bf_seg segment)
{
	return bf_hv->get(vcpu, first + segment);
}

static bool legacy(struct bf_vcpu *vcpu, enum bf_seg number, const struct bf_segment_access *a,
		   uint64_t *gva)
{
	const struct bf_segment segment = {
		.access = (uint32_t)field(vcpu, BF_ES_ACCESS, number),
		.limit = (uint32_t)field(vcpu, BF_ES_LIMIT, number),
		.base = field(vcpu, BF_ES_BASE, number),
	};
	bool real =
		!(bf_hv->get(vcpu, BF_CR0) & CR0_PE) || (bf_hv->get(vcpu, BF_RFLAGS) & RFLAGS_VM);

	*gva = (uint32_t)(segment.base + a->first);
	return bf_segment_allows(&segment, number, real, a);
}

static bool flat(struct bf_vcpu *vcpu, enum bf_seg number, const struct bf_segment_access *a,
		 uint64_t *gva)
{
	uint64_t cr4 = bf_hv->get(vcpu, BF_CR4);
	uint64_t base = number >= BF_SEG_FS ? field(vcpu, BF_ES_BASE, number) : 0;

	*gva = base + a->first;
	return bf_canonical(*gva, cr4) && bf_canonical(base + a->last, cr4);
}

int bf_guest_linear(struct bf_vcpu *vcpu, enum bf_seg segment, uint64_t offset, uint64_t bytes,
		    uint32_t access, uint64_t *gva, struct bf_guest_fault *fault)
{
	bool code64 = (bf_hv->get(vcpu, BF_EFER) & EFER_LMA) &&
		      (bf_hv->get(vcpu, BF_CS_ACCESS) & BF_AR_L);
	struct bf_segment_access a = {.first = code64 ? offset : (uint32_t)offset, .kind = access};

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
