/* SPDX-License-Identifier: MIT */
/* The extensions that are linked into this image. */
#include <stddef.h>
#include <bareframe/log.h>
#include <bfhw/this_cpu.h>
#include <bfvmm/guard.h>
#include <bfvmm/hooks.h>
#include <bfvmm/report.h>

/* The descriptors of BF_EXTENSION(), gathered by the linker. */
extern const struct bf_extension bf_extensions_start[], bf_extensions_end[];

static int check(const struct bf_extension *d, struct bf_report *report)
{
	if (d->magic != BF_EXT_MAGIC)
		return bf_report(report, BF_EEXT, "extension descriptor", d->magic,
				 "magic is not 0x%x: the image is not linked right", BF_EXT_MAGIC);
	if (d->api >> 16 != BF_API_MAJOR)
		return bf_report(report, BF_EVERSION, d->name, d->api >> 16,
				 "extension is built for API %u.%u, the VMM has %u.%u: rebuild it",
				 d->api >> 16, d->api & 0xffff, BF_API_MAJOR, BF_API_MINOR);
	return 0;
}

static struct bf_ext *extensions;

static void list(struct bf_ext *ext)
{
	struct bf_ext **link = &extensions;

	while (*link)
		link = &(*link)->next;
	*link = ext;
}

struct bf_ext *bf_extensions(void)
{
	return extensions;
}

void bf_extensions_reset(void)
{
	extensions = NULL;
}

static uint64_t init(void *ctx)
{
	struct bf_ext *ext = ctx;

	return (uint64_t)(int64_t)ext->descriptor->init(ext);
}

static int start(const struct bf_extension *d, struct bf_report *report)
{
	struct bf_ext *ext = bf_alloc(sizeof(*ext));
	int status;

	if (!ext)
		return bf_report(report, BF_ENOMEM, d->name, 0,
				 "the page pool is used up: load with a larger one");
	ext->descriptor = d;
	list(ext);
	status = d->init ? (int)bf_call_ext(ext, init, ext) : 0;
	if (ext->disabled)
		return bf_report(report, BF_EEXT, d->name, bf_this_pcpu()->trip.rip,
				 "the extension's init function faulted, see the log");
	if (status)
		return bf_report(report, BF_EEXT, d->name, (uint64_t)(int64_t)status,
				 "the extension's init function returned this error");
	bf_info("extension %s %s (%s)", d->name, d->version ? d->version : "?",
		d->license ? d->license : "?");
	return 0;
}

int bf_extensions_init(struct bf_report *report)
{
	int status = 0;

	bf_ext_data_reset();
	for (const struct bf_extension *d = bf_extensions_start; d < bf_extensions_end && !status;
	     d++) {
		status = check(d, report);
		if (!status)
			status = start(d, report);
	}
	return status;
}
