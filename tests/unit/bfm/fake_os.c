/* SPDX-License-Identifier: MIT */
#include "fake_os.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct fake_os fake;

void fake_reset(void)
{
	fake = (struct fake_os){.abi = BF_IOCTL_ABI, .log_page_limit = BF_LOG_PAGE_RECORDS};
	fake.status.cpus_online = 2;
	fake.status.online[0] = 3;
}

void fake_log(uint64_t seq, uint32_t cpu, uint8_t level, uint8_t flags, const char *text)
{
	struct bf_log_record *record = &fake.log[fake.log_count++];

	*record = (struct bf_log_record){
		.seq = seq, .tsc = 1000 * seq, .cpu = cpu, .level = level, .flags = flags};
	record->length = (uint16_t)strlen(text);
	memcpy(record->text, text, record->length);
}

int os_device_open(struct os_device *device, const char *path)
{
	(void)path;
	device->handle = 1;
	if (fake.driver_missing)
		return ENOENT;
	if (!fake.open_error)
		fake.opened++;
	return fake.open_error;
}

void os_device_close(struct os_device *device)
{
	(void)device;
	fake.closed++;
}

int os_driver_load(const char *device, struct bfm_text *said)
{
	(void)device;
	fake.driver_loads++;
	if (fake.driver_said)
		bfm_text_add(said, fake.driver_said);
	if (!fake.driver_error)
		fake.driver_missing = false;
	return fake.driver_error;
}

void os_sleep_ms(unsigned int ms)
{
	(void)ms;
	fake.sleeps++;
	if (fake.on_sleep)
		fake.on_sleep();
}

void os_facts(struct bfm_facts *facts, const char *device)
{
	(void)device;
	*facts = fake.facts;
}

static void fill_log(struct bf_log_page *page)
{
	uint64_t from = page->from;

	page->count = 0;
	page->lost = from <= 1 ? fake.log_lost : 0;
	for (uint32_t i = 0; i < fake.log_count && page->count < fake.log_page_limit; i++)
		if (fake.log[i].seq >= from) {
			page->record[page->count++] = fake.log[i];
			page->from = fake.log[i].seq + 1;
		}
}

static void fill_stats(struct bf_stats_page *page)
{
	page->reasons = 12;
	page->tsc = 77;
	page->exits[11] = 100 + page->cpu;
}

/* A page for each extension. */
static void fill_extensions(struct bf_ext_page *page)
{
	page->total = 2;
	page->count = page->first < page->total;
	page->timed_exits = 64;
	page->record[0].calls = 40 + page->first;
	snprintf(page->record[0].name, sizeof(page->record[0].name), "ext_%u", page->first);
}

static void set_running(uint32_t state, uint64_t running)
{
	fake.status.state = state;
	fake.status.running[0] = running;
	fake.status.cpus_running = (uint32_t)__builtin_popcountll(running);
}

static void do_load(struct bf_ioctl_load *load)
{
	fake.load = *load;
	memcpy(fake.first_bytes, (const void *)(uintptr_t)load->image,
	       load->image_bytes < 8 ? load->image_bytes : 8);
	memcpy(fake.status.name, load->name, sizeof(load->name));
	set_running(BF_STATE_LOADED, 0);
}

static void succeed(enum os_request request, void *record)
{
	struct bf_ioctl_version *version = record;

	switch (request) {
	case OS_VERSION:
		version->abi = fake.abi;
		version->boot = BF_BOOT_VERSION;
		snprintf(version->text, sizeof(version->text), "%s", "9.9");
		break;
	case OS_LOAD:
		do_load(record);
		break;
	case OS_START:
		set_running(BF_STATE_RUNNING, 3);
		break;
	case OS_STOP:
		set_running(BF_STATE_LOADED, 0);
		break;
	case OS_UNLOAD:
		set_running(BF_STATE_UNLOADED, 0);
		break;
	case OS_STATUS:
		*(struct bf_ioctl_status *)record = fake.status;
		break;
	case OS_LOG:
		fill_log(&((struct bf_ioctl_log *)record)->page);
		break;
	case OS_EXTENSIONS:
		fill_extensions(&((struct bf_ioctl_extensions *)record)->page);
		break;
	default:
		fill_stats(&((struct bf_ioctl_stats *)record)->page);
	}
}

static void put_report(enum os_request request, void *record)
{
	if (request == OS_LOAD)
		((struct bf_ioctl_load *)record)->report = fake.report;
	else if (request == OS_START || request == OS_STOP || request == OS_UNLOAD)
		((struct bf_ioctl_start *)record)->report = fake.report;
	else if (request == OS_EXTENSIONS)
		((struct bf_ioctl_extensions *)record)->report = fake.report;
}

int os_device_request(struct os_device *device, enum os_request request, void *record)
{
	(void)device;
	fake.calls[request]++;
	if (fake.error[request])
		put_report(request, record);
	else
		succeed(request, record);
	return fake.error[request];
}
