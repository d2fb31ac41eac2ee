/* SPDX-License-Identifier: MIT */
/* The same in 32-bit code: other instructions, other lengths, and EIP ends at 4 GiB. */
#include "probe.h"
#include "run.h"
#include "text.h"

#include <string.h>
#include <sys/mman.h>

#define COMPAT(title, bytes)                                                                       \
	{                                                                                          \
		.name = title, .run = probe_compat, CODE(bytes)                                    \
	}

/* pushf; orl $TF,(%esp); popf. The code after it is stepped to its end. */
#define TF_ON "\x9c\x81\x0c\x24\x00\x01\x00\x00\x9d"

#define LAST_PAGE ((uint8_t *)0xfffff000ul)

static void report_compat(const struct probe *probe, const struct regs *regs,
			  const struct trace *trace)
{
	struct text text = {0};

	text_add_trace(&text, trace);
	if (trace->count)
		text_add(&text, " cs=%#x", trace->events[trace->count - 1].cs);
	if (trace->ended)
		text_add_regs(&text, regs, probe->show);
	report(probe->name, "%s", text.bytes);
}

static void probe_compat(const struct probe *probe)
{
	struct regs regs = standard_regs();
	struct trace trace;

	memset(ARENA_DATA, 0, 2 * PAGE);
	regs.rax = 0;
	run_compat(probe->code, probe->length, &regs, &trace);
	report_compat(probe, &regs, &trace);
}

/* Runs code in the last bytes below 4 GiB; what follows it is address zero, which is not mapped. */
static void run_at_end(uint8_t *page, const char *code, unsigned int length, struct regs *regs,
		       struct trace *trace)
{
	memcpy(page + PAGE - length, code, length);
	regs->rax = 0;
	regs->rbx = 0u - length;
	/* jmp *%ebx. */
	run_compat("\xff\xe3", 2, regs, trace);
}

/* Bochs 2.7 shows 4 GiB, not 0, as the address after the last instruction, whatever that is. */
static bool machine_wraps(uint8_t *page)
{
	struct regs regs = standard_regs();
	struct trace trace;

	run_at_end(page, "\x90", 1, &regs, &trace);
	return trace.count && !trace.events[0].rip;
}

static void probe_wrap(const struct probe *probe)
{
	uint8_t *page = mmap(LAST_PAGE, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	struct regs regs = standard_regs();
	struct trace trace;
	bool wraps;

	if (page != LAST_PAGE) {
		report(probe->name, "no memory");
		return;
	}
	wraps = machine_wraps(page);
	run_at_end(page, probe->code, probe->length, &regs, &trace);
	for (unsigned int i = 0; !wraps && i < trace.count; i++)
		trace.events[i].rip = (uint32_t)trace.events[i].rip;
	report_compat(probe, &regs, &trace);
	munmap(page, PAGE);
}

static const struct probe probes[] = {
	{.name = "compat-cpuid",
	 .run = probe_compat,
	 .show = SHOW_RAX | SHOW_RBX | SHOW_RCX | SHOW_RDX,
	 CODE("\x0f\xa2")},
	COMPAT("compat-cpuid-66", "\x66\x0f\xa2"),
	COMPAT("compat-cpuid-14-prefixes",
	       "\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x0f\xa2"),
	/* What is a REX prefix in 64-bit code is DEC EAX here; leaf -1 then, so go on to leaf 0. */
	COMPAT("compat-dec-cpuid", "\x40\x48\x0f\xa2"),
	COMPAT("compat-cpuid-step", TF_ON "\x0f\xa2\x90"),
	COMPAT("compat-pop-ss-cpuid-step", "\x16" TF_ON "\x17\x0f\xa2\x90\x90"),
	COMPAT("compat-mov-ss-cpuid-step", "\x8c\xd0" TF_ON "\x8e\xd0\x0f\xa2\x90\x90"),
	COMPAT("compat-vmcall", "\x0f\x01\xc1"),
	COMPAT("compat-vmmcall", "\x0f\x01\xd9"),
	COMPAT("compat-vmxoff", "\x0f\x01\xc4"),
	COMPAT("compat-invept", "\x66\x0f\x38\x80\x07"),
	COMPAT("compat-vmrun", "\x0f\x01\xd8"),
	COMPAT("compat-invd", "\x0f\x08"),
	COMPAT("compat-rdmsr", "\x0f\x32"),
	COMPAT("compat-xsetbv", "\x0f\x01\xd1"),
	COMPAT("compat-hlt", "\xf4"),
	COMPAT("compat-rdtsc", "\x0f\x31"),
	/* mov $0x7f,%al; add $1,%al sets OF. */
	COMPAT("compat-into", "\xb0\x7f\x04\x01\xce"),
	COMPAT("compat-into-clear", "\x31\xc0\xce"),
	/* bound %eax,(%esi) with bounds 0..0: zero is inside, one is not. */
	COMPAT("compat-bound-inside", "\x31\xc0\x62\x06"),
	COMPAT("compat-bound-outside", "\x31\xc0\x40\x62\x06"),
	COMPAT("compat-int80-getpid", "\x31\xc0\xb0\x14\xcd\x80"),
	COMPAT("compat-sldt", "\x0f\x00\xc0"),
	COMPAT("compat-out-refused", "\xe6\x80"),
	{.name = "compat-cpuid-wrap", .run = probe_wrap, CODE("\x0f\xa2")},
	{.name = "compat-rdtsc-wrap", .run = probe_wrap, CODE("\x0f\x31")},
	{.name = "compat-vmcall-at-end", .run = probe_wrap, CODE("\x0f\x01\xc1")},
};

PROBE_GROUP(compat);
