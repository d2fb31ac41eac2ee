/* SPDX-License-Identifier: MIT */
#include "extensions.h"

#include <inttypes.h>

#define NAME_COLUMN 32
#define MILLION     1000000u

bool bfm_extensions_add(struct bfm_extensions *all, const struct bf_ext_page *page)
{
	uint32_t count = page->count < BF_EXT_PAGE_RECORDS ? page->count : BF_EXT_PAGE_RECORDS;

	all->total = page->total;
	all->timed_exits = page->timed_exits;
	all->cpu_cycles = page->cpu_cycles;
	for (uint32_t i = 0; i < count && all->count < BFM_EXTENSIONS_MAX; i++)
		all->record[all->count++] = page->record[i];
	return count && all->count < page->total && all->count < BFM_EXTENSIONS_MAX;
}

uint64_t bfm_extension_cycles(const struct bfm_extensions *all, const struct bf_ext_record *record)
{
	return record->timed_cycles * all->timed_exits;
}

uint64_t bfm_extension_ppm(const struct bfm_extensions *all, const struct bf_ext_record *record)
{
	double cycles = (double)record->timed_cycles * all->timed_exits;

	if (!all->cpu_cycles)
		return 0;
	return (uint64_t)(cycles * MILLION / (double)all->cpu_cycles + 0.5);
}

static const char *state_of(const struct bf_ext_record *record)
{
	static const char *const names[BF_EXT_STATES] = {
		[BF_EXT_ACTIVE] = "active",
		[BF_EXT_DISABLED] = "disabled",
	};

	return record->state < BF_EXT_STATES ? names[record->state] : "unknown";
}

static void add_row(struct bfm_text *text, const struct bfm_extensions *all,
		    const struct bf_ext_record *record)
{
	uint64_t ppm = bfm_extension_ppm(all, record);

	bfm_text_clean(text, record->name, sizeof(record->name));
	bfm_text_pad(text, NAME_COLUMN);
	bfm_text_printf(text, "%10s%8" PRIu32 "%16" PRIu64 "%9" PRIu64 ".%04" PRIu64 " %%\n",
			state_of(record), record->hooks, record->calls, ppm / 10000, ppm % 10000);
}

void bfm_extensions_text(struct bfm_text *text, const struct bfm_extensions *all)
{
	if (!all->count) {
		bfm_text_add(text, "no extensions\n");
		return;
	}
	bfm_text_add(text, "extension");
	bfm_text_pad(text, NAME_COLUMN);
	bfm_text_printf(text, "%10s%8s%16s%16s\n", "state", "hooks", "calls", "time share");
	for (size_t i = 0; i < all->count; i++)
		add_row(text, all, &all->record[i]);
	if (all->count < all->total)
		bfm_text_printf(text, "and %zu more\n", all->total - all->count);
	bfm_text_printf(text,
			"The time share is an estimate: the time in hooks at one exit of %" PRIu32
			", taken for all,\nof the time that the CPUs have been under the VMM.\n",
			all->timed_exits);
}

static void json_extension(struct bfm_json *json, const struct bfm_extensions *all,
			   const struct bf_ext_record *record)
{
	bfm_json_object(json, NULL);
	bfm_json_bytes(json, "name", record->name, sizeof(record->name));
	bfm_json_string(json, "state", state_of(record));
	bfm_json_number(json, "hooks", record->hooks);
	bfm_json_number(json, "calls", record->calls);
	bfm_json_number(json, "estimated_cycles", bfm_extension_cycles(all, record));
	bfm_json_number(json, "estimated_ppm", bfm_extension_ppm(all, record));
	bfm_json_end(json);
}

void bfm_extensions_json(struct bfm_json *json, const struct bfm_extensions *all)
{
	bfm_json_array(json, "extensions");
	for (size_t i = 0; i < all->count; i++)
		json_extension(json, all, &all->record[i]);
	bfm_json_end(json);
	bfm_json_number(json, "timed_exits", all->timed_exits);
	bfm_json_number(json, "cpu_cycles", all->cpu_cycles);
}
