/* SPDX-License-Identifier: MIT */
#include "bf_os.h"
#include <bfload/report.h>

static const char *const error_text[] = {
#define X(name, number, text) [number] = text,
	BF_ERRORS(X)
#undef X
};

#define ERROR_COUNT ((int64_t)(sizeof(error_text) / sizeof(error_text[0])))

void bf_text_copy(char *to, uint64_t bytes, const char *from)
{
	uint64_t i = 0;

	for (; i + 1 < bytes && from[i]; i++)
		to[i] = from[i];
	for (; i < bytes; i++)
		to[i] = 0;
}

const char *bf_error_text(int64_t code)
{
	if (code >= 0 || code <= -ERROR_COUNT)
		return "an unknown error";
	return error_text[-code];
}

int bf_report_set(struct bf_report *report, int code, const char *what, uint64_t value,
		  const char *rule)
{
	if (!report || report->code)
		return code;
	report->code = code;
	report->value = value;
	bf_text_copy(report->what, sizeof(report->what), what);
	bf_text_copy(report->rule, sizeof(report->rule), rule);
	return code;
}

void bf_report_take(struct bf_report *to, const struct bf_report *from)
{
	if (to->code || from->code >= 0 || from->code <= -ERROR_COUNT)
		return;
	*to = *from;
	to->what[sizeof(to->what) - 1] = 0;
	to->rule[sizeof(to->rule) - 1] = 0;
}
