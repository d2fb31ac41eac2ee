/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What instructions that exit leave of the general registers and of RFLAGS. */
#include <linux/kernel.h>
#include <linux/string.h>
#include "bf_probe.h"

/* All of RFLAGS that can be set here and does not trap: CF PF AF ZF SF DF OF NT AC ID. */
#define FLAGS_ON  "push $0x244cd7; popfq\n"
#define FLAGS_OFF "push $2; popfq\n"

#define SNIPPETS(X)                                                                                \
	X(keeps_cpuid, 0, FLAGS_ON "cpuid")                                                        \
	X(keeps_cpuid_flags_off, 0, FLAGS_OFF "cpuid")                                             \
	X(keeps_cpuid_hypervisor, 0, FLAGS_ON "mov $0x40000000, %eax; cpuid")                      \
	X(keeps_rdmsr, 0, FLAGS_ON "mov $0x12345678, %ecx; rdmsr")                                 \
	X(keeps_rdmsr_listed, 0, FLAGS_ON "mov $0x1b, %ecx; rdmsr")                                \
	X(keeps_wrmsr, 0, FLAGS_ON "mov $0x12345678, %ecx; wrmsr")                                 \
	X(keeps_xsetbv, 0, "xor %ecx, %ecx; xgetbv\n" FLAGS_ON "xsetbv")                           \
	X(keeps_wbinvd, 0, FLAGS_ON "wbinvd")                                                      \
	X(keeps_vmcall, 0, FLAGS_ON "vmcall")                                                      \
	X(keeps_vmmcall, 0, FLAGS_ON "vmmcall")                                                    \
	X(keeps_clgi, 0, FLAGS_ON "clgi")                                                          \
	X(keeps_read_cr4, 0, FLAGS_ON "mov %cr4, %rax")                                            \
	X(keeps_write_cr4, 0, "mov %cr4, %rax\n" FLAGS_ON "mov %rax, %cr4")

SNIPPETS(SNIPPET)
static const struct snippet snippets[] = {SNIPPETS(SNIPPET_OF)};

static const char *others(const struct regs *after)
{
	struct regs expected = standard_regs();

	expected.rax = after->rax;
	expected.rbx = after->rbx;
	expected.rcx = after->rcx;
	expected.rdx = after->rdx;
	expected.rflags = after->rflags;
	return memcmp(&expected, after, sizeof(expected)) ? "lost" : "kept";
}

void probe_registers(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(snippets); i++) {
		struct regs regs = standard_regs();
		struct trace trace;

		run(&snippets[i], &regs, &trace);
		if (trace.count)
			report(snippets[i].id, "vector %u, others %s", trace.events[0].vector,
			       others(&regs));
		else
			report(snippets[i].id, "rbx %s, others %s, rflags=%#llx",
			       regs.rbx == standard_regs().rbx ? "kept" : "other", others(&regs),
			       regs.rflags);
	}
}
