/* SPDX-License-Identifier: MIT */
#include "command.h"

#include "device.h"
#include "log.h"

#define POLL_MS 200

struct printer {
	struct bfm *bfm;
	struct bfm_text text;
};

static void print_line(void *context, const struct bfm_log_line *line)
{
	struct printer *printer = context;

	if (line->level > printer->bfm->options.level)
		return;
	if (printer->bfm->options.json)
		bfm_log_line_json(&printer->text, line);
	else
		bfm_log_line_text(&printer->text, line);
	bfm_print(printer->bfm, &printer->text);
}

static void print_lost(void *context, uint64_t records)
{
	struct printer *printer = context;

	if (printer->bfm->options.json)
		bfm_log_lost_json(&printer->text, records);
	else
		bfm_log_lost_text(&printer->text, records);
	bfm_print(printer->bfm, &printer->text);
}

struct source {
	struct bfm *bfm;
	struct os_device *device;
};

static int request(struct source *source, struct bf_log_page *page, bool complain)
{
	struct bf_ioctl_log record = {.size = sizeof(record), .page.from = page->from};
	int code;

	if (complain)
		code = bfm_device_request(source->bfm, source->device, OS_LOG, &record, NULL);
	else
		code = os_device_request(source->device, OS_LOG, &record);
	*page = record.page;
	return code;
}

static int fetch(void *context, struct bf_log_page *page)
{
	return request(context, page, true);
}

static int fetch_silently(void *context, struct bf_log_page *page)
{
	return request(context, page, false);
}

/* Whoever reads the other end of a pipe may go away; the disk may be full. */
static bool can_go_on(struct bfm *bfm)
{
	return !fflush(bfm->out) && !ferror(bfm->out);
}

/* The end of the image is the end of its log, no error. */
static int follow(struct source *source, struct bfm_log_reader *reader,
		  const struct bfm_log_sink *sink)
{
	while (can_go_on(source->bfm)) {
		os_sleep_ms(POLL_MS);
		if (bfm_log_drain(reader, fetch_silently, source, sink))
			break;
		bfm_log_restarted(reader, fetch_silently, source);
	}
	return BFM_OK;
}

static int show(struct bfm *bfm, struct os_device *device, bool keep_on)
{
	struct bfm_log_reader reader = {0};
	struct printer printer = {.bfm = bfm};
	struct source source = {.bfm = bfm, .device = device};
	struct bfm_log_sink sink = {print_line, print_lost, &printer};
	int code = bfm_log_drain(&reader, fetch, &source, &sink);

	if (!code && keep_on)
		code = follow(&source, &reader, &sink);
	bfm_log_join_end(&reader.join, &sink);
	bfm_text_free(&printer.text);
	return code;
}

int bfm_log_dump(struct bfm *bfm, struct os_device *device)
{
	return show(bfm, device, false);
}

int bfm_cmd_log(struct bfm *bfm)
{
	struct os_device device;
	int code = bfm_device_open(bfm, &device, false);

	if (code)
		return code;
	code = show(bfm, &device, bfm->options.follow);
	os_device_close(&device);
	return code;
}
