/* SPDX-License-Identifier: MIT */
/*
 * The data that extensions keep for each VM and each vCPU: one block a VM, one a vCPU, in which
 * every extension has a part at an offset that it was given at its init.
 */
#include <stddef.h>
#include <bfvmm/hooks.h>
#include <bfvmm/mem.h>

#define LINE      64u         /* parts share no cache line */
#define BYTES_MAX (64u << 20) /* of one part, and of a block */

static uint64_t vm_bytes, vcpu_bytes;

void bf_ext_data_reset(void)
{
	vm_bytes = 0;
	vcpu_bytes = 0;
}

static int declare(struct bf_ext_part *part, uint64_t *block, uint64_t bytes)
{
	if (!bytes || bytes > BYTES_MAX)
		return BF_EINVAL;
	if (bf_control_vm)
		return BF_ESTATE;
	if (part->bytes)
		return BF_EEXIST;
	if (*block + bytes > BYTES_MAX)
		return BF_ENOMEM;
	*part = (struct bf_ext_part){.offset = *block, .bytes = bytes};
	*block += (bytes + LINE - 1) & ~(uint64_t)(LINE - 1);
	return 0;
}

int bf_ext_vm_data(struct bf_ext *ext, uint64_t bytes)
{
	return ext ? declare(&ext->vm_data, &vm_bytes, bytes) : BF_EINVAL;
}

int bf_ext_vcpu_data(struct bf_ext *ext, uint64_t bytes)
{
	return ext ? declare(&ext->vcpu_data, &vcpu_bytes, bytes) : BF_EINVAL;
}

static void *part_of(const struct bf_ext_part *part, void *block)
{
	return part->bytes && block ? (char *)block + part->offset : NULL;
}

void *bf_vm_data(const struct bf_ext *ext, const struct bf_vm *vm)
{
	return part_of(&ext->vm_data, vm->ext_data);
}

void *bf_vcpu_data(const struct bf_ext *ext, const struct bf_vcpu *vcpu)
{
	return part_of(&ext->vcpu_data, vcpu->ext_data);
}

static uint32_t pages(uint64_t bytes)
{
	return (uint32_t)((bytes + BF_PAGE_SIZE - 1) / BF_PAGE_SIZE);
}

static int allocate(void **block, uint64_t bytes)
{
	*block = bytes ? bf_pages_alloc(pages(bytes)) : NULL;
	return bytes && !*block ? BF_ENOMEM : 0;
}

int bf_ext_data_make_vm(struct bf_vm *vm)
{
	return allocate(&vm->ext_data, vm_bytes);
}

int bf_ext_data_make_vcpu(struct bf_vcpu *vcpu)
{
	return allocate(&vcpu->ext_data, vcpu_bytes);
}

void bf_ext_data_free_vm(struct bf_vm *vm)
{
	bf_pages_free(vm->ext_data, pages(vm_bytes));
	vm->ext_data = NULL;
}
