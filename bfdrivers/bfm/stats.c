/* SPDX-License-Identifier: MIT */
#include "stats.h"

#include <inttypes.h>
#include <stdio.h>

#include "json.h"
#include "names.h"

#define NAME_COLUMN   32
#define NUMBER_WIDTH  14
#define TABLE_COLUMNS 6 /* CPUs side by side; more CPUs get more tables */

/* A page of a newer VMM may count more reasons than fit. */
static uint32_t reasons_of(const struct bf_stats_page *page)
{
	return page->reasons < BF_STATS_REASONS ? page->reasons : BF_STATS_REASONS;
}

uint32_t bfm_stats_reasons(const struct bf_stats_page *pages, size_t count)
{
	uint32_t most = 0;

	for (size_t i = 0; i < count; i++)
		if (reasons_of(&pages[i]) > most)
			most = reasons_of(&pages[i]);
	return most;
}

static uint64_t exits(const struct bf_stats_page *page, uint32_t reason)
{
	return reason < reasons_of(page) ? page->exits[reason] : 0;
}

uint64_t bfm_stats_cpu_total(const struct bf_stats_page *page)
{
	uint64_t total = 0;

	for (uint32_t reason = 0; reason < reasons_of(page); reason++)
		total += page->exits[reason];
	return total;
}

uint64_t bfm_stats_reason_total(const struct bf_stats_page *pages, size_t count, uint32_t reason)
{
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++)
		total += exits(&pages[i], reason);
	return total;
}

static uint64_t grand_total(const struct bf_stats_page *pages, size_t count)
{
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++)
		total += bfm_stats_cpu_total(&pages[i]);
	return total;
}

static void add_number(struct bfm_text *text, uint64_t number)
{
	bfm_text_printf(text, "%*" PRIu64, NUMBER_WIDTH, number);
}

static void add_header(struct bfm_text *text, const struct bf_stats_page *pages, size_t count)
{
	char name[24];

	bfm_text_add(text, "exits by reason");
	bfm_text_pad(text, NAME_COLUMN);
	bfm_text_printf(text, "%*s", NUMBER_WIDTH, "all CPUs");
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "CPU %" PRIu32, pages[i].cpu);
		bfm_text_printf(text, "%*s", NUMBER_WIDTH, name);
	}
	bfm_text_add(text, "\n");
}

static void add_row(struct bfm_text *text, const struct bf_stats_page *pages, size_t count,
		    uint32_t reason, uint64_t total)
{
	bfm_reason_text(text, reason);
	bfm_text_pad(text, NAME_COLUMN);
	add_number(text, total);
	for (size_t i = 0; i < count; i++)
		add_number(text, exits(&pages[i], reason));
	bfm_text_add(text, "\n");
}

static void add_sums(struct bfm_text *text, const struct bf_stats_page *pages, size_t count,
		     uint64_t total)
{
	bfm_text_add(text, "all reasons");
	bfm_text_pad(text, NAME_COLUMN);
	add_number(text, total);
	for (size_t i = 0; i < count; i++)
		add_number(text, bfm_stats_cpu_total(&pages[i]));
	bfm_text_add(text, "\n");
}

void bfm_stats_text(struct bfm_text *text, const struct bf_stats_page *pages, size_t count)
{
	uint32_t reasons = bfm_stats_reasons(pages, count);

	for (size_t first = 0; first < count; first += TABLE_COLUMNS) {
		size_t some = count - first < TABLE_COLUMNS ? count - first : TABLE_COLUMNS;

		if (first)
			bfm_text_add(text, "\n");
		add_header(text, pages + first, some);
		for (uint32_t reason = 0; reason < reasons; reason++) {
			uint64_t total = bfm_stats_reason_total(pages, count, reason);

			if (total)
				add_row(text, pages + first, some, reason, total);
		}
		add_sums(text, pages + first, some, grand_total(pages, count));
	}
}

static void json_reason(struct bfm_json *json, uint32_t reason, uint64_t number)
{
	struct bfm_text key = {0};

	bfm_reason_key(&key, reason);
	bfm_json_number(json, bfm_text_get(&key), number);
	bfm_text_free(&key);
}

static void json_cpu(struct bfm_json *json, const struct bf_stats_page *page)
{
	bfm_json_object(json, NULL);
	bfm_json_number(json, "cpu", page->cpu);
	bfm_json_number(json, "tsc", page->tsc);
	bfm_json_number(json, "total", bfm_stats_cpu_total(page));
	bfm_json_object(json, "exits");
	for (uint32_t reason = 0; reason < reasons_of(page); reason++)
		json_reason(json, reason, page->exits[reason]);
	bfm_json_end(json);
	bfm_json_end(json);
}

void bfm_stats_json(struct bfm_text *text, const struct bf_stats_page *pages, size_t count,
		    const struct bfm_extensions *extensions)
{
	uint32_t reasons = bfm_stats_reasons(pages, count);
	struct bfm_json json;

	bfm_json_start(&json, text);
	bfm_json_object(&json, NULL);
	bfm_json_number(&json, "total", grand_total(pages, count));
	bfm_json_object(&json, "exits");
	for (uint32_t reason = 0; reason < reasons; reason++)
		json_reason(&json, reason, bfm_stats_reason_total(pages, count, reason));
	bfm_json_end(&json);
	bfm_json_array(&json, "cpus");
	for (size_t i = 0; i < count; i++)
		json_cpu(&json, &pages[i]);
	bfm_json_end(&json);
	bfm_extensions_json(&json, extensions);
	bfm_json_end(&json);
	bfm_text_add(text, "\n");
}
