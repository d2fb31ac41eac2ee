/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Hardware breakpoints on, behind and around instructions that exit, set by the kernel's means. */
#include <linux/err.h>
#include <linux/hw_breakpoint.h>
#include <linux/kernel.h>
#include <linux/perf_event.h>
#include <linux/ptrace.h>
#include <linux/smp.h>
#include <asm/cpufeature.h>
#include "bf_probe.h"

#define POINTS_MAX 3

struct point {
	u32 type;    /* HW_BREAKPOINT_EMPTY ends the list */
	long offset; /* in the code, or for data in bf_page */
};

#define SNIPPETS(X)                                                                                \
	X(break_nop, 0, "nop; nop; nop")                                                           \
	X(break_cpuid, 0, "nop; cpuid; nop")                                                       \
	X(break_rdmsr, 0, "mov $0x12345678, %ecx; rdmsr; nop")                                     \
	X(break_wrmsr, 0, "mov $0x12345678, %ecx; wrmsr; nop")                                     \
	X(break_xsetbv, 0, "xor %ecx, %ecx; xgetbv; xsetbv; nop")                                  \
	X(break_vmcall, 0, "nop; vmcall")                                                          \
	X(break_cr4, 0, "mov %cr4, %rax; mov %rax, %cr4; nop")                                     \
	X(watch_cpuid, 0, "mov %eax, (%rdi); cpuid; nop")                                          \
	X(watch_mov_ss_nop, 0, "mov %ss, (%rdi); mov (%rdi), %ss; nop; nop")                       \
	X(watch_mov_ss_cpuid, 0, "mov %ss, (%rdi); mov (%rdi), %ss; cpuid; nop")                   \
	X(watch_mov_ss_rdmsr, 0,                                                                   \
	  "mov $0x12345678, %ecx; mov %ss, (%rdi); mov (%rdi), %ss; rdmsr; nop")                   \
	X(watch_mov_ss_vmcall, 0, "mov %ss, (%rdi); mov (%rdi), %ss; vmcall")                      \
	X(break_step_cpuid, 0, TF_ON "nop; cpuid; nop")

SNIPPETS(SNIPPET)

#define X_AT(where)                                                                                \
	{                                                                                          \
		HW_BREAKPOINT_X, where                                                             \
	}
#define W_PAGE                                                                                     \
	{                                                                                          \
		HW_BREAKPOINT_W, 0                                                                 \
	}
#define RW_PAGE                                                                                    \
	{                                                                                          \
		HW_BREAKPOINT_RW, 0                                                                \
	}

#define OF(id) SNIPPET_OF(id, 0, )

/*
 * pends: a debug trap is pending when an instruction exits. A VMCS has a field for that; a VMCB has
 * none, so under a hypervisor on SVM a trap that MOV SS holds back is lost with the exit, and a
 * single step and a breakpoint behind the instruction come one after the other, not at once.
 */
static const struct {
	const char *name;
	struct snippet snippet;
	struct point points[POINTS_MAX + 1];
	bool pends;
} cases[] = {
	{"break-on-nop", OF(break_nop){X_AT(1)}},
	{"break-on-cpuid", OF(break_cpuid){X_AT(1)}},
	{"break-inside-cpuid", OF(break_cpuid){X_AT(2)}},
	{"break-after-cpuid", OF(break_cpuid){X_AT(3)}},
	{"break-on-and-after-cpuid", OF(break_cpuid){X_AT(1), X_AT(3)}},
	{"break-after-rdmsr", OF(break_rdmsr){X_AT(5), X_AT(7)}},
	{"break-after-wrmsr", OF(break_wrmsr){X_AT(5), X_AT(7)}},
	{"break-after-xsetbv", OF(break_xsetbv){X_AT(5), X_AT(8)}},
	{"break-on-vmcall", OF(break_vmcall){X_AT(1), X_AT(4)}},
	{"break-after-cr4", OF(break_cr4){X_AT(3), X_AT(6)}},
	{"break-step-cpuid", OF(break_step_cpuid){X_AT(11), X_AT(13)}, true},
	{"watch-store-cpuid", OF(watch_cpuid){W_PAGE}},
	{"watch-store-break-cpuid", OF(watch_cpuid){W_PAGE, X_AT(2), X_AT(4)}},
	{"watch-mov-ss-nop", OF(watch_mov_ss_nop){RW_PAGE}},
	{"watch-mov-ss-cpuid", OF(watch_mov_ss_cpuid){RW_PAGE}, true},
	{"watch-mov-ss-cpuid-break", OF(watch_mov_ss_cpuid){RW_PAGE, X_AT(6)}, true},
	{"watch-mov-ss-rdmsr", OF(watch_mov_ss_rdmsr){RW_PAGE}, true},
	{"watch-mov-ss-vmcall", OF(watch_mov_ss_vmcall){RW_PAGE}},
};

static void on_break(struct perf_event *event, struct perf_sample_data *data, struct pt_regs *regs)
{
	long offset;

	if (run_offset(regs->ip, &offset))
		run_record(EVENT_BREAKPOINT, (unsigned long)event->overflow_handler_context, 0,
			   offset);
}

static struct perf_event *set_point(const struct snippet *snippet, const struct point *point,
				    unsigned long index)
{
	struct perf_event_attr attr;
	bool code = point->type == HW_BREAKPOINT_X;

	hw_breakpoint_init(&attr);
	attr.bp_addr = (code ? code_start(snippet) : (unsigned long)bf_page) + point->offset;
	attr.bp_len = code ? sizeof(long) : HW_BREAKPOINT_LEN_2;
	attr.bp_type = point->type;
	return perf_event_create_kernel_counter(&attr, smp_processor_id(), NULL, on_break,
						(void *)index);
}

static void probe_points(const char *name, const struct snippet *snippet,
			 const struct point *points)
{
	struct perf_event *events[POINTS_MAX];
	unsigned long count = 0;
	int ret = 0;

	for (; points[count].type != HW_BREAKPOINT_EMPTY; count++) {
		events[count] = set_point(snippet, &points[count], count);
		ret = PTR_ERR_OR_ZERO(events[count]);
		if (ret)
			break;
	}
	if (ret)
		report(name, "breakpoint %lu: %d", count, ret);
	else
		probe_with(name, snippet, standard_regs(), 0);
	while (count--)
		perf_event_release_kernel(events[count]);
}

void probe_breakpoints(void)
{
	size_t i;
	char name[64];

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		bool differs = cases[i].pends && boot_cpu_has(X86_FEATURE_SVM);

		snprintf(name, sizeof(name), "%s%s", differs ? "virt-" : "", cases[i].name);
		probe_points(name, &cases[i].snippet, cases[i].points);
	}
}
