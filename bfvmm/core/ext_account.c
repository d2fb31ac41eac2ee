/* SPDX-License-Identifier: MIT */
/* What extensions have done and taken, as the control VM is told. */
#include <stddef.h>
#include <bfhw/hw.h>
#include <bfvmm/hooks.h>

/* The page is the control VM's, which may write to it meanwhile: nothing is read from it here. */
static void copy_name(char *to, const char *name)
{
	for (uint32_t i = 0; i < BF_EXT_NAME; i++) {
		to[i] = i + 1 < BF_EXT_NAME ? *name : '\0';
		name += *name != '\0';
	}
}

/* Other CPUs count on: what is read is a moment old, no more. */
static void account(const struct bf_ext *ext, uint32_t cpus, struct bf_ext_record *record)
{
	uint64_t calls = 0, cycles = 0;

	for (uint32_t i = 0; ext->stats && i < cpus; i++) {
		calls += __atomic_load_n(&ext->stats[i].calls, __ATOMIC_RELAXED);
		cycles += __atomic_load_n(&ext->stats[i].cycles, __ATOMIC_RELAXED);
	}
	copy_name(record->name, ext->descriptor->name);
	record->state = ext->disabled ? BF_EXT_DISABLED : BF_EXT_ACTIVE;
	record->hooks = ext->hooks;
	record->calls = calls;
	record->timed_cycles = cycles;
}

static uint64_t cycles_under_vmm(const struct bf_vm *vm, uint64_t now)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < vm->vcpu_count; i++) {
		const struct bf_vcpu *vcpu = vm->vcpu[i];

		if (vcpu)
			sum += vcpu->ran + (vcpu->pcpu ? now - vcpu->entered : 0);
	}
	return sum;
}

uint32_t bf_ext_account(const struct bf_vm *vm, uint32_t first, struct bf_ext_page *page)
{
	uint32_t total = 0, count = 0;

	for (const struct bf_ext *ext = bf_extensions(); ext; ext = ext->next, total++)
		if (total >= first && count < BF_EXT_PAGE_RECORDS)
			account(ext, vm->vcpu_count, &page->record[count++]);
	page->count = count;
	page->total = total;
	page->timed_exits = BF_TIMED_EXITS;
	page->cpu_cycles = cycles_under_vmm(vm, bf_hw_rdtsc());
	return count;
}
