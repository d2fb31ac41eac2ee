/* SPDX-License-Identifier: MIT */
#include "bf_os.h"
#include "cpu_step.h"
#include "state.h"
#include <bfload/report.h>

static int online(const struct bf_loader *loader, uint32_t cpu)
{
	return loader->ops->cpu_online(loader->os, cpu);
}

/* The first online CPU from @cpu on, or layout.cpu_count. */
static uint32_t next_online(const struct bf_loader *loader, uint32_t cpu)
{
	while (cpu < loader->layout.cpu_count && !online(loader, cpu))
		cpu++;
	return cpu;
}

static void say(const struct bf_loader *loader, int level, const char *text)
{
	if (loader->ops->log)
		loader->ops->log(loader->os, level, text);
}

void bf_loader_init(struct bf_loader *loader, const struct bf_loader_ops *ops, void *os)
{
	memset(loader, 0, sizeof(*loader));
	loader->ops = ops;
	loader->os = os;
	loader->state = BF_STATE_UNLOADED;
	bf_layout_init(&loader->layout, ops, os);
}

static int lay_out(struct bf_loader *loader)
{
	int ret;

	memset(&loader->machine, 0, sizeof(loader->machine));
	ret = loader->ops->machine(loader->os, &loader->machine, &loader->report);
	if (ret)
		return bf_report_set(&loader->report, ret, "description of the machine", 0,
				     bf_error_text(ret));
	return bf_layout_build(&loader->layout, &loader->image, &loader->machine, loader->log_level,
			       loader->cmdline, loader->pool_bytes, &loader->report);
}

static int check_options(const struct bf_load_options *options, struct bf_report *report)
{
	uint32_t length = 0;

	while (length < BF_CMDLINE_BYTES && options->cmdline[length])
		length++;
	if (length == BF_CMDLINE_BYTES)
		return bf_report_set(report, BF_EINVAL, "command line", length,
				     "must be shorter than 512 bytes");
	if (options->log_level >= BF_LOG_LEVELS)
		return bf_report_set(report, BF_EINVAL, "log level", options->log_level,
				     "must be 0 (errors) to 3 (debug)");
	return 0;
}

static int do_load(struct bf_loader *loader, const void *bytes, uint64_t size,
		   const struct bf_load_options *options)
{
	int ret = bf_state_check(loader, BF_CALL_LOAD);

	if (!ret)
		ret = check_options(options, &loader->report);
	if (!ret)
		ret = bf_elf_check(bytes, size, &loader->image, &loader->report);
	if (ret)
		return ret;
	loader->log_level = options->log_level;
	loader->pool_bytes = options->pool_bytes ? options->pool_bytes : BF_POOL_DEFAULT;
	bf_text_copy(loader->name, sizeof(loader->name), options->name);
	bf_text_copy(loader->cmdline, sizeof(loader->cmdline), options->cmdline);
	/* Laid out now, so that what is missing shows now; again at each start. */
	ret = lay_out(loader);
	if (ret) {
		bf_layout_free(&loader->layout);
		return ret;
	}
	memset(&loader->failure, 0, sizeof(loader->failure));
	loader->starts = 0;
	loader->state = BF_STATE_LOADED;
	return 0;
}

/* Runs a step on each online CPU until one fails. */
static int each_online(struct bf_loader *loader, int (*step)(struct bf_loader *, uint32_t))
{
	int ret = 0;
	uint32_t cpu = next_online(loader, 0);

	for (; !ret && cpu < loader->layout.cpu_count; cpu = next_online(loader, cpu + 1))
		ret = step(loader, cpu);
	return ret;
}

static int enter_start(struct bf_loader *loader, uint32_t cpu)
{
	return bf_step_enter(loader, cpu, BF_OP_START);
}

/* Stops each online CPU that runs, also when one refuses. @return the first error */
static int stop_all(struct bf_loader *loader)
{
	int first = 0;
	uint32_t cpu = next_online(loader, 0);

	for (; cpu < loader->layout.cpu_count; cpu = next_online(loader, cpu + 1)) {
		int ret = bf_step_stop(loader, cpu);

		if (!first)
			first = ret;
	}
	return first;
}

static int finish(struct bf_loader *loader)
{
	return bf_step_enter(loader, next_online(loader, 0), BF_OP_FINI);
}

