/* SPDX-License-Identifier: MIT */
/* Guest-physical memory: whose it is, and how the VMM gets there. */
#include <bfhw/phys.h>
#include <bfvmm/guest.h>
#include <bfvmm/ram.h>
#include <bfvmm/s2.h>
#include <bfvmm/vcpu.h>

#define LOW_RAM 0x100000u

static bool is_ram(uint64_t pa, uint64_t bytes)
{
	if (pa >= LOW_RAM && pa < bf_ram_low_end && bytes <= bf_ram_low_end - pa)
		return true;
	return bf_phys_is_ram(pa, bytes);
}

/* What the VMM has put into the tables of another VM is that VM's. */
static int by_tables(const struct bf_vm *vm, uint64_t gpa, uint64_t *hpa)
{
	const struct bf_s2_format *format = bf_hv->s2_format();
	uint32_t level;
	uint64_t entry = format && vm->s2_root ? bf_s2_lookup(vm, gpa, &level) : 0;

	if (!entry)
		return BF_EDEVICE;
	*hpa = format->address(entry, level) + (gpa & ((BF_PAGE_SIZE << 9 * (level - 1)) - 1));
	return 0;
}

/*
 * The control VM's addresses are the machine's, whatever its second-level tables say: they keep
 * it off pages and show it others in their place, which is no reason for its memory to move.
 */
static int find(const struct bf_vm *vm, uint64_t gpa, uint64_t bytes, uint64_t *hpa)
{
	int status = 0;

	*hpa = gpa;
	if (vm->id)
		status = by_tables(vm, gpa, hpa);
	if (!status && !is_ram(*hpa, bytes))
		status = BF_EDEVICE;
	if (!status && !vm->id && bf_phys_owned(gpa, bytes) != BF_OWNED_NONE)
		status = BF_EPERM;
	return status;
}

int bf_guest_memory(const struct bf_vm *vm, uint64_t gpa, uint64_t bytes, void **at)
{
	uint64_t hpa;
	int status = find(vm, gpa, bytes, &hpa);

	if (!status)
		*at = bf_phys_to_virt(hpa);
	return status;
}

int bf_gpa_to_hpa(struct bf_vm *vm, uint64_t gpa, uint64_t *hpa)
{
	return find(vm, gpa, 1, hpa);
}

int bf_gpa_map(struct bf_vm *vm, uint64_t gpa, uint64_t bytes, void **at)
{
	if (!bytes || (gpa & (BF_PAGE_SIZE - 1)) + bytes > BF_PAGE_SIZE || bytes > BF_PAGE_SIZE)
		return BF_EINVAL;
	return bf_guest_memory(vm, gpa, bytes, at);
}

/* All RAM is mapped all the time. */
void bf_gpa_unmap(struct bf_vm *vm, void *at)
{
	(void)vm;
	(void)at;
}
