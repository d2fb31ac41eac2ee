/* SPDX-License-Identifier: MIT */
/* What a loader can tell about itself and its VMM. */
#include "bf_os.h"
#include "cpu_step.h"
#include "state.h"
#include <bfload/report.h>

static uint64_t state_of(const struct bf_loader *loader, uint32_t cpu)
{
	if (cpu >= loader->layout.cpu_count)
		return BF_CPU_BARE;
	/* Written by the VMM, on another CPU perhaps. */
	return *(const volatile uint64_t *)&loader->layout.sw[cpu]->running;
}

int bf_loader_cpu_running(const struct bf_loader *loader, uint32_t cpu)
{
	return state_of(loader, cpu) == BF_CPU_GUEST;
}

int bf_loader_cpu_halted(const struct bf_loader *loader, uint32_t cpu)
{
	return state_of(loader, cpu) == BF_CPU_HALTED;
}

static void set_cpu(uint64_t *set, uint32_t cpu)
{
	set[cpu / 64] |= 1UL << cpu % 64;
}

void bf_loader_status(const struct bf_loader *loader, struct bf_ioctl_status *status)
{
	uint32_t size = status->size;

	memset(status, 0, sizeof(*status));
	status->size = size;
	status->state = loader->state;
	status->image_bytes = loader->image.size;
	status->memory_bytes = bf_layout_bytes(&loader->layout);
	status->starts = loader->starts;
	status->report = loader->failure;
	memcpy(status->name, loader->name, sizeof(status->name));
	memcpy(status->cmdline, loader->cmdline, sizeof(status->cmdline));
	for (uint32_t i = 0; i < BF_MAX_CPUS; i++) {
		if (loader->ops->cpu_online(loader->os, i)) {
			status->cpus_online++;
			set_cpu(status->online, i);
		}
		if (bf_loader_cpu_running(loader, i)) {
			status->cpus_running++;
			set_cpu(status->running, i);
		}
	}
}

/* A CPU that can ask the VMM, or layout.cpu_count. */
static uint32_t running_cpu(const struct bf_loader *loader)
{
	uint32_t cpu = 0;

	while (cpu < loader->layout.cpu_count &&
	       !(bf_loader_cpu_running(loader, cpu) && loader->ops->cpu_online(loader->os, cpu)))
		cpu++;
	return cpu;
}

int bf_loader_log(struct bf_loader *loader, struct bf_log_page *page)
{
	uint64_t from = page->from;
	uint32_t cpu = running_cpu(loader);
	struct bf_log_page *answer = loader->layout.page;
	int ret = bf_state_check(loader, BF_CALL_LOG);

	if (ret)
		return ret;
	if (cpu == loader->layout.cpu_count) {
		memset(page, 0, sizeof(*page));
		page->from = from;
		bf_log_merge(loader->layout.log, loader->layout.cpu_count, page);
		return 0;
	}
	memset(answer, 0, sizeof(*answer));
	answer->from = from;
	ret = bf_step_hypercall(loader, cpu, BF_HC_LOG_READ, NULL);
	if (ret)
		return ret;
	*page = *answer;
	if (page->count > BF_LOG_PAGE_RECORDS)
		page->count = BF_LOG_PAGE_RECORDS;
	return 0;
}

/* A CPU that can be asked for statistics. */
static int find_cpu(struct bf_loader *loader, uint32_t *cpu)
{
	int ret = bf_state_check(loader, BF_CALL_STATS);

	if (ret)
		return ret;
	*cpu = running_cpu(loader);
	if (*cpu == loader->layout.cpu_count)
		return bf_report_set(&loader->report, BF_ESTATE, "stats", 0,
				     "no CPU runs the VMM any more: see its log (bfm log)");
	return 0;
}

int bf_loader_stats(struct bf_loader *loader, struct bf_stats_page *page)
{
	uint32_t wanted = page->cpu;
	uint32_t cpu;
	struct bf_stats_page *answer = loader->layout.page;
	int ret = find_cpu(loader, &cpu);

	if (ret)
		return ret;
	if (wanted >= loader->layout.cpu_count)
		return bf_report_set(&loader->report, BF_ENOENT, "CPU", wanted,
				     "there is no such CPU");
	memset(answer, 0, sizeof(*answer));
	answer->cpu = wanted;
	ret = bf_step_hypercall(loader, cpu, BF_HC_STATS, NULL);
	if (ret)
		return ret;
	*page = *answer;
	if (page->reasons > BF_STATS_REASONS)
		page->reasons = BF_STATS_REASONS;
	return 0;
}

/* An older VMM would raise an exception, here in the kernel, at a number that it does not know. */
static int check_hypercalls(struct bf_loader *loader, uint32_t cpu, int64_t wanted)
{
	int64_t abi = 0;
	int ret = bf_step_hypercall(loader, cpu, BF_HC_VERSION, &abi);

	if (ret || abi >= wanted)
		return ret;
	return bf_report_set(&loader->report, BF_EVERSION, "hypercall ABI of the VMM",
			     (uint64_t)abi,
			     "this takes 2 or newer: load an image of the driver's release");
}

int bf_loader_extensions(struct bf_loader *loader, struct bf_ext_page *page)
{
	uint32_t first = page->first;
	uint32_t cpu;
	struct bf_ext_page *answer = loader->layout.page;
	int ret = find_cpu(loader, &cpu);

	if (!ret)
		ret = check_hypercalls(loader, cpu, 2);
	if (ret)
		return ret;
	memset(answer, 0, sizeof(*answer));
	answer->first = first;
	ret = bf_step_hypercall(loader, cpu, BF_HC_EXTENSIONS, NULL);
	if (ret)
		return ret;
	*page = *answer;
	page->first = first;
	if (page->count > BF_EXT_PAGE_RECORDS)
		page->count = BF_EXT_PAGE_RECORDS;
	return 0;
}
