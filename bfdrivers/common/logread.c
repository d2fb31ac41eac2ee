/* SPDX-License-Identifier: MIT */
#include "bf_os.h"
#include <bfload/logread.h>

/* Copies a record that may be written meanwhile. @return whether the copy is sound */
static bool copy_record(const struct bf_log_record *slot, struct bf_log_record *copy)
{
	const volatile uint64_t *seq = &slot->seq;
	uint64_t before = *seq;

	if (!before)
		return false;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	memcpy(copy, slot, sizeof(*copy));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (*seq != before || copy->seq != before)
		return false;
	if (copy->length > BF_LOG_TEXT)
		copy->length = BF_LOG_TEXT;
	return true;
}

/* Keeps the page's records sorted and the lowest; drops the highest when full. */
static void insert(struct bf_log_page *page, const struct bf_log_record *record)
{
	uint32_t at = page->count;

	if (at == BF_LOG_PAGE_RECORDS) {
		if (page->record[at - 1].seq <= record->seq)
			return;
		at--;
	} else {
		page->count++;
	}
	for (; at && page->record[at - 1].seq > record->seq; at--)
		page->record[at] = page->record[at - 1];
	page->record[at] = *record;
}

static void merge_ring(const struct bf_log_ring *ring, struct bf_log_page *page)
{
	struct bf_log_record record;

	for (uint32_t i = 0; i < BF_LOG_SLOTS; i++) {
		if (ring->slot[i].seq >= page->from && copy_record(&ring->slot[i], &record))
			insert(page, &record);
	}
}

void bf_log_merge(struct bf_log_ring *const *rings, uint32_t count, struct bf_log_page *page)
{
	page->count = 0;
	page->lost = 0;
	page->reserved = 0;
	if (!page->from)
		page->from = 1;
	for (uint32_t i = 0; i < count; i++) {
		if (rings[i] && rings[i]->magic == BF_LOG_MAGIC)
			merge_ring(rings[i], page);
	}
	if (!page->count)
		return;
	page->lost = page->record[0].seq - page->from;
	page->from = page->record[page->count - 1].seq + 1;
}
