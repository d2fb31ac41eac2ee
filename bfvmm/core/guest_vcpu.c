/* SPDX-License-Identifier: MIT */
/* The memory of a vCPU, as it sees it now. */
#include <bfvmm/guest.h>
#include <bfvmm/vcpu.h>

int bf_guest_translate(struct bf_vcpu *vcpu, uint64_t gva, uint32_t access,
		       struct bf_translation *out, struct bf_guest_fault *fault)
{
	struct bf_space space;

	bf_space_of(vcpu, &space);
	return bf_space_translate(&space, gva, access, out, fault);
}

int bf_guest_read(struct bf_vcpu *vcpu, uint64_t gva, void *to, uint64_t bytes, uint32_t access,
		  struct bf_guest_fault *fault)
{
	struct bf_space space;

	bf_space_of(vcpu, &space);
	return bf_space_read(&space, gva, to, bytes, access, fault);
}

int bf_guest_write(struct bf_vcpu *vcpu, uint64_t gva, const void *from, uint64_t bytes,
		   uint32_t access, struct bf_guest_fault *fault)
{
	struct bf_space space;

	bf_space_of(vcpu, &space);
	return bf_space_write(&space, gva, from, bytes, access, fault);
}

uint32_t bf_guest_fetch(struct bf_vcpu *vcpu, uint64_t gva, void *to, uint32_t bytes,
			uint32_t access, struct bf_guest_fault *fault)
{
	struct bf_space space;

	bf_space_of(vcpu, &space);
	return bf_space_fetch(&space, gva, to, bytes, access, fault);
}

int bf_guest_map(struct bf_vcpu *vcpu, uint64_t gva, uint64_t bytes, uint32_t access, void **at,
		 struct bf_guest_fault *fault)
{
	struct bf_space space;
	struct bf_walk walk;
	int status;

	if ((gva & (BF_PAGE_SIZE - 1)) + bytes > BF_PAGE_SIZE)
		return BF_EINVAL;
	bf_space_of(vcpu, &space);
	status = bf_space_walk(&space, gva, access, &walk, fault);
	if (status)
		return status;
	status = bf_gpa_map(vcpu->vm, walk.gpa, bytes, at);
	if (status && fault)
		*fault = (struct bf_guest_fault){.address = gva};
	return status;
}

void bf_guest_unmap(struct bf_vcpu *vcpu, void *at)
{
	bf_gpa_unmap(vcpu->vm, at);
}

void bf_guest_fault_inject(struct bf_vcpu *vcpu, const struct bf_guest_fault *fault)
{
	if (fault->vector == BF_VECTOR_PF)
		(void)bf_hv->set(vcpu, BF_CR2, fault->address);
	bf_vcpu_inject_exception(vcpu, fault->vector, fault->error_code);
}
