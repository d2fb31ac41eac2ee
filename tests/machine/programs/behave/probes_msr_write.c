/* SPDX-License-Identifier: MIT */
/*
 * WRMSR in ring 0: the value that is there already, and values that must fault. Emulators accept
 * some of these, so that each is one the machine can live with until the old value is back.
 */
#include "msr.h"
#include "probe.h"
#include "text.h"

#include <inttypes.h>

#define NOT_CANONICAL 0x8000000000000000ull

/* How the value to write follows from the value read. */
enum change {
	SAME,
	SET,     /* set these bits */
	REPLACE, /* write this value */
};

struct msr_write {
	const char *name;
	uint32_t number;
	enum change change;
	uint64_t operand;
};

static const struct msr_write writes[] = {
	{"wrmsr-apic-base-same", 0x1b, SAME, 0},
	{"wrmsr-apic-base-reserved", 0x1b, SET, 0x2},
	{"wrmsr-misc-enable-same", 0x1a0, SAME, 0},
	{"wrmsr-sysenter-cs-same", 0x174, SAME, 0},
	{"wrmsr-sysenter-esp-same", 0x175, SAME, 0},
	{"wrmsr-sysenter-eip-same", 0x176, SAME, 0},
	{"wrmsr-sysenter-esp-not-canonical", 0x175, REPLACE, NOT_CANONICAL},
	{"wrmsr-sysenter-eip-not-canonical", 0x176, REPLACE, NOT_CANONICAL},
	{"wrmsr-debugctl-same", 0x1d9, SAME, 0},
	{"wrmsr-debugctl-reserved", 0x1d9, SET, 0x8000000000000000ull},
	{"wrmsr-pat-same", 0x277, SAME, 0},
	{"wrmsr-pat-bad-type", 0x277, REPLACE, 0x0007040600070402ull},
	{"wrmsr-pat-reserved", 0x277, SET, 0xf8ull << 56},
	{"wrmsr-mtrr-default-same", 0x2ff, SAME, 0},
	{"wrmsr-mtrr-default-bad-type", 0x2ff, REPLACE, 0xc02},
	{"wrmsr-mtrr-cap", 0xfe, SAME, 0},
	{"wrmsr-mtrr-absent", 0x22e, REPLACE, 0},
	{"wrmsr-efer-same", 0xc0000080, SAME, 0},
	{"wrmsr-efer-reserved", 0xc0000080, SET, 0x4},
	{"wrmsr-efer-reserved-high", 0xc0000080, SET, 0x8000000000000000ull},
	{"virt-wrmsr-efer-svme", 0xc0000080, SET, 0x1000},
	{"wrmsr-star-same", 0xc0000081, SAME, 0},
	{"wrmsr-lstar-same", 0xc0000082, SAME, 0},
	{"wrmsr-fmask-same", 0xc0000084, SAME, 0},
	{"wrmsr-kernel-gs-base-same", 0xc0000102, SAME, 0},
	{"wrmsr-kernel-gs-base-not-canonical", 0xc0000102, REPLACE, NOT_CANONICAL},
	{"wrmsr-tsc-aux-same", 0xc0000103, SAME, 0},
	{"wrmsr-tsc-aux-upper", 0xc0000103, SET, 0x100000000ull},
	{"wrmsr-pred-cmd-reserved", 0x49, REPLACE, 0x8000000000000000ull},
	{"wrmsr-x2apic-while-xapic", 0x80b, REPLACE, 0},
	{"virt-wrmsr-feature-control-same", 0x3a, SAME, 0},
	{"virt-wrmsr-vmx-basic-same", 0x480, SAME, 0},
	{"virt-wrmsr-vm-cr-same", 0xc0010114, SAME, 0},
	{"virt-wrmsr-vm-hsave-same", 0xc0010117, SAME, 0},
	{"wrmsr-unimplemented-low", 0x1ffe, REPLACE, 0x1234},
	{"wrmsr-beyond-low", 0x2000, REPLACE, 0x1234},
	{"wrmsr-unimplemented-between", 0x12345678, REPLACE, 0x1234},
	{"wrmsr-hypervisor-range", 0x40000000, REPLACE, 0},
	{"wrmsr-kvm-range", 0x4b564d00, REPLACE, 0},
	{"wrmsr-beyond-high", 0xc0002000, REPLACE, 0x1234},
	{"wrmsr-beyond-amd", 0xc0012000, REPLACE, 0x1234},
	{"wrmsr-max", 0xffffffff, REPLACE, 0x1234},
};

static uint64_t changed(const struct msr_write *w, uint64_t old)
{
	switch (w->change) {
	case SET:
		return old | w->operand;
	case REPLACE:
		return w->operand;
	default:
		return old;
	}
}

/* Says whether the write went through and whether it changed what is read back. */
static void try_write(const struct msr_write *w)
{
	uint64_t old, now, value;
	int no_read = msr_read(w->number, &old);
	int error;

	value = changed(w, old);
	error = msr_write(w->number, value);
	if (error) {
		report(w->name, "%s", errno_name(-error));
		return;
	}
	if (no_read) {
		report(w->name, "ok, unreadable");
		return;
	}
	msr_read(w->number, &now);
	if (now != old)
		msr_write(w->number, old);
	report(w->name, "ok, reads %s", now == old ? "as before" : now == value ? "new" : "other");
}

static void probe_writes(const struct probe *probe)
{
	int device = msr_device();

	if (device < 0) {
		report(probe->name, "no device: %s", errno_name(-device));
		return;
	}
	for (unsigned int i = 0; i < sizeof(writes) / sizeof(writes[0]); i++)
		try_write(&writes[i]);
}

static const struct probe probes[] = {
	{.name = "msr-write-list", .run = probe_writes},
};

PROBE_GROUP(msr_write);
