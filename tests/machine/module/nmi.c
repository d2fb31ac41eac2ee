/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* NMIs that the CPU sends to itself: each arrives, also between instructions that exit. */
#include <linux/compiler.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/smp.h>
#include <asm/apic.h>
#include <asm/irq_vectors.h>
#include <asm/nmi.h>
#include "bf_probe.h"

#define SENT    100
#define WAIT_US 1000

static unsigned int expected, arrived;

static int on_nmi(unsigned int type, struct pt_regs *regs)
{
	if (READ_ONCE(arrived) == READ_ONCE(expected))
		return NMI_DONE;
	WRITE_ONCE(arrived, arrived + 1);
	return NMI_HANDLED;
}

/* CPUID in the wait, so that an NMI often hits while a hypervisor handles an exit. */
static void send_nmi(bool with_cpuid)
{
	unsigned int waited;

	WRITE_ONCE(expected, expected + 1);
	apic->send_IPI(smp_processor_id(), NMI_VECTOR);
	for (waited = 0; waited < WAIT_US && READ_ONCE(arrived) != expected; waited++) {
		if (with_cpuid)
			cpuid_eax(0);
		else
			udelay(1);
	}
}

static void probe_sent(const char *name, bool with_cpuid)
{
	unsigned long flags;
	unsigned int i;

	expected = arrived = 0;
	local_irq_save(flags);
	for (i = 0; i < SENT; i++)
		send_nmi(with_cpuid);
	local_irq_restore(flags);
	report(name, "%u of %u", arrived, SENT);
	expected = arrived;
}

void probe_nmi(void)
{
	if (register_nmi_handler(NMI_LOCAL, on_nmi, 0, "bf_probe")) {
		report("nmi", "no handler");
		return;
	}
	probe_sent("nmi_self", false);
	probe_sent("nmi_self_cpuid", true);
	unregister_nmi_handler(NMI_LOCAL, "bf_probe");
}
