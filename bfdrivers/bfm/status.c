/* SPDX-License-Identifier: MIT */
#include "status.h"

#include <inttypes.h>
#include <string.h>

#include "json.h"
#include "names.h"
#include "report.h"

#define COLUMN 15

static bool has_cpu(const uint64_t *set, uint32_t cpu)
{
	return set[cpu / 64] >> (cpu % 64) & 1;
}

void bfm_cpu_set(struct bfm_text *text, const uint64_t set[BF_MAX_CPUS / 64])
{
	const char *comma = "";

	for (uint32_t first = 0; first < BF_MAX_CPUS; first++) {
		uint32_t last = first;

		if (!has_cpu(set, first))
			continue;
		while (last + 1 < BF_MAX_CPUS && has_cpu(set, last + 1))
			last++;
		bfm_text_printf(text, "%s%" PRIu32, comma, first);
		if (last > first)
			bfm_text_printf(text, "-%" PRIu32, last);
		comma = ",";
		first = last;
	}
	if (!*comma)
		bfm_text_add(text, "none");
}

void bfm_bytes(struct bfm_text *text, uint64_t bytes)
{
	if (bytes >= 1U << 20)
		bfm_text_printf(text, "%.1f MiB", (double)bytes / (1U << 20));
	else if (bytes >= 1U << 10)
		bfm_text_printf(text, "%.1f KiB", (double)bytes / (1U << 10));
	else
		bfm_text_printf(text, "%" PRIu64 " B", bytes);
}

void bfm_status_cpus(struct bfm_text *text, const struct bf_ioctl_status *status)
{
	bfm_text_printf(text, "%" PRIu32 " of %" PRIu32 " CPU%s under the VMM",
			status->cpus_running, status->cpus_online,
			status->cpus_online == 1 ? "" : "s");
}

static void label(struct bfm_text *text, const char *name)
{
	bfm_text_printf(text, "%s:", name);
	bfm_text_pad(text, COLUMN);
}

static void add_cpus(struct bfm_text *text, const struct bf_ioctl_status *status)
{
	label(text, "CPUs");
	bfm_status_cpus(text, status);
	if (status->cpus_running) {
		bfm_text_add(text, " (");
		bfm_cpu_set(text, status->running);
		bfm_text_add(text, ")");
	}
	if (status->state == BF_STATE_RUNNING && status->cpus_running < status->cpus_online) {
		bfm_text_add(text, "; online: ");
		bfm_cpu_set(text, status->online);
	}
	bfm_text_add(text, "\n");
}

static void add_image(struct bfm_text *text, const struct bf_ioctl_status *status)
{
	label(text, "image");
	bfm_text_clean(text, status->name, sizeof(status->name));
	bfm_text_add(text, " (");
	bfm_bytes(text, status->image_bytes);
	bfm_text_add(text, ")\n");
	label(text, "arguments");
	if (status->cmdline[0])
		bfm_text_clean(text, status->cmdline, sizeof(status->cmdline));
	else
		bfm_text_add(text, "none");
	bfm_text_add(text, "\n");
	label(text, "memory");
	bfm_bytes(text, status->memory_bytes);
	bfm_text_add(text, "\n");
	label(text, "starts");
	bfm_text_printf(text, "%" PRIu64 "\n", status->starts);
}

static void add_failure(struct bfm_text *text, const struct bf_report *report)
{
	label(text, "last failure");
	if (!report->code) {
		bfm_text_add(text, "none\n");
		return;
	}
	bfm_report_line(text, report);
	bfm_text_add(text, "\n");
	if (!report->rule[0])
		return;
	bfm_text_pad(text, COLUMN);
	bfm_text_add(text, "rule: ");
	bfm_report_rule(text, report);
	bfm_text_add(text, "\n");
}

void bfm_status_text(struct bfm_text *text, const struct bf_ioctl_status *status)
{
	label(text, "state");
	bfm_text_printf(text, "%s\n", bfm_state_name(status->state));
	add_cpus(text, status);
	if (status->state != BF_STATE_UNLOADED)
		add_image(text, status);
	add_failure(text, &status->report);
}

static void json_set(struct bfm_json *json, const char *key, const uint64_t *set)
{
	bfm_json_array(json, key);
	for (uint32_t cpu = 0; cpu < BF_MAX_CPUS; cpu++)
		if (has_cpu(set, cpu))
			bfm_json_number(json, NULL, cpu);
	bfm_json_end(json);
}

static void json_image(struct bfm_json *json, const struct bf_ioctl_status *status)
{
	if (status->state == BF_STATE_UNLOADED) {
		bfm_json_null(json, "image");
		return;
	}
	bfm_json_object(json, "image");
	bfm_json_bytes(json, "name", status->name, sizeof(status->name));
	bfm_json_bytes(json, "args", status->cmdline, sizeof(status->cmdline));
	bfm_json_number(json, "bytes", status->image_bytes);
	bfm_json_end(json);
}

void bfm_status_json(struct bfm_text *text, const struct bf_ioctl_status *status)
{
	struct bfm_json json;

	bfm_json_start(&json, text);
	bfm_json_object(&json, NULL);
	bfm_json_string(&json, "state", bfm_state_name(status->state));
	bfm_json_number(&json, "cpus_online", status->cpus_online);
	bfm_json_number(&json, "cpus_running", status->cpus_running);
	json_set(&json, "online", status->online);
	json_set(&json, "running", status->running);
	json_image(&json, status);
	bfm_json_number(&json, "memory_bytes", status->memory_bytes);
	bfm_json_number(&json, "starts", status->starts);
	bfm_report_json(&json, "last_failure", &status->report);
	bfm_json_end(&json);
	bfm_text_add(text, "\n");
}

void bfm_status_say(struct bfm *bfm, const char *done, const struct bf_ioctl_status *status)
{
	struct bfm_text text = {0};

	bfm_text_printf(&text, "%s ", done);
	bfm_text_clean(&text, status->name, sizeof(status->name));
	bfm_text_add(&text, ": ");
	bfm_status_cpus(&text, status);
	bfm_say(bfm, "%s", bfm_text_get(&text));
	bfm_text_free(&text);
}
