/* SPDX-License-Identifier: MIT */
/*
 * The permission maps (APM volume 2, 15.10 and 15.11). MSRs: two bits each, read below write, in
 * three ranges of 8192; others always exit. Ports: a bit each, and three more for accesses that
 * begin at the last ports.
 *
 * A change is made in a copy and then byte by byte in the map that the CPUs read, so that what
 * exits before and after never fails to exit in between.
 */
#include <bfvmm/mem.h>
#include <bfvmm/msr.h>
#include <svm/svm.h>

#define READ  1u
#define WRITE 2u

#define RANGE_BYTES 0x800u
#define RANGE_MSRS  (4 * RANGE_BYTES)
#define ALL_READS   0x55
#define ALL_WRITES  0xaa
#define PORTS       0x10000u

static const struct {
	uint32_t msr, access;
} needed[] = {
	{MSR_IA32_EFER, READ | WRITE},   /* SVME is ours */
	{MSR_VM_CR, READ | WRITE},       /* SVM looks disabled */
	{MSR_VM_HSAVE_PA, READ | WRITE}, /* the VMM's is live */
	{MSR_PATCH_LOADER, WRITE},       /* microcode is for the VMM's world to load */
};

static const uint32_t range_base[] = {0x00000000, 0xc0000000, 0xc0010000};

static void set(uint8_t *map, uint32_t msr, uint32_t access)
{
	for (uint32_t i = 0; i < 3; i++) {
		uint32_t index = msr - range_base[i];

		if (index < RANGE_MSRS)
			map[i * RANGE_BYTES + index / 4] |= (uint8_t)(access << 2 * (index % 4));
	}
}

/* What the backend needs of @access. */
static void base(uint8_t *map, uint32_t access)
{
	for (uint32_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		set(map, needed[i].msr, needed[i].access & access);
}

static void set_msrs(uint8_t *map, const struct bf_range *range, uint32_t access)
{
	for (uint32_t i = 0; i < 3; i++)
		for (uint64_t index = 0; index < RANGE_MSRS; index++) {
			uint64_t msr = range_base[i] + index;

			if (msr >= range->first && msr <= range->last)
				set(map, (uint32_t)msr, access);
		}
}

static void set_ports(uint8_t *map, const struct bf_range *range)
{
	for (uint64_t port = range->first; port <= range->last && port < PORTS; port++)
		map[port / 8] |= (uint8_t)(1u << port % 8);
}

/* Replaces the bits of @mask in each byte. */
static void publish(uint8_t *map, const uint8_t *fresh, uint32_t bytes, uint8_t mask)
{
	for (uint32_t i = 0; i < bytes; i++) {
		uint8_t value = (uint8_t)((map[i] & ~mask) | fresh[i]);

		if (value != map[i])
			__atomic_store_n(&map[i], value, __ATOMIC_RELAXED);
	}
}

void bf_svm_maps_init(struct bf_svm_vm *vm)
{
	base(vm->msrpm, READ | WRITE);
}

void bf_svm_intercept_ranges(struct bf_vm *vm, enum bf_exit_reason reason, bf_range_next_fn next,
			     void *ctx)
{
	struct bf_svm_vm *maps = vm->arch;
	uint32_t access = reason == BF_EXIT_WRMSR ? WRITE : READ;
	struct bf_range range;

	memset(maps->fresh, 0, sizeof(maps->fresh));
	if (reason == BF_EXIT_IO) {
		while (next(ctx, &range))
			set_ports(maps->fresh, &range);
		publish(maps->iopm, maps->fresh, BF_SVM_IOPM_BYTES, 0xff);
		return;
	}
	base(maps->fresh, access);
	while (next(ctx, &range))
		set_msrs(maps->fresh, &range, access);
	publish(maps->msrpm, maps->fresh, BF_SVM_MSRPM_BYTES,
		access == WRITE ? ALL_WRITES : ALL_READS);
}
