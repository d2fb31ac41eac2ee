/* SPDX-License-Identifier: MIT */
/*
 * Ports from ring 3: refused without permission, and with it in every form. Port 0x80 takes the
 * firmware's progress codes and nothing listens to it afterwards.
 */
#include "cpu.h"
#include "probe.h"
#include "run.h"
#include "text.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/io.h>
#include <sys/time.h>

#define PORT           0x80
#define STI_ROUNDS_MAX 2000000ul

#define REFUSED(title, bytes)                                                                      \
	{                                                                                          \
		.name = title, .run = probe_insn, .rdx = PORT, .rcx = 3, CODE(bytes)               \
	}

#define ALLOWED(title, bytes, shown)                                                               \
	{                                                                                          \
		.name = title, .run = probe_allowed, .rdx = PORT, .rcx = 3, .show = (shown),       \
		CODE(bytes)                                                                        \
	}

static void probe_allowed(const struct probe *probe)
{
	/* Four ports, as a 32-bit access touches the four that follow each other. */
	if (ioperm(PORT, 4, 1)) {
		report(probe->name, "ioperm %s", errno_name(errno));
		return;
	}
	probe_insn(probe);
	ioperm(PORT, 4, 0);
}

static void probe_iopl(const struct probe *probe)
{
	if (iopl(3)) {
		report(probe->name, "iopl %s", errno_name(errno));
		return;
	}
	probe_insn(probe);
	iopl(0);
}

static volatile sig_atomic_t alarmed;

static void on_alarm(int number)
{
	(void)number;
	alarmed = 1;
}

/* Timer interrupts must get through a loop in which each exit is next to an interrupt shadow. */
static void probe_alarm_loop(const struct probe *probe)
{
	const struct itimerval soon = {.it_value = {.tv_usec = 20000}};
	const struct itimerval off = {.it_value = {0, 0}};
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_ONSTACK};
	struct regs regs = standard_regs();
	struct trace trace = {.ended = true};
	bool opened = probe->show && !iopl(3);

	alarmed = 0;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	for (unsigned long i = 0; i < STI_ROUNDS_MAX && !alarmed && trace.ended; i++)
		run(probe->code, probe->length, &regs, &trace);
	setitimer(ITIMER_REAL, &off, NULL);
	if (opened)
		iopl(0);
	report(probe->name, "%s%s", alarmed ? "delivered" : "lost",
	       trace.ended ? "" : " and refused");
}

#define WITH_IOPL 1

static const struct probe probes[] = {
	REFUSED("in-8-refused", "\xec"),
	REFUSED("in-32-refused", "\xed"),
	REFUSED("in-immediate-refused", "\xe4\x80"),
	REFUSED("out-8-refused", "\xee"),
	REFUSED("out-immediate-refused", "\xe6\x80"),
	REFUSED("insb-refused", "\x6c"),
	REFUSED("rep-outsb-refused", "\xf3\x6e"),
	REFUSED("cli-refused", "\xfa"),
	REFUSED("sti-refused", "\xfb"),
	ALLOWED("in-8", "\xec", 0),
	ALLOWED("in-16", "\x66\xed", 0),
	ALLOWED("in-32", "\xed", 0),
	ALLOWED("in-immediate", "\xe4\x80", 0),
	ALLOWED("out-8", "\xee", SHOW_RAX | SHOW_RDX),
	ALLOWED("out-16", "\x66\xef", SHOW_RAX | SHOW_RDX),
	ALLOWED("out-32", "\xef", SHOW_RAX | SHOW_RDX),
	ALLOWED("out-immediate", "\xe6\x80", SHOW_RAX),
	ALLOWED("insb", "\x6c", SHOW_RDI | SHOW_RCX),
	ALLOWED("rep-insb", "\xf3\x6c", SHOW_RDI | SHOW_RCX),
	ALLOWED("outsb", "\x6e", SHOW_RSI | SHOW_RCX),
	ALLOWED("rep-outsb", "\xf3\x6e", SHOW_RSI | SHOW_RCX),
	ALLOWED("rep-outsw", "\xf3\x66\x6f", SHOW_RSI | SHOW_RCX),
	ALLOWED("rep-outsd-32-bit-address", "\x67\xf3\x6f", SHOW_RSI | SHOW_RCX),
	/* std; rep outsb; cld. */
	ALLOWED("rep-outsb-backwards", "\xfd\xf3\x6e\xfc", SHOW_RSI | SHOW_RCX),
	/* RDI and RSI one byte before the page that nobody may touch. */
	ALLOWED("rep-insb-into-unmapped", "\x48\x81\xc7\xff\x1f\x00\x00\xf3\x6c", 0),
	ALLOWED("rep-outsb-from-unmapped", "\x48\x81\xc6\xff\x1f\x00\x00\xf3\x6e", 0),
	ALLOWED("outsd-beyond-permission", "\xba\x82\x00\x00\x00\x6f", 0),
	{.name = "iopl-sti-cpuid-cli", .run = probe_iopl, CODE("\xfb\x0f\xa2\xfa")},
	{.name = "iopl-cli-cpuid-sti-cpuid",
	 .run = probe_iopl,
	 CODE("\xfa\x31\xc0\x0f\xa2\xfb\x31\xc0\x0f\xa2")},
	{.name = "iopl-sti-rdtsc", .run = probe_iopl, CODE("\xfb\x0f\x31")},
	{.name = "iopl-out", .run = probe_iopl, .rdx = PORT, CODE("\xee")},
	{.name = "iopl-hlt", .run = probe_iopl, CODE("\xf4")},
	{.name = "alarm-in-sti-cpuid-cli",
	 .run = probe_alarm_loop,
	 .show = WITH_IOPL,
	 CODE("\xfb\x0f\xa2\xfa")},
	{.name = "alarm-in-cpuid", .run = probe_alarm_loop, CODE("\x31\xc0\x0f\xa2")},
	/* mov %ss,%eax; mov %eax,%ss; cpuid. */
	{.name = "alarm-in-mov-ss-cpuid",
	 .run = probe_alarm_loop,
	 CODE("\x8c\xd0\x8e\xd0\x0f\xa2")},
};

PROBE_GROUP(io);
