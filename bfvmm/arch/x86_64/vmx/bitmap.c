/* SPDX-License-Identifier: MIT */
/*
 * MSR and I/O bitmaps. A change is made in a copy and then byte by byte in the bitmap that the CPUs
 * read, so that what exits before and after never fails to exit in between.
 */
#include <bfvmm/mem.h>
#include <bfvmm/msr.h>
#include <vmx/vmx.h>

/* The MSR bitmap has four parts of 1 KiB: reads of low and high MSRs, then writes. */
#define PART       1024u
#define READS      0u
#define WRITES     (2 * PART)
#define PART_MSRS  (8 * PART)
#define HIGH_FIRST 0xc0000000u
#define PORTS      0x10000u

/* Low MSRs whose writes exit always: they are not the guest's to write, see msr.c. */
static const uint32_t trapped_writes[] = {MSR_IA32_BIOS_UPDT_TRIG};

static void set(uint8_t *bitmap, uint32_t bit)
{
	bitmap[bit / 8] |= (uint8_t)(1u << bit % 8);
}

/* Bits of those in [base, base + count) that are in @range. */
static void set_range(uint8_t *bitmap, const struct bf_range *range, uint64_t base, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (base + i >= range->first && base + i <= range->last)
			set(bitmap, i);
}

static void copy(uint8_t *to, const uint8_t *from, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		if (to[i] != from[i])
			__atomic_store_n(&to[i], from[i], __ATOMIC_RELAXED);
}

static void base_writes(uint8_t *writes)
{
	for (uint32_t i = 0; i < sizeof(trapped_writes) / sizeof(trapped_writes[0]); i++)
		set(writes, trapped_writes[i]);
}

void bf_vmx_bitmaps_init(struct bf_vmx_vm *vm)
{
	base_writes(vm->msr + WRITES);
}

void bf_vmx_intercept_ranges(struct bf_vm *vm, enum bf_exit_reason reason, bf_range_next_fn next,
			     void *ctx)
{
	struct bf_vmx_vm *v = vm->arch;
	struct bf_range range;

	memset(v->fresh, 0, sizeof(v->fresh));
	if (reason == BF_EXIT_WRMSR)
		base_writes(v->fresh);
	while (next(ctx, &range)) {
		if (reason == BF_EXIT_IO) {
			set_range(v->fresh, &range, 0, PORTS);
			continue;
		}
		set_range(v->fresh, &range, 0, PART_MSRS);
		set_range(v->fresh + PART, &range, HIGH_FIRST, PART_MSRS);
	}
	if (reason == BF_EXIT_IO)
		copy(v->io, v->fresh, sizeof(v->io));
	else
		copy(v->msr + (reason == BF_EXIT_WRMSR ? WRITES : READS), v->fresh, 2 * PART);
}
