/* SPDX-License-Identifier: MIT */
/* CPUID: a table made from the machine's features. */
#include <stddef.h>
#include "model.h"

#define VENDOR_BOTH -1

/* A bit of a CPUID result that is set when the machine has a feature; 0: always. */
struct cpuid_bit {
	uint32_t leaf, subleaf;
	int vendor;
	uint32_t feature;
	struct bf_hw_cpuid set;
};

#define BOTH(leaf, subleaf, feature, ...)                                                          \
	{                                                                                          \
		leaf, subleaf, VENDOR_BOTH, feature,                                               \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}
#define INTEL(leaf, subleaf, feature, ...)                                                         \
	{                                                                                          \
		leaf, subleaf, MOCK_INTEL, feature,                                                \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}
#define AMD(leaf, subleaf, feature, ...)                                                           \
	{                                                                                          \
		leaf, subleaf, MOCK_AMD, feature,                                                  \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}
#define BIT(n) (1u << (n))

static const struct cpuid_bit bits[] = {
	INTEL(0, 0, 0, .eax = 0x16, .ebx = 0x756e6547, .ecx = 0x6c65746e, .edx = 0x49656e69),
	AMD(0, 0, 0, .eax = 0x10, .ebx = 0x68747541, .ecx = 0x444d4163, .edx = 0x69746e65),
	INTEL(1, 0, 0, .eax = 0x50654),
	AMD(1, 0, 0, .eax = 0x600f12),
	BOTH(1, 0, 0, .ebx = 0x10800, .ecx = 0x80002201, .edx = 0x178bebff & ~BIT(12)),
	BOTH(1, 0, MOCK_MTRR, .edx = BIT(12)),
	INTEL(1, 0, MOCK_VIRT, .ecx = BIT(5)),
	BOTH(1, 0, MOCK_PCID, .ecx = BIT(17)),
	BOTH(1, 0, MOCK_XSAVE, .ecx = BIT(26) | BIT(27)),
	BOTH(2, 0, 0, .eax = 0x76036301),
	BOTH(7, 0, 0, .ebx = BIT(0) | BIT(7) | BIT(20), .ecx = BIT(2) | BIT(3)),
	BOTH(7, 0, MOCK_INVPCID, .ebx = BIT(10)),
	BOTH(7, 0, MOCK_UMWAIT, .ecx = BIT(5)),
	BOTH(7, 0, MOCK_LA57, .ecx = BIT(16)),
	BOTH(0xd, 0, MOCK_XSAVE, .eax = 0x207, .ebx = 0xa88, .ecx = 0xa88),
	BOTH(0xd, 1, MOCK_XSAVE, .eax = 0x7),
	BOTH(0xd, 1, MOCK_XSAVES, .eax = BIT(3)),
	INTEL(0x16, 0, 0, .eax = 3500, .ebx = 4000, .ecx = 100),
	INTEL(0x80000000, 0, 0, .eax = 0x80000008),
	AMD(0x80000000, 0, 0, .eax = 0x8000001f, .ebx = 0x68747541, .ecx = 0x444d4163,
	    .edx = 0x69746e65),
	BOTH(0x80000001, 0, 0, .ecx = BIT(0), .edx = BIT(11) | BIT(20) | BIT(29)),
	AMD(0x80000001, 0, MOCK_VIRT, .ecx = BIT(2)),
	BOTH(0x80000001, 0, MOCK_PAGE_1G, .edx = BIT(26)),
	BOTH(0x80000001, 0, MOCK_RDTSCP, .edx = BIT(27)),
	BOTH(0x80000008, 0, 0, .eax = 0x3028),
	BOTH(0x80000008, 0, MOCK_LA57, .eax = 0x3900),
	AMD(0x8000000a, 0, MOCK_VIRT, .eax = 1, .ebx = 16),
	AMD(0x8000000a, 0, MOCK_NPT, .edx = BIT(0)),
	AMD(0x8000000a, 0, MOCK_NRIP, .edx = BIT(3)),
	AMD(0x8000000a, 0, MOCK_CLEAN, .edx = BIT(5)),
	AMD(0x8000000a, 0, MOCK_FLUSH_ASID, .edx = BIT(6)),
	AMD(0x8000000a, 0, MOCK_DECODE, .edx = BIT(7)),
	AMD(0x8000000a, 0, MOCK_PAUSE_FILTER, .edx = BIT(10)),
	AMD(0x8000000a, 0, MOCK_VGIF, .edx = BIT(16)),
};

struct mock_leaf *mock_cpuid_find(uint32_t leaf, uint32_t subleaf)
{
	for (uint32_t i = 0; i < mock.leaf_count; i++) {
		struct mock_leaf *l = &mock.leaves[i];

		if (l->leaf == leaf && (l->any_subleaf || l->subleaf == subleaf))
			return l;
	}
	return NULL;
}

static struct mock_leaf *leaf_make(uint32_t leaf, uint32_t subleaf)
{
	struct mock_leaf *l = mock_cpuid_find(leaf, subleaf);

	if (l)
		return l;
	if (mock.leaf_count == MOCK_LEAVES)
		mock_fault("no room for CPUID leaf 0x%x", leaf);
	l = &mock.leaves[mock.leaf_count++];
	*l = (struct mock_leaf){.leaf = leaf, .subleaf = subleaf};
	l->any_subleaf = leaf != 7 && leaf != 0xd;
	return l;
}

void mock_cpuid_set(uint32_t leaf, uint32_t subleaf, struct bf_hw_cpuid out)
{
	leaf_make(leaf, subleaf)->out = out;
}

void mock_cpuid_reset(void)
{
	mock.leaf_count = 0;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		const struct cpuid_bit *b = &bits[i];

		if (b->vendor != VENDOR_BOTH && b->vendor != (int)mock.profile->vendor)
			continue;
		if (b->feature && !mock_has(b->feature))
			continue;
		struct bf_hw_cpuid *out = &leaf_make(b->leaf, b->subleaf)->out;
		out->eax |= b->set.eax;
		out->ebx |= b->set.ebx;
		out->ecx |= b->set.ecx;
		out->edx |= b->set.edx;
	}
}

/* Beyond the last leaf, Intel answers as for the last basic one, AMD with zeros. */
static uint32_t clamp(uint32_t leaf)
{
	uint32_t basic = mock_cpuid_find(0, 0)->out.eax;
	uint32_t extended = mock_cpuid_find(0x80000000, 0)->out.eax;

	if (mock.profile->vendor != MOCK_INTEL || leaf <= basic)
		return leaf;
	return leaf >= 0x80000000 && leaf <= extended ? leaf : basic;
}

struct bf_hw_cpuid bf_hw_cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct mock_leaf *l = mock_cpuid_find(clamp(leaf), subleaf);
	struct bf_hw_cpuid out = l ? l->out : (struct bf_hw_cpuid){0};

	mock.count.cpuid++;
	/* OSXSAVE and OSPKE mirror CR4. */
	if (leaf == 1 && !(mock_this()->cr4 & BIT(18)))
		out.ecx &= ~BIT(27);
	if (leaf == 7 && !subleaf && (mock_this()->cr4 & BIT(22)))
		out.ecx |= BIT(4);
	return out;
}

void bf_hw_cpuid_regs(uint64_t *rax, uint64_t *rbx, uint64_t *rcx, uint64_t *rdx)
{
	struct bf_hw_cpuid out = bf_hw_cpuid((uint32_t)*rax, (uint32_t)*rcx);

	*rax = out.eax;
	*rbx = out.ebx;
	*rcx = out.ecx;
	*rdx = out.edx;
}
