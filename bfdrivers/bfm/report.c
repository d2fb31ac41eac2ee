/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <inttypes.h>

#include "exits.h"

struct row {
	const char *name;
	const char *text;
};

static const struct row rows[] = {
#define X(name, number, text) [number] = {#name, text},
	BF_ERRORS(X)
#undef X
};

static const char set_up_firmware[] =
	"switch virtualization (VT-x, SVM Mode) on in the firmware setup, then switch the machine "
	"off and on";

/* What bfm makes of a code. */
static const struct {
	int exit;
	bool of_cpu; /* the report's cpu means something, even if it is 0 */
	bool valued; /* the report's value means something, even if it is 0 */
	const char *remedy;
} meaning[] = {
	[-BF_EINVAL] = {BFM_USAGE, false, false, NULL},
	[-BF_ENOMEM] = {BFM_OS, false, false, "free memory, or ask for a smaller --pool"},
	[-BF_ESTATE] = {BFM_UNAVAILABLE, false, false, NULL},
	[-BF_EVERSION] = {BFM_PROTOCOL, false, true,
			  "build image, driver and bfm from the same release"},
	[-BF_EIMAGE] = {BFM_DATA, false, true, "give an image that bf_add_vmm() has built"},
	[-BF_ENOVIRT] = {BFM_UNAVAILABLE, true, true,
			 "use a machine with VT-x or AMD-V; in a virtual "
			 "machine, switch nested virtualization on"},
	[-BF_EFIRMWARE] = {BFM_UNAVAILABLE, true, true, set_up_firmware},
	[-BF_EBUSY] = {BFM_UNAVAILABLE, true, true,
		       "end all virtual machines and unload the other "
		       "hypervisor; 'bfm check' names it"},
	[-BF_EFEATURE] = {BFM_UNAVAILABLE, true, true, "'bfm check' lists what this CPU offers"},
	[-BF_EENTRY] = {BFM_SOFTWARE, true, true, "'bfm log' has the control block's fields"},
	[-BF_EFAULT] = {BFM_SOFTWARE, false, false, NULL},
	[-BF_ENOENT] = {BFM_UNAVAILABLE, false, false, NULL},
	[-BF_EEXIST] = {BFM_UNAVAILABLE, false, false, NULL},
	[-BF_EPERM] = {BFM_NO_PERMISSION, false, false, NULL},
	[-BF_ENOTSUP] = {BFM_UNAVAILABLE, true, true, NULL},
	[-BF_ERANGE] = {BFM_USAGE, false, true, NULL},
	[-BF_ECPU] = {BFM_SOFTWARE, true, true, "'bfm log' and the kernel's log tell more"},
	[-BF_EEXT] = {BFM_SOFTWARE, false, false, "'bfm log' tells what the extension missed"},
	[-BF_EFAULTINJ] = {BFM_SOFTWARE, true, true, "leave the fault out of --args"},
	[-BF_EPANIC] = {BFM_SOFTWARE, true, true, "'bfm log' has the dump; restart the machine"},
	[-BF_EDEVICE] = {BFM_SOFTWARE, false, true, NULL},
	[-BF_EAGAIN] = {BFM_SOFTWARE, false, false, "try again"},
};

#define KNOWN (sizeof(rows) / sizeof(rows[0]))
_Static_assert(KNOWN == sizeof(meaning) / sizeof(meaning[0]), "every code has a meaning");

/* Index into the tables; 0, a row of nothing, for what is no known code. */
static size_t index_of(int32_t code)
{
	uint32_t number = 0U - (uint32_t)code;

	return number < KNOWN ? number : 0;
}

void bfm_code_name(struct bfm_text *text, int32_t code)
{
	size_t i = index_of(code);

	if (i)
		bfm_text_add(text, rows[i].name);
	else
		bfm_text_printf(text, "BF_E%" PRIu32, 0U - (uint32_t)code);
}

const char *bfm_code_text(int32_t code)
{
	size_t i = index_of(code);

	return i ? rows[i].text : "an error that this bfm does not know";
}

const char *bfm_code_remedy(int32_t code)
{
	return meaning[index_of(code)].remedy;
}

int bfm_code_exit(int32_t code)
{
	size_t i = index_of(code);

	return i ? meaning[i].exit : BFM_SOFTWARE;
}

static bool names_cpu(const struct bf_report *report)
{
	return report->cpu || meaning[index_of(report->code)].of_cpu;
}

/* With BF_ESTATE it is the request and the state's number, which the rule spells out. */
static bool has_subject(const struct bf_report *report)
{
	return report->what[0] && report->code != BF_ESTATE;
}

static void add_subject(struct bfm_text *text, const struct bf_report *report)
{
	bfm_text_clean(text, report->what, sizeof(report->what));
	if (report->value || meaning[index_of(report->code)].valued)
		bfm_text_printf(text, " = 0x%" PRIx64, report->value);
	bfm_text_add(text, ": ");
}

void bfm_report_line(struct bfm_text *text, const struct bf_report *report)
{
	if (names_cpu(report))
		bfm_text_printf(text, "CPU %" PRIu32 ": ", report->cpu);
	if (has_subject(report))
		add_subject(text, report);
	bfm_text_printf(text, "%s (", bfm_code_text(report->code));
	bfm_code_name(text, report->code);
	bfm_text_add(text, ")");
}

void bfm_report_rule(struct bfm_text *text, const struct bf_report *report)
{
	bfm_text_clean(text, report->rule, sizeof(report->rule));
}

void bfm_report_json(struct bfm_json *json, const char *key, const struct bf_report *report)
{
	struct bfm_text name = {0};

	if (!report->code) {
		bfm_json_null(json, key);
		return;
	}
	bfm_code_name(&name, report->code);
	bfm_json_object(json, key);
	bfm_json_string(json, "code", bfm_text_get(&name));
	bfm_json_signed(json, "number", report->code);
	bfm_json_string(json, "text", bfm_code_text(report->code));
	if (names_cpu(report))
		bfm_json_number(json, "cpu", report->cpu);
	else
		bfm_json_null(json, "cpu");
	bfm_json_bytes(json, "what", report->what, sizeof(report->what));
	bfm_json_hex(json, "value", report->value);
	bfm_json_bytes(json, "rule", report->rule, sizeof(report->rule));
	bfm_json_end(json);
	bfm_text_free(&name);
}
