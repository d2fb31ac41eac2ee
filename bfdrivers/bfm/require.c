/* SPDX-License-Identifier: MIT */
#include "require.h"

#include <stdarg.h>
#include <stdio.h>

#include "json.h"

#define TITLE_COLUMN 9
#define TEXT_COLUMN  32

/* By enum bfm_verdict. */
static const char *const marks[] = {"ok", "MISSING", "UNCLEAR", "note"};
static const char *const statuses[] = {"met", "unmet", "unclear", "note"};

void bfm_found(struct bfm_finding *finding, enum bfm_verdict verdict, const char *format, ...)
{
	char line[512];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	finding->verdict = verdict;
	bfm_text_clear(&finding->message);
	/* CPUs, kernels and drivers say who they are; any of them may lie about it. */
	bfm_text_clean(&finding->message, line, sizeof(line));
}

void bfm_judge(const struct bfm_requirement *requirement, const struct bfm_facts *facts,
	       struct bfm_finding *finding)
{
	*finding = (struct bfm_finding){.verdict = BFM_UNCLEAR};
	requirement->judge(facts, finding);
}

void bfm_finding_free(struct bfm_finding *finding)
{
	bfm_text_free(&finding->message);
	bfm_text_free(&finding->remedy);
}

static bool stands_in_the_way(const struct bfm_requirement *requirement,
			      const struct bfm_finding *finding)
{
	return requirement->required &&
	       (finding->verdict == BFM_UNMET || finding->verdict == BFM_UNCLEAR);
}

static void add_finding(struct bfm_text *text, const struct bfm_requirement *requirement,
			const struct bfm_finding *finding)
{
	bfm_text_add(text, marks[finding->verdict]);
	bfm_text_pad(text, TITLE_COLUMN);
	bfm_text_add(text, requirement->title);
	bfm_text_pad(text, TEXT_COLUMN);
	bfm_text_printf(text, "%s\n", bfm_text_get(&finding->message));
	if (!finding->remedy.length)
		return;
	bfm_text_pad(text, TEXT_COLUMN);
	bfm_text_printf(text, "remedy: %s\n", bfm_text_get(&finding->remedy));
}

static void add_sum(struct bfm_text *text, unsigned int missing, unsigned int required)
{
	if (!missing)
		bfm_text_printf(text, "\nThis machine is ready: all %u requirements are met.\n",
				required);
	else
		bfm_text_printf(text,
				"\nThis machine is not ready: %u of %u requirements %s "
				"not met.\n",
				missing, required, missing == 1 ? "is" : "are");
}

unsigned int bfm_check_text(struct bfm_text *text, const struct bfm_facts *facts, bool quiet)
{
	unsigned int missing = 0, required = 0;
	struct bfm_finding finding;

	for (const struct bfm_requirement *r = bfm_requirements; r->id; r++) {
		bfm_judge(r, facts, &finding);
		missing += stands_in_the_way(r, &finding);
		required += r->required;
		if (!quiet || stands_in_the_way(r, &finding))
			add_finding(text, r, &finding);
		bfm_finding_free(&finding);
	}
	if (!quiet)
		add_sum(text, missing, required);
	return missing;
}

static void json_finding(struct bfm_json *json, const struct bfm_requirement *requirement,
			 const struct bfm_finding *finding)
{
	bfm_json_object(json, NULL);
	bfm_json_string(json, "id", requirement->id);
	bfm_json_string(json, "title", requirement->title);
	bfm_json_bool(json, "required", requirement->required);
	bfm_json_string(json, "status", statuses[finding->verdict]);
	bfm_json_string(json, "message", bfm_text_get(&finding->message));
	if (finding->remedy.length)
		bfm_json_string(json, "remedy", bfm_text_get(&finding->remedy));
	else
		bfm_json_null(json, "remedy");
	bfm_json_end(json);
}

unsigned int bfm_check_json(struct bfm_text *text, const struct bfm_facts *facts)
{
	struct bfm_finding finding;
	unsigned int missing = 0;
	struct bfm_json json;

	bfm_json_start(&json, text);
	bfm_json_object(&json, NULL);
	bfm_json_array(&json, "requirements");
	for (const struct bfm_requirement *r = bfm_requirements; r->id; r++) {
		bfm_judge(r, facts, &finding);
		missing += stands_in_the_way(r, &finding);
		json_finding(&json, r, &finding);
		bfm_finding_free(&finding);
	}
	bfm_json_end(&json);
	bfm_json_number(&json, "missing", missing);
	bfm_json_bool(&json, "ready", missing == 0);
	bfm_json_end(&json);
	bfm_text_add(text, "\n");
	return missing;
}
