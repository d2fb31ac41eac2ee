/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The requests of the device. All run under control_lock(). */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <bfload/report.h>
#include "bareframe.h"

static int run_version(void *record)
{
	struct bf_ioctl_version *version = record;

	version->abi = BF_IOCTL_ABI;
	version->boot = BF_BOOT_VERSION;
	bf_text_copy(version->text, sizeof(version->text), BAREFRAME_RELEASE);
	return 0;
}

/* Ends within its field and holds nothing that could disturb a terminal or a log. */
static bool is_text(const char *text, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes && text[i]; i++) {
		if (!isascii(text[i]) || !isprint(text[i]))
			return false;
	}
	return i < bytes;
}

static int check_load(const struct bf_ioctl_load *load, struct bf_report *report)
{
	if (!load->image_bytes || load->image_bytes > BF_IMAGE_MAX)
		return bf_report_set(report, BF_EINVAL, "image_bytes", load->image_bytes,
				     "must be 1 to 32 MiB");
	if (!is_text(load->name, sizeof(load->name)))
		return bf_report_set(report, BF_EINVAL, "name", 0,
				     "must be printable ASCII of at most 63 characters");
	if (!is_text(load->cmdline, sizeof(load->cmdline)))
		return bf_report_set(report, BF_EINVAL, "cmdline", 0,
				     "must be printable ASCII of at most 511 characters");
	return 0;
}

/* The one look at the user's memory: all that follows reads the copy. */
static void *copy_image(const struct bf_ioctl_load *load, struct bf_report *report)
{
	void *bytes = vmalloc(load->image_bytes);

	if (!bytes) {
		bf_report_set(report, BF_ENOMEM, "memory for a copy of the image",
			      load->image_bytes, "so much was not to be had: free some memory");
		return NULL;
	}
	if (copy_from_user(bytes, u64_to_user_ptr(load->image), load->image_bytes)) {
		bf_report_set(report, BF_EFAULT, "image", load->image,
			      "must be the address of image_bytes readable bytes");
		vfree(bytes);
		return NULL;
	}
	return bytes;
}

static int run_load(void *record)
{
	struct bf_ioctl_load *load = record;
	struct bf_load_options options = {
		.log_level = load->log_level,
		.pool_bytes = load->pool_bytes,
		.name = load->name,
		.cmdline = load->cmdline,
	};
	void *bytes;
	int ret;

	memset(&load->report, 0, sizeof(load->report));
	ret = check_load(load, &load->report);
	if (ret)
		return ret;
	bytes = copy_image(load, &load->report);
	if (!bytes)
		return load->report.code;
	ret = control_load(bytes, load->image_bytes, &options);
	load->report = bareframe.report;
	if (ret)
		vfree(bytes);
	return ret;
}

static int run_start(void *record)
{
	struct bf_ioctl_start *start = record;
	int ret = bf_loader_start(&bareframe);

	start->report = bareframe.report;
	return ret;
}

static int run_stop(void *record)
{
	struct bf_ioctl_start *stop = record;
	int ret = bf_loader_stop(&bareframe);

	stop->report = bareframe.report;
	return ret;
}

static int run_unload(void *record)
{
	struct bf_ioctl_start *unload = record;
	int ret = control_unload();

	unload->report = bareframe.report;
	return ret;
}

static int run_status(void *record)
{
	bf_loader_status(&bareframe, record);
	return 0;
}

static int run_log(void *record)
{
	struct bf_ioctl_log *log = record;

	return bf_loader_log(&bareframe, &log->page);
}

static int run_stats(void *record)
{
	struct bf_ioctl_stats *stats = record;

	return bf_loader_stats(&bareframe, &stats->page);
}

static int run_extensions(void *record)
{
	struct bf_ioctl_extensions *extensions = record;
	int ret = bf_loader_extensions(&bareframe, &extensions->page);

	extensions->report = bareframe.report;
	return ret;
}

static const struct request requests[] = {
	{BF_IOC_VERSION, run_version},
	{BF_IOC_LOAD, run_load},
	{BF_IOC_START, run_start},
	{BF_IOC_STOP, run_stop},
	{BF_IOC_UNLOAD, run_unload},
	{BF_IOC_STATUS, run_status},
	{BF_IOC_LOG, run_log},
	{BF_IOC_STATS, run_stats},
	{BF_IOC_EXTENSIONS, run_extensions},
};

const struct request *requests_find(unsigned int number)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		if (requests[i].number == number)
			return &requests[i];
	}
	return NULL;
}
