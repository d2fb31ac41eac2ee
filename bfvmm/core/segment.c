/* SPDX-License-Identifier: MIT */
#include <bareframe/guest.h>
#include <bfvmm/segment.h>

/* Types of code and data segments. */
#define TYPE_CODE        0x8
#define TYPE_EXPAND_DOWN 0x4 /* of data */
#define TYPE_WRITABLE    0x2 /* of data */
#define TYPE_READABLE    0x2 /* of code */

static bool type_allows(uint32_t rights, enum bf_seg number, uint32_t kind)
{
	if (rights & BF_AR_UNUSABLE)
		return false;
	if (kind & BF_GUEST_FETCH)
		return number == BF_SEG_CS;
	if (kind & BF_GUEST_WRITE)
		return !(rights & TYPE_CODE) && (rights & TYPE_WRITABLE);
	return !(rights & TYPE_CODE) || (rights & TYPE_READABLE);
}

static bool limit_allows(uint64_t limit, uint32_t rights, const struct bf_segment_access *a)
{
	uint64_t highest = rights & BF_AR_DB ? UINT32_MAX : UINT16_MAX;

	if ((rights & (TYPE_CODE | TYPE_EXPAND_DOWN)) == TYPE_EXPAND_DOWN)
		return a->first > limit && a->last <= highest;
	/* In a flat segment offsets wrap: CPUs are free to fault there, and some do. */
	return a->last <= limit || (limit == UINT32_MAX && a->first <= limit);
}

bool bf_segment_allows(const struct bf_segment *segment, enum bf_seg number, bool real,
		       const struct bf_segment_access *access)
{
	if (real)
		return limit_allows(segment->limit, TYPE_WRITABLE, access);
	return type_allows(segment->access, number, access->kind) &&
	       limit_allows(segment->limit, segment->access, access);
}
