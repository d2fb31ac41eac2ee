/* SPDX-License-Identifier: MIT */
/* Records of all CPUs come mixed; a line of several records is told apart by its CPU. */
#include "log.h"

#include <stdlib.h>

/* Longer than any line of the VMM; keeps a log gone wild from eating all memory. */
#define LINE_MAX 8192

static struct bfm_log_line *find_line(struct bfm_log_join *join, uint32_t cpu, uint32_t *at)
{
	for (*at = 0; *at < join->count; ++*at)
		if (join->open[*at]->cpu == cpu)
			return join->open[*at];
	return NULL;
}

static struct bfm_log_line *new_line(const struct bf_log_record *record)
{
	struct bfm_log_line *line = calloc(1, sizeof(*line));

	if (!line) {
		fputs("bfm: out of memory\n", stderr);
		exit(BFM_OS);
	}
	line->seq = record->seq;
	line->tsc = record->tsc;
	line->cpu = record->cpu;
	line->level = record->level;
	return line;
}

static void add_record(struct bfm_log_line *line, const struct bf_log_record *record)
{
	size_t length = record->length < BF_LOG_TEXT ? record->length : BF_LOG_TEXT;

	bfm_text_bytes(&line->text, record->text, length);
}

static void strip_newline(struct bfm_text *text)
{
	while (text->length &&
	       (text->data[text->length - 1] == '\n' || !text->data[text->length - 1]))
		text->data[--text->length] = '\0';
}

static void give_out(struct bfm_log_line *line, const struct bfm_log_sink *sink)
{
	strip_newline(&line->text);
	sink->line(sink->context, line);
	bfm_text_free(&line->text);
	free(line);
}

/* The oldest stays first. */
static void forget(struct bfm_log_join *join, uint32_t at)
{
	join->count--;
	for (; at < join->count; at++)
		join->open[at] = join->open[at + 1];
}

static void cut_all(struct bfm_log_join *join, const struct bfm_log_sink *sink)
{
	for (uint32_t i = 0; i < join->count; i++) {
		join->open[i]->cut = true;
		give_out(join->open[i], sink);
	}
	join->count = 0;
}

static void join_record(struct bfm_log_join *join, const struct bf_log_record *record,
			const struct bfm_log_sink *sink)
{
	uint32_t at;
	struct bfm_log_line *line = find_line(join, record->cpu, &at);

	if (line)
		forget(join, at);
	else
		line = new_line(record);
	add_record(line, record);
	if ((record->flags & BF_LOG_MORE) && line->text.length < LINE_MAX &&
	    join->count < BF_MAX_CPUS)
		join->open[join->count++] = line;
	else
		give_out(line, sink);
}

void bfm_log_join_page(struct bfm_log_join *join, const struct bf_log_page *page,
		       const struct bfm_log_sink *sink)
{
	/* Nobody knows whose records are gone: no line that was open can be trusted to go on. */
	if (page->lost) {
		cut_all(join, sink);
		sink->lost(sink->context, page->lost);
	}
	for (uint32_t i = 0; i < page->count && i < BF_LOG_PAGE_RECORDS; i++)
		join_record(join, &page->record[i], sink);
}

void bfm_log_join_end(struct bfm_log_join *join, const struct bfm_log_sink *sink)
{
	cut_all(join, sink);
}
