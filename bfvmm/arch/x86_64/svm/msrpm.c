/* SPDX-License-Identifier: MIT */
/*
 * The MSR permission map (APM volume 2, 15.11): two bits an MSR, read below write, in three
 * ranges of 8192. MSRs outside of them always exit.
 */
#include <bfvmm/mem.h>
#include <bfvmm/msr.h>
#include <svm/svm.h>

#define READ  1u
#define WRITE 2u

#define RANGE_BYTES 0x800u
#define ALL_READS   0x55
#define ALL_WRITES  0xaa

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

		if (index < 4 * RANGE_BYTES)
			map[i * RANGE_BYTES + index / 4] |= (uint8_t)(access << 2 * (index % 4));
	}
}

void bf_svm_msrpm_init(struct bf_svm_vm *vm)
{
	static const uint8_t fill[4] = {
		[BF_SVM_ALL_READS] = ALL_READS,
		[BF_SVM_ALL_WRITES] = ALL_WRITES,
		[BF_SVM_ALL_READS | BF_SVM_ALL_WRITES] = ALL_READS | ALL_WRITES,
	};

	for (uint32_t map = 0; map < 4; map++) {
		memset(vm->msrpm[map], fill[map], BF_SVM_MSRPM_BYTES);
		for (uint32_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
			set(vm->msrpm[map], needed[i].msr, needed[i].access);
	}
}
