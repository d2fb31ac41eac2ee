/* SPDX-License-Identifier: MIT */
#include "log.h"

#include <inttypes.h>

#include "json.h"
#include "names.h"

void bfm_log_line_text(struct bfm_text *text, const struct bfm_log_line *line)
{
	bfm_text_printf(text, "%16" PRIu64 " CPU %-3" PRIu32 " %-5s ", line->tsc, line->cpu,
			bfm_level_name(line->level));
	bfm_text_clean(text, bfm_text_get(&line->text), line->text.length);
	bfm_text_printf(text, "%s\n", line->cut ? " [the rest was lost]" : "");
}

void bfm_log_line_json(struct bfm_text *text, const struct bfm_log_line *line)
{
	struct bfm_json json;

	bfm_json_start(&json, text);
	bfm_json_object(&json, NULL);
	bfm_json_number(&json, "seq", line->seq);
	bfm_json_number(&json, "tsc", line->tsc);
	bfm_json_number(&json, "cpu", line->cpu);
	bfm_json_string(&json, "level", bfm_level_name(line->level));
	bfm_json_bytes(&json, "text", bfm_text_get(&line->text), line->text.length);
	bfm_json_bool(&json, "cut", line->cut);
	bfm_json_end(&json);
	bfm_text_add(text, "\n");
}

void bfm_log_lost_text(struct bfm_text *text, uint64_t records)
{
	bfm_text_printf(text, "[%" PRIu64 " record%s overwritten before being read]\n", records,
			records == 1 ? " was" : "s were");
}

void bfm_log_lost_json(struct bfm_text *text, uint64_t records)
{
	bfm_text_printf(text, "{\"lost\":%" PRIu64 "}\n", records);
}
