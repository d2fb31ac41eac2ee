/* SPDX-License-Identifier: MIT */
#include <bfhw/this_cpu.h>
#include <bfvmm/format.h>
#include <bfvmm/report.h>
#include <bfvmm/vcpu.h>

int bf_report(struct bf_report *report, int code, const char *what, uint64_t value,
	      const char *rule, ...)
{
	const struct bf_pcpu *pcpu = bf_this_pcpu();
	va_list args;

	if (report->code)
		return code;
	report->code = code;
	report->cpu = pcpu ? pcpu->index : 0;
	report->value = value;
	bf_format(report->what, sizeof(report->what), "%s", what);
	va_start(args, rule);
	bf_vformat(report->rule, sizeof(report->rule), rule, args);
	va_end(args);
	return code;
}