/* Undoes a start that failed. The report of the failure stays: the first one counts. */
static void roll_back(struct bf_loader *loader)
{
	if (stop_all(loader)) {
		loader->state = BF_STATE_RUNNING;
		say(loader, BF_LOG_ERROR, "a CPU could not be taken back to the bare machine");
		return;
	}
	loader->state = BF_STATE_LOADED;
	finish(loader);
}

static int start_all(struct bf_loader *loader)
{
	int ret = each_online(loader, enter_start);

	if (ret)
		roll_back(loader);
	else
		loader->state = BF_STATE_RUNNING;
	return ret;
}

static int do_start(struct bf_loader *loader)
{
	int ret = bf_state_check(loader, BF_CALL_START);

	if (!ret)
		ret = lay_out(loader);
	if (!ret)
		ret = each_online(loader, bf_step_check);
	if (!ret)
		ret = bf_step_enter(loader, next_online(loader, 0), BF_OP_INIT);
	if (!ret)
		ret = start_all(loader);
	if (ret)
		return ret;
	loader->starts++;
	memset(&loader->failure, 0, sizeof(loader->failure));
	return 0;
}

static int do_stop(struct bf_loader *loader)
{
	int ret = bf_state_check(loader, BF_CALL_STOP);

	if (!ret)
		ret = stop_all(loader);
	if (ret)
		return ret;
	loader->state = BF_STATE_LOADED;
	return finish(loader);
}

int bf_loader_unload(struct bf_loader *loader)
{
	int ret = bf_state_check(loader, BF_CALL_UNLOAD);

	if (ret)
		return ret;
	bf_layout_free(&loader->layout);
	memset(&loader->image, 0, sizeof(loader->image));
	memset(loader->name, 0, sizeof(loader->name));
	memset(loader->cmdline, 0, sizeof(loader->cmdline));
	loader->starts = 0;
	loader->state = BF_STATE_UNLOADED;
	return 0;
}

static int do_suspend(struct bf_loader *loader)
{
	int ret;

	if (loader->state != BF_STATE_RUNNING)
		return 0;
	memset(&loader->report, 0, sizeof(loader->report));
	ret = stop_all(loader);
	if (!ret)
		loader->state = BF_STATE_SUSPENDED;
	return ret;
}

static int do_resume(struct bf_loader *loader)
{
	if (loader->state != BF_STATE_SUSPENDED)
		return 0;
	memset(&loader->report, 0, sizeof(loader->report));
	return start_all(loader);
}

static int do_cpu_up(struct bf_loader *loader, uint32_t cpu)
{
	int ret;

	if (loader->state != BF_STATE_RUNNING || bf_loader_cpu_running(loader, cpu))
		return 0;
	memset(&loader->report, 0, sizeof(loader->report));
	if (cpu >= loader->layout.cpu_count)
		return bf_report_set(&loader->report, BF_ERANGE, "CPU", cpu,
				     "the VMM was started with room for fewer CPUs");
	ret = bf_step_check(loader, cpu);
	if (!ret)
		ret = enter_start(loader, cpu);
	return ret;
}

static int do_cpu_down(struct bf_loader *loader, uint32_t cpu)
{
	if (loader->state != BF_STATE_RUNNING)
		return 0;
	memset(&loader->report, 0, sizeof(loader->report));
	return bf_step_stop(loader, cpu);
}

/* Keeps a failure for status(). A call in the wrong state is none of the VMM's. */
static int keep(struct bf_loader *loader, int ret)
{
	if (ret && ret != BF_ESTATE)
		loader->failure = loader->report;
	return ret;
}

int bf_loader_load(struct bf_loader *loader, const void *bytes, uint64_t size,
		   const struct bf_load_options *options)
{
	return keep(loader, do_load(loader, bytes, size, options));
}

int bf_loader_start(struct bf_loader *loader)
{
	return keep(loader, do_start(loader));
}

int bf_loader_stop(struct bf_loader *loader)
{
	return keep(loader, do_stop(loader));
}

int bf_loader_suspend(struct bf_loader *loader)
{
	return keep(loader, do_suspend(loader));
}

int bf_loader_resume(struct bf_loader *loader)
{
	return keep(loader, do_resume(loader));
}

int bf_loader_cpu_up(struct bf_loader *loader, uint32_t cpu)
{
	return keep(loader, do_cpu_up(loader, cpu));
}

int bf_loader_cpu_down(struct bf_loader *loader, uint32_t cpu)
{
	return keep(loader, do_cpu_down(loader, cpu));
}
