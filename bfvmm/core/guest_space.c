/* SPDX-License-Identifier: MIT */
/* Address spaces of guests, and what is behind their addresses. */
#include <bfhw/hw.h>
#include <bfvmm/guest.h>
#include <bfvmm/msr.h>
#include <bfvmm/vcpu.h>

#define MARK_TRIES 64u

#define CANONICAL_4 47 /* highest address bit that is not a copy of the one below */
#define CANONICAL_5 56

/* The VMM runs without protection keys; the register is the guest's, and readable with them on. */
static uint32_t read_pkru(void)
{
	uint64_t cr4 = bf_hw_read_cr4();
	uint32_t pkru;

	bf_hw_write_cr4(cr4 | CR4_PKE);
	pkru = bf_hw_rdpkru();
	bf_hw_write_cr4(cr4);
	return pkru;
}

static void read_keys(struct bf_space *space)
{
	uint64_t pkrs = 0;

	space->pkru = space->pkrs = 0;
	if (!(space->efer & EFER_LMA))
		return;
	if (space->cr4 & CR4_PKE)
		space->pkru = read_pkru();
	if ((space->cr4 & CR4_PKS) && bf_hw_rdmsr_safe(MSR_IA32_PKRS, &pkrs))
		space->pkrs = (uint32_t)pkrs;
}

static bool uses_pae(const struct bf_space *space)
{
	return (space->cr0 & CR0_PG) && (space->cr4 & CR4_PAE) && !(space->efer & EFER_LMA);
}

void bf_space_of(struct bf_vcpu *vcpu, struct bf_space *space)
{
	space->vm = vcpu->vm;
	space->cr0 = bf_hv->get(vcpu, BF_CR0);
	space->cr3 = bf_hv->get(vcpu, BF_CR3);
	space->cr4 = bf_hv->get(vcpu, BF_CR4);
	space->efer = bf_hv->get(vcpu, BF_EFER);
	space->rflags = bf_hv->get(vcpu, BF_RFLAGS);
	space->cpl = (uint8_t)bf_hv->get(vcpu, BF_CPL);
	space->code64 = (space->efer & EFER_LMA) && (bf_hv->get(vcpu, BF_CS_ACCESS) & BF_AR_L);
	space->has_pdptes = uses_pae(space) && bf_hv->pdptes && bf_hv->pdptes(vcpu, space->pdpte);
	read_keys(space);
}

bool bf_space_canonical(const struct bf_space *space, uint64_t va)
{
	uint32_t shift = space->cr4 & CR4_LA57 ? CANONICAL_5 : CANONICAL_4;
	int64_t high = (int64_t)va >> shift;

	return !(space->efer & EFER_LMA) || high == 0 || high == -1;
}

static int fail(struct bf_guest_fault *fault, uint8_t vector, uint32_t error, uint64_t va)
{
	if (fault)
		*fault = (struct bf_guest_fault){
			.address = va, .error_code = error, .vector = vector};
	return BF_EFAULT;
}

/* A status of bf_guest_walk() as the guest sees it. */
static int walk_failed(const struct bf_space *space, uint64_t va, uint32_t access, int status,
		       struct bf_guest_fault *fault)
{
	uint32_t error = bf_guest_pf_error(space, access);

	if (status == BF_ENOENT)
		return fail(fault, BF_VECTOR_PF, error, va);
	if (status == BF_EINVAL)
		return fail(fault, BF_VECTOR_PF, error | BF_PF_PRESENT | BF_PF_RESERVED, va);
	(void)fail(fault, 0, 0, va);
	return status;
}

int bf_space_walk(const struct bf_space *space, uint64_t va, uint32_t access, struct bf_walk *walk,
		  struct bf_guest_fault *fault)
{
	uint32_t tries = 0, error;
	int status;

	if (!bf_space_canonical(space, va))
		return fail(fault, BF_VECTOR_GP, 0, va);
	do {
		status = bf_guest_walk(space, va, walk);
		if (status)
			return walk_failed(space, va, access, status, fault);
		error = bf_guest_denied(space, walk, access);
		if (error)
			return fail(fault, BF_VECTOR_PF, error, va);
		if (access & BF_GUEST_MARK)
			status = bf_guest_walk_mark(walk, access & BF_GUEST_WRITE);
	} while (status && ++tries < MARK_TRIES);
	if (status)
		(void)fail(fault, 0, 0, va);
	return status;
}

static uint32_t rights(const struct bf_space *space, const struct bf_walk *walk, uint32_t access)
{
	static const uint32_t kinds[] = {BF_GUEST_READ, BF_GUEST_WRITE, BF_GUEST_FETCH};
	uint32_t who = access & (BF_GUEST_AS_USER | BF_GUEST_AS_KERNEL | BF_GUEST_AS_CPU);
	uint32_t have = 0;

	for (uint32_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!bf_guest_denied(space, walk, who | kinds[i]))
			have |= kinds[i];
	return have;
}

int bf_space_translate(const struct bf_space *space, uint64_t gva, uint32_t access,
		       struct bf_translation *out, struct bf_guest_fault *fault)
{
	struct bf_walk walk;
	int status = bf_space_walk(space, gva, access, &walk, fault);

	if (status)
		return status;
	*out = (struct bf_translation){
		.gpa = walk.gpa,
		.page_bytes = walk.page_bytes,
		.rights = rights(space, &walk, access),
		.key = walk.key,
		.user = walk.all & BF_ENTRY_U,
	};
	return 0;
}
