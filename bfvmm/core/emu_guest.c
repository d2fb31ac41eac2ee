/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <bareframe/guest.h>
#include <bareframe/log.h>
#include <bfvmm/defaults.h>
#include <bfvmm/emu_guest.h>
#include <bfvmm/mem.h>
#include <bfvmm/vcpu.h>

static int failed(struct bf_emu_access *access, int status, const struct bf_guest_fault *fault)
{
	if (status == BF_EFAULT)
		access->fault = (struct bf_emu_fault){
			.vector = fault->vector,
			.has_error = true,
			.error_code = fault->error_code,
			.address = fault->address,
		};
	return status;
}

static uint32_t rights(const struct bf_emu_access *access)
{
	return access->write ? BF_GUEST_READ | BF_GUEST_WRITE : BF_GUEST_READ;
}

/* The pages of both ends: an access lies in two at most. */
int bf_emu_guest_check(void *ctx, struct bf_emu_access *access)
{
	struct bf_vcpu *vcpu = ((struct bf_emu_guest *)ctx)->vcpu;
	const uint64_t ends[] = {access->va, access->va + access->size - 1};
	struct bf_guest_fault fault;
	struct bf_translation to;
	int status = 0;

	for (uint32_t i = 0; i < 2 && !status; i++)
		status = bf_guest_translate(vcpu, ends[i], rights(access), &to, &fault);
	return failed(access, status, &fault);
}

int bf_emu_guest_read(void *ctx, struct bf_emu_access *access)
{
	struct bf_vcpu *vcpu = ((struct bf_emu_guest *)ctx)->vcpu;
	struct bf_guest_fault fault;

	access->value[0] = access->value[1] = 0;
	return failed(access,
		      bf_guest_read(vcpu, access->va, access->value, access->size,
				    rights(access) | BF_GUEST_MARK, &fault),
		      &fault);
}

static bool exchange(void *at, const struct bf_emu_access *a)
{
	uint64_t expected = a->expected[0], value = a->value[0];

	switch (a->size) {
	case 1:
		return __sync_bool_compare_and_swap((uint8_t *)at, expected, value);
	case 2:
		return __sync_bool_compare_and_swap((uint16_t *)at, expected, value);
	case 4:
		return __sync_bool_compare_and_swap((uint32_t *)at, expected, value);
	default:
		return __sync_bool_compare_and_swap((uint64_t *)at, expected, value);
	}
}

/* Locked accesses to one aligned word: others are as good as never used on memory. */
static int write_locked(struct bf_vcpu *vcpu, struct bf_emu_access *access)
{
	struct bf_guest_fault fault;
	bool done;
	void *at;
	int status;

	if (access->size > 8 || access->va % access->size)
		return BF_ENOTSUP;
	status = bf_guest_map(vcpu, access->va, access->size, rights(access) | BF_GUEST_MARK, &at,
			      &fault);
	if (status)
		return failed(access, status, &fault);
	done = exchange(at, access);
	bf_guest_unmap(vcpu, at);
	return done ? 0 : BF_EMU_AGAIN;
}

int bf_emu_guest_write(void *ctx, struct bf_emu_access *access)
{
	struct bf_vcpu *vcpu = ((struct bf_emu_guest *)ctx)->vcpu;
	struct bf_guest_fault fault;

	if (access->locked)
		return write_locked(vcpu, access);
	return failed(access,
		      bf_guest_write(vcpu, access->va, access->value, access->size, BF_GUEST_MARK,
				     &fault),
		      &fault);
}

static void complain(struct bf_vcpu *vcpu, int status)
{
	uint8_t bytes[15] = {0};
	uint64_t rip = bf_hv->get(vcpu, BF_RIP), low, high;

	(void)bf_guest_fetch(vcpu, bf_hv->get(vcpu, BF_CS_BASE) + rip, bytes, sizeof(bytes), 0,
			     NULL);
	memcpy(&low, bytes, 8);
	memcpy(&high, bytes + 7, 8);
	bf_error("vCPU %u: an instruction at RIP 0x%lx cannot be emulated (error %d); its bytes "
		 "from the last to the first: %016lx %016lx",
		 vcpu->index, rip, status, high >> 8, low);
}

enum bf_verdict bf_emu_guest_end(const struct bf_emu_guest *guest, const struct bf_emu *emu,
				 int status)
{
	enum bf_verdict verdict = bf_emu_verdict(guest->vcpu, emu, status);

	if (verdict != BF_PASS)
		return verdict;
	complain(guest->vcpu, status);
	return bf_raise_gp(guest->vcpu);
}
