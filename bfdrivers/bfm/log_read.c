/* SPDX-License-Identifier: MIT */
#include "log.h"

/* Number 0 marks an empty slot, so a log starts with 1; asking for 0 would count it as lost. */
#define FIRST_SEQ 1

static void note_last(struct bfm_log_reader *reader, const struct bf_log_page *page)
{
	uint32_t count = page->count < BF_LOG_PAGE_RECORDS ? page->count : BF_LOG_PAGE_RECORDS;
	const struct bf_log_record *last = &page->record[count - 1];

	reader->seq = last->seq;
	reader->tsc = last->tsc;
}

int bfm_log_drain(struct bfm_log_reader *reader, bfm_log_fetch fetch, void *context,
		  const struct bfm_log_sink *sink)
{
	struct bf_log_page page;
	uint64_t asked;
	int error;

	do {
		asked = reader->from > FIRST_SEQ ? reader->from : FIRST_SEQ;
		page = (struct bf_log_page){.from = asked};
		error = fetch(context, &page);
		if (error)
			return error;
		bfm_log_join_page(&reader->join, &page, sink);
		if (page.count)
			note_last(reader, &page);
		reader->from = page.from > asked ? page.from : asked;
		/* A page that leads nowhere would be read for ever. */
	} while (page.count && reader->from > asked);
	return 0;
}

bool bfm_log_restarted(struct bfm_log_reader *reader, bfm_log_fetch fetch, void *context)
{
	struct bf_log_page page = {.from = reader->seq};

	if (!reader->seq || fetch(context, &page))
		return false;
	/* A higher number only means that the last record was overwritten meanwhile. */
	if (page.count && (page.record[0].seq > reader->seq || page.record[0].tsc == reader->tsc))
		return false;
	reader->from = 0;
	reader->seq = 0;
	return true;
}
