/* SPDX-License-Identifier: MIT */
#include "bf_os.h"
#include "cpu_step.h"
#include <bfload/report.h>
#include <bfload/switch.h>

/* What crosses from the caller to the CPU and back. */
struct step {
	struct bf_loader *loader;
	struct bf_switch *sw;
	int64_t (*run)(struct step *step, const struct bf_host_cpu *cpu);
	uint64_t number; /* operation or hypercall */
	int64_t result;
	struct bf_report report;
};

static void host_cpu(struct bf_loader *loader, struct bf_host_cpu *cpu)
{
	if (loader->ops->host_cpu)
		loader->ops->host_cpu(loader->os, cpu);
	else
		bf_host_cpu_read(cpu);
}

static int prepare(struct step *step, const struct bf_host_cpu *cpu)
{
	const void *page = step->loader->ops->switch_page;
	int ret = bf_switch_check(cpu, &step->report);

	if (!ret)
		bf_switch_prepare(step->sw, cpu, page ? page : bf_switch_page);
	return ret;
}

static int64_t run_check(struct step *step, const struct bf_host_cpu *cpu)
{
	const char *remedy = step->loader->ops->busy_remedy;
	int ret = bf_switch_check(cpu, &step->report);

	if (ret)
		return ret;
	return bf_virt_check(cpu, remedy ? remedy : "stop the other hypervisor", &step->report);
}

static int64_t run_enter(struct step *step, const struct bf_host_cpu *cpu)
{
	const struct bf_loader_ops *ops = step->loader->ops;
	int64_t ret = prepare(step, cpu);

	if (ret)
		return ret;
	ret = ops->switch_call ? ops->switch_call(step->loader->os, step->sw, step->number)
			       : bf_switch_call(step->sw, step->number);
	if (bf_switch_fault_rip(step->sw))
		bf_report_set(&step->report, BF_EPANIC, "RIP of an exception in the VMM",
			      bf_switch_fault_rip(step->sw),
			      "the VMM must not fault before it has its own IDT: rebuild the "
			      "image, or report this");
	return ret;
}

static int64_t run_stop(struct step *step, const struct bf_host_cpu *cpu)
{
	const struct bf_loader_ops *ops = step->loader->ops;
	int64_t ret = prepare(step, cpu);

	if (ret)
		return ret;
	return ops->switch_stop ? ops->switch_stop(step->loader->os, step->sw)
				: bf_switch_stop(step->sw);
}

static int64_t run_hypercall(struct step *step, const struct bf_host_cpu *cpu)
{
	const struct bf_loader_ops *ops = step->loader->ops;
	uint64_t pa = step->loader->layout.page_pa;

	(void)cpu;
	return ops->switch_hypercall
		       ? ops->switch_hypercall(step->loader->os, step->sw, step->number, pa)
		       : bf_switch_hypercall(step->sw, step->number, pa);
}

/* On the CPU itself, interrupts off. */
static void on_cpu(void *arg)
{
	struct step *step = arg;
	struct bf_host_cpu cpu;

	memset(&cpu, 0, sizeof(cpu));
	host_cpu(step->loader, &cpu);
	step->result = step->run(step, &cpu);
}

/* A status that the VMM may return: 0 or one of its error codes. */
static int sane(int64_t result)
{
	return result <= 0 && result > -4096 ? (int)result : BF_EPANIC;
}

static int fail(struct bf_loader *loader, uint32_t cpu, int code, const struct step *step)
{
	if (loader->report.code)
		return code;
	bf_report_take(&loader->report, &step->report);
	if (step->number && step->run == run_enter)
		bf_report_take(&loader->report, &loader->layout.boot->report);
	bf_report_set(&loader->report, code, "CPU", cpu, bf_error_text(code));
	loader->report.cpu = cpu;
	return code;
}

static int run(struct bf_loader *loader, uint32_t cpu, struct step *step)
{
	int ret;

	step->loader = loader;
	step->sw = loader->layout.sw[cpu];
	step->result = BF_ECPU;
	memset(&step->report, 0, sizeof(step->report));
	if (bf_loader_cpu_halted(loader, cpu)) {
		bf_report_set(&step->report, BF_EPANIC, "CPU", cpu,
			      "the VMM has panicked on it, it stays halted: read the log (bfm "
			      "log), then restart the machine");
		return fail(loader, cpu, BF_EPANIC, step);
	}
	ret = loader->ops->on_cpu(loader->os, cpu, on_cpu, step);
	if (ret)
		return fail(loader, cpu, BF_ECPU, step);
	return 0;
}

int bf_step_check(struct bf_loader *loader, uint32_t cpu)
{
	struct step step = {.run = run_check};
	int ret = run(loader, cpu, &step);

	if (!ret && step.result)
		ret = fail(loader, cpu, sane(step.result), &step);
	return ret;
}

int bf_step_enter(struct bf_loader *loader, uint32_t cpu, uint64_t op)
{
	struct step step = {.run = run_enter, .number = op};
	int ret;

	memset(&loader->layout.boot->report, 0, sizeof(loader->layout.boot->report));
	ret = run(loader, cpu, &step);
	if (ret)
		return ret;
	if (step.result)
		return fail(loader, cpu, sane(step.result), &step);
	if (op == BF_OP_START && !step.sw->running) {
		bf_report_set(&step.report, BF_ECPU, "running", 0,
			      "the VMM said that the CPU is its guest, but the CPU is bare");
		return fail(loader, cpu, BF_ECPU, &step);
	}
	return 0;
}

int bf_step_stop(struct bf_loader *loader, uint32_t cpu)
{
	struct step step = {.run = run_stop};
	int ret;

	if (!bf_loader_cpu_running(loader, cpu) && !bf_loader_cpu_halted(loader, cpu))
		return 0;
	ret = run(loader, cpu, &step);
	if (!ret && step.result)
		ret = fail(loader, cpu, sane(step.result), &step);
	return ret;
}

int bf_step_hypercall(struct bf_loader *loader, uint32_t cpu, uint64_t number, int64_t *result)
{
	struct step step = {.run = run_hypercall, .number = number};
	int ret = run(loader, cpu, &step);

	if (ret)
		return ret;
	/* A count is no failure. */
	if (step.result < 0)
		return fail(loader, cpu, sane(step.result), &step);
	if (result)
		*result = step.result;
	return 0;
}
