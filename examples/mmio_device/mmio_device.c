/* SPDX-License-Identifier: MIT */
/*
 * A device that exists in the VMM alone: a page of guest-physical address space where there is
 * nothing. It adds up what is written to it. Option: base=ADDRESS, unless told 0xd0000000.
 *
 *   0x00  4 bytes  read        0x44464142, "BAFD"
 *   0x08  8 bytes  read, write the sum
 *   0x10  1 … 8    write       is added to the sum
 *   0x18  8 bytes  read        accesses so far, this one included
 *
 * Wherever else it is read it says 0, and writes do nothing.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bareframe/log.h>
#include <bareframe/s2.h>

#define REG_ID       0x00u
#define REG_SUM      0x08u
#define REG_ADD      0x10u
#define REG_ACCESSES 0x18u
#define ID           0x44464142u
#define BYTES        0x1000u

static uint64_t base, sum, accesses;

/* CPUs come here side by side, as to any device. */
static enum bf_verdict on_access(struct bf_vcpu *vcpu, struct bf_mmio *access, void *ctx)
{
	uint64_t count = __atomic_add_fetch(&accesses, 1, __ATOMIC_RELAXED);
	uint64_t reg = access->gpa - base;

	(void)vcpu;
	(void)ctx;
	if (access->write) {
		if (reg == REG_SUM)
			__atomic_store_n(&sum, access->value, __ATOMIC_RELAXED);
		else if (reg >= REG_ADD && reg < REG_ACCESSES)
			__atomic_fetch_add(&sum, access->value, __ATOMIC_RELAXED);
		return BF_SKIP;
	}
	access->value = reg == REG_ID         ? ID
			: reg == REG_SUM      ? __atomic_load_n(&sum, __ATOMIC_RELAXED)
			: reg == REG_ACCESSES ? count
					      : 0;
	return BF_SKIP;
}

static void on_stop(enum bf_life_event event, uint32_t cpu, void *ctx)
{
	(void)event;
	(void)cpu;
	(void)ctx;
	bf_info("mmio_device: %lu accesses, sum %lu", accesses, sum);
}

static int init(struct bf_ext *ext)
{
	int status;

	sum = accesses = 0;
	base = bf_option_number("base", 0xd0000000);
	if (base % BYTES) {
		bf_error("mmio_device: base=0x%lx is not a multiple of 0x%x", base, BYTES);
		return BF_EINVAL;
	}
	status = bf_hook_mmio(ext, BF_GPA(base, base + BYTES - 1), on_access, NULL, BF_PRIO_NORMAL,
			      NULL);
	return status ? status : bf_hook_event(ext, BF_LIFE_VMM_STOP, on_stop, NULL, NULL);
}

BF_EXTENSION(mmio_device, .version = "1.0", .license = "MIT", .init = init);
