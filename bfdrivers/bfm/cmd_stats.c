/* SPDX-License-Identifier: MIT */
#include "command.h"
#include "device.h"
#include "stats.h"

static int read_page(struct bfm *bfm, struct os_device *device, uint32_t cpu,
		     struct bf_stats_page *page)
{
	struct bf_ioctl_stats record = {.size = sizeof(record), .page.cpu = cpu};
	int code = bfm_device_request(bfm, device, OS_STATS, &record, NULL);

	*page = record.page;
	/* The record is indexed by what was asked for, whatever comes back. */
	page->cpu = cpu;
	return code;
}

/* All CPUs under the VMM; with none, one request that tells why not. */
static int read_pages(struct bfm *bfm, struct os_device *device, struct bf_stats_page *pages,
		      size_t *count)
{
	struct bf_ioctl_status status;
	int code = bfm_device_status(bfm, device, &status);

	*count = 0;
	if (!code && !status.cpus_running)
		return read_page(bfm, device, 0, &pages[0]);
	for (uint32_t cpu = 0; !code && cpu < BF_MAX_CPUS; cpu++)
		if (status.running[cpu / 64] >> (cpu % 64) & 1)
			code = read_page(bfm, device, cpu, &pages[(*count)++]);
	return code;
}

static int read_extensions(struct bfm *bfm, struct os_device *device, struct bfm_extensions *all)
{
	bool more = true;

	*all = (struct bfm_extensions){0};
	while (more) {
		struct bf_ioctl_extensions record = {.size = sizeof(record),
						     .page.first = (uint32_t)all->count};
		int code = bfm_device_request(bfm, device, OS_EXTENSIONS, &record, &record.report);

		if (code)
			return code;
		more = bfm_extensions_add(all, &record.page);
	}
	return 0;
}

static void print_tables(struct bfm_text *text, const struct bf_stats_page *pages, size_t count,
			 const struct bfm_extensions *extensions)
{
	bfm_stats_text(text, pages, count);
	bfm_text_add(text, "\n");
	bfm_extensions_text(text, extensions);
}

int bfm_cmd_stats(struct bfm *bfm)
{
	static struct bf_stats_page pages[BF_MAX_CPUS];
	static struct bfm_extensions extensions;
	struct bfm_text text = {0};
	struct os_device device;
	size_t count;
	int code = bfm_device_open(bfm, &device, false);

	if (code)
		return code;
	code = read_pages(bfm, &device, pages, &count);
	if (!code)
		code = read_extensions(bfm, &device, &extensions);
	os_device_close(&device);
	if (code)
		return code;
	if (bfm->options.json)
		bfm_stats_json(&text, pages, count, &extensions);
	else
		print_tables(&text, pages, count, &extensions);
	bfm_print(bfm, &text);
	bfm_text_free(&text);
	return BFM_OK;
}
